import { numberText, t } from "../i18n.ts";
import type { WidgetProps } from "./draft.ts";
import { optionText } from "./options.tsx";

/** A scale of many steps: a slider, with a button at either side for a step. Nothing is chosen before it is touched. */
export function Slider({ schema, draft, onChange, question }: WidgetProps) {
  const { min = 1, max = 5, labels: steps } = schema;
  const chosen = typeof draft === "number" ? draft : null;
  const middle = Math.floor((min + max) / 2);
  const step = (by: number): void => onChange(chosen === null ? middle : Math.max(min, Math.min(max, chosen + by)));
  const nameOf = (value: number): string => {
    const name = steps?.[value - min];
    return name === undefined ? numberText(value) : `${numberText(value)} · ${optionText(new Map(), name)}`;
  };
  return (
    <div class="slider">
      <output class="slider-value">{chosen === null ? t("slider.untouched") : nameOf(chosen)}</output>
      <div class="slider-row">
        <button type="button" class="button step" aria-label={t("number.less")} onClick={() => step(-1)}>
          −
        </button>
        <input
          type="range"
          class={chosen === null ? "slider-untouched" : ""}
          aria-label={question}
          aria-valuetext={chosen === null ? t("slider.untouched") : nameOf(chosen)}
          min={min}
          max={max}
          value={chosen ?? middle}
          // A tap on where the handle already stands is an answer too.
          onPointerUp={({ currentTarget }) => onChange(Number(currentTarget.value))}
          onInput={({ currentTarget }) => onChange(Number(currentTarget.value))}
        />
        <button type="button" class="button step" aria-label={t("number.more")} onClick={() => step(1)}>
          +
        </button>
      </div>
      <p class="slider-ends faint">
        <bdi>{nameOf(min)}</bdi>
        <bdi>{nameOf(max)}</bdi>
      </p>
    </div>
  );
}
