import { useState } from "preact/hooks";
import { t } from "../../i18n.ts";
import { hasRange, type MarketDraft, namesOf, needsNames, startOf, startOfType, takesLabels } from "./draft.ts";
import { kinds, kindWith } from "./kinds.ts";
import { readLabelStudio } from "./label-studio.ts";

interface AskProps {
  readonly draft: MarketDraft;
  readonly onChange: (change: Partial<MarketDraft>) => void;
}

/** What is asked of each row, and what an answer is. */
export function Ask({ draft, onChange }: AskProps) {
  const { kind, question, type, names, low, high, guide } = draft;
  const { types, fixed } = kinds[kind];
  return (
    <section class="panel" aria-labelledby="ask-title">
      <h2 id="ask-title">{t("create.ask")}</h2>
      <label class="field">
        <span>{t("create.question")}</span>
        <input
          id="question"
          class="input"
          dir="auto"
          maxLength={200}
          placeholder={t("create.questionHint")}
          value={question}
          onInput={({ currentTarget }) => onChange({ question: currentTarget.value })}
        />
      </label>
      {types.length > 1 && (
        <fieldset class="tiles">
          <legend>{t("create.type")}</legend>
          {types.map((each) => (
            <label key={each} class="tile">
              <input
                type="radio"
                name="type"
                value={each}
                checked={type === each}
                onChange={() => onChange({ ...startOfType(kind, each), names })}
              />
              <span>{t(`type.${each}`)}</span>
            </label>
          ))}
        </fieldset>
      )}
      {fixed !== null && (
        <p>
          {t("create.fixed")} <strong dir="auto">{fixed.join(" · ")}</strong>
        </p>
      )}
      {fixed === null && (needsNames(type) || takesLabels(type)) && (
        <label class="field">
          <span>{t(takesLabels(type) ? "create.labels" : "create.names")}</span>
          <textarea
            id="names"
            class="input"
            dir="auto"
            rows={Math.min(8, Math.max(3, namesOf(names).length + 1))}
            placeholder={t("create.namesHint")}
            value={names}
            onInput={({ currentTarget }) => onChange({ names: currentTarget.value, own: new Map() })}
          />
        </label>
      )}
      {hasRange(type) && (
        <div class="field-pair">
          <NumberField label={t("create.low")} value={low} onValue={(value) => onChange({ low: value })} />
          <NumberField label={t("create.high")} value={high} onValue={(value) => onChange({ high: value })} />
        </div>
      )}
      <LabelStudio draft={draft} onChange={onChange} />
      <details class="more">
        <summary>{t("create.guide")}</summary>
        <label class="field">
          <span class="faint">{t("create.guideText")}</span>
          <textarea
            class="input"
            dir="auto"
            rows={5}
            maxLength={20_000}
            value={guide}
            onInput={({ currentTarget }) => onChange({ guide: currentTarget.value })}
          />
        </label>
      </details>
    </section>
  );
}

/** Whoever comes from there has said all of it already. */
function LabelStudio({ draft, onChange }: AskProps) {
  const [isUnknown, setUnknown] = useState(false);
  const read = (text: string): void => {
    const found = text.trim() === "" ? null : readLabelStudio(text);
    setUnknown(found === null && text.trim() !== "");
    if (found === null) return;
    const kind = kindWith(found.type, draft.kind);
    onChange({ ...(kind !== draft.kind && startOf(kind)), ...found, own: new Map() });
  };
  return (
    <details class="more">
      <summary>{t("create.labelStudio")}</summary>
      <label class="field">
        <span class="faint">{t("create.labelStudioText")}</span>
        <textarea
          id="label-studio"
          class="input input-address"
          dir="ltr"
          rows={5}
          spellcheck={false}
          aria-invalid={isUnknown}
          onInput={({ currentTarget }) => read(currentTarget.value)}
        />
      </label>
      {isUnknown && (
        <p class="wrong" role="alert">
          {t("create.labelStudioNone")}
        </p>
      )}
    </details>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly min?: number;
  readonly onValue: (value: number) => void;
}

export function NumberField({ label, value, min, onValue }: NumberFieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        class="input"
        type="number"
        dir="ltr"
        min={min}
        value={value}
        onInput={({ currentTarget: { valueAsNumber } }) => {
          if (Number.isFinite(valueAsNumber)) onValue(valueAsNumber);
        }}
      />
    </label>
  );
}
