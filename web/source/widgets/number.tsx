import { useState } from "preact/hooks";
import { numberText, t } from "../i18n.ts";
import type { WidgetProps } from "./draft.ts";
import { type NumberProblem, numberProblem, plainNumber, stepped } from "./number-text.ts";

/** A number, typed in anybody's digits. What was understood stands below, so that a comma never means something else. */
export function NumberWidget({ schema, draft, onChange, question }: WidgetProps) {
  const kept = typeof draft === "string" ? draft : "";
  const [typed, setTyped] = useState(kept);
  const { min, max, decimals = 0 } = schema;
  // A draft that comes from the browser's memory, or is changed from elsewhere, is shown.
  const shown = plainNumber(typed) === kept ? typed : kept;
  const type = (text: string): void => {
    setTyped(text);
    onChange(text.trim() === "" ? undefined : plainNumber(text).slice(0, 40));
  };
  const step = (by: 1 | -1): void => type(stepped(kept, by, schema));
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    step(event.key === "ArrowUp" ? 1 : -1);
  };
  const problem = kept === "" ? null : numberProblem(kept, schema);
  const bounds = { min: numberText(min ?? 0, decimals), max: numberText(max ?? 0, decimals) };
  return (
    <div class="number">
      <div class="number-row">
        <button type="button" class="button step" aria-label={t("number.less")} onClick={() => step(-1)}>
          −
        </button>
        <input
          class="number-field"
          type="text"
          inputMode={decimals > 0 || (min ?? 0) < 0 ? "decimal" : "numeric"}
          dir="ltr"
          autocomplete="off"
          enterkeyhint="send"
          aria-label={question}
          aria-invalid={problem !== null}
          aria-describedby="number-says"
          value={shown}
          onInput={({ currentTarget }) => type(currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button type="button" class="button step" aria-label={t("number.more")} onClick={() => step(1)}>
          +
        </button>
      </div>
      <p id="number-says" class={problem === null ? "faint" : "wrong"} role="status">
        {problem !== null && t(problems[problem], { ...bounds, count: decimals })}
        {problem === null && kept !== "" && <strong>= {numberText(Number(kept), 9)}</strong>}
        {problem === null && kept === "" && t("number.bounds", bounds)}
      </p>
    </div>
  );
}

const problems = {
  notANumber: "number.notANumber",
  tooManyDecimals: "number.tooManyDecimals",
  outOfBounds: "number.bounds",
} as const satisfies Record<NumberProblem, string>;
