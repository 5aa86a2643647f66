import type { Foreseen } from "../../../../src/verification/overlap/foresee.ts";
import { numberText, t } from "../../i18n.ts";
import { Money } from "../../parts/money.tsx";
import { percent } from "../units.ts";
import { NumberField } from "./ask.tsx";
import type { Costs } from "./costs.ts";
import { type MarketDraft, overlapOf, type PresetName, presetNames } from "./draft.ts";
import { kinds } from "./kinds.ts";

export interface Offer {
  readonly preset: PresetName;
  readonly foreseen: Foreseen | null;
  readonly costs: Costs | null;
}

interface QualityProps {
  readonly draft: MarketDraft;
  readonly offers: readonly Offer[];
  readonly controls: number;
  readonly onChange: (change: Partial<MarketDraft>) => void;
}

const controlsLeast = 4;
/** As many as a market takes for a task. */
const slotsMax = 1_024;

/** How certain it has to be, as money and as accuracy; and what an answer is paid. */
export function Quality({ draft, offers, controls, onChange }: QualityProps) {
  const { isAgreed, hasControls } = kinds[draft.kind];
  return (
    <section class="panel" aria-labelledby="quality-title">
      <h2 id="quality-title">{t(isAgreed ? "create.quality" : "create.slotsTitle")}</h2>
      {isAgreed ? (
        <fieldset class="presets">
          <legend class="hidden">{t("create.quality")}</legend>
          {presetNames.map((preset) => (
            <Preset
              key={preset}
              draft={draft}
              offer={offers.find((each) => each.preset === preset) ?? { preset, foreseen: null, costs: null }}
              isChosen={draft.preset === preset}
              onChoose={() => onChange({ preset })}
            />
          ))}
        </fieldset>
      ) : (
        <NumberField
          label={t("create.slots")}
          value={draft.slots}
          min={1}
          onValue={(slots) => onChange({ slots: Math.min(slotsMax, Math.max(1, Math.round(slots))) })}
        />
      )}
      {hasControls && (
        <p class={controls < controlsLeast ? "warning" : "faint"}>
          {t(controls < controlsLeast ? "create.fewControls" : "create.controls", { controls: numberText(controls) })}
        </p>
      )}
      <div class="field-pair">
        <label class="field">
          <span>{t("create.reward")}</span>
          <input
            id="reward"
            class="input"
            dir="ltr"
            inputMode="decimal"
            autocomplete="off"
            value={draft.reward}
            onInput={({ currentTarget }) => onChange({ reward: currentTarget.value.trim() })}
          />
        </label>
        <NumberField
          label={t("create.seconds")}
          value={draft.seconds}
          min={1}
          onValue={(seconds) => onChange({ seconds: Math.max(1, seconds) })}
        />
        <NumberField
          label={t("create.people")}
          value={draft.people}
          min={1}
          onValue={(people) => onChange({ people: Math.max(1, people) })}
        />
      </div>
      <details class="more">
        <summary>{t("create.who")}</summary>
        <label class="switch">
          <input
            type="checkbox"
            checked={draft.personsOnly}
            onChange={({ currentTarget }) => onChange({ personsOnly: currentTarget.checked })}
          />
          <span>{t("create.personsOnly")}</span>
        </label>
        <label class="field">
          <span>{t("create.languages")}</span>
          <input
            class="input"
            dir="ltr"
            placeholder="en, es"
            value={draft.languages}
            onInput={({ currentTarget }) => onChange({ languages: currentTarget.value })}
          />
        </label>
      </details>
    </section>
  );
}

interface PresetProps {
  readonly draft: MarketDraft;
  readonly offer: Offer;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

function Preset({ draft, offer: { preset, foreseen, costs }, isChosen, onChoose }: PresetProps) {
  const { min, max } = overlapOf(draft, preset);
  return (
    <label class="preset">
      <input type="radio" name="preset" checked={isChosen} onChange={onChoose} />
      <span class="preset-name">{t(`preset.${preset}`)}</span>
      <span class="preset-accuracy">
        {foreseen === null ? "…" : percent(foreseen.accuracy)}
        <span class="faint">{t("create.right")}</span>
      </span>
      <span class="preset-cost">{costs === null ? "…" : <Money amount={costs.expected} />}</span>
      <span class="faint">
        {t("create.answers", {
          mean: foreseen === null ? "…" : numberText(foreseen.answersPerTask, 1),
          min: numberText(min),
          max: numberText(max),
        })}
      </span>
    </label>
  );
}
