import { Drawing } from "../content/drawing.tsx";
import type { Part } from "../content/parts.ts";
import { safeText } from "../content/safe-text.ts";
import { t } from "../i18n.ts";
import { type Draft, isKnownType, optionsOf, toggled, type WidgetProps } from "./draft.ts";
import { Option, optionText } from "./options.tsx";

/** Asks for an answer of the task's type. */
export function Widget(props: WidgetProps & { readonly question: string }) {
  const { schema, question } = props;
  if (!isKnownType(schema)) return <p class="notice">{t("work.unknownType", { type: schema.type })}</p>;
  if (schema.type === "text") return <TextWidget {...props} />;
  return (
    <fieldset class={`options${layoutOf(props)}`}>
      <legend class="hidden">{question}</legend>
      <Options {...props} />
    </fieldset>
  );
}

function Options({ schema, labels, parts, draft, onChange }: WidgetProps) {
  const isMany = schema.type === "choices";
  const words = wordsOf(schema, labels);
  return (
    <>
      {optionsOf(schema).map((option, i) => (
        <Option
          key={option}
          name="answer"
          isMany={isMany}
          isChosen={isMany ? isIn(draft, option) : draft === option}
          hotkey={i + 1}
          onChoose={() => onChange(isMany ? toggled(draft, String(option)) : option)}
        >
          {words(option)}
          {partOf(parts.get(String(option)))}
        </Option>
      ))}
    </>
  );
}

/** Steps of a scale stand in a row, and so do drawings, which are compared side by side. */
function layoutOf({ schema, parts }: WidgetProps): string {
  if (schema.type === "scale") return " options-scale";
  return [...parts.values()].some(({ type }) => type === "svg") ? " options-drawn" : "";
}

function partOf(part: Part | undefined) {
  if (part === undefined) return null;
  if (part.type === "svg") return <Drawing svg={part.svg} alt={part.alt} />;
  return <span class="option-part">{safeText(part.text)}</span>;
}

const isIn = (draft: Draft, option: string | number): boolean => Array.isArray(draft) && draft.includes(option);

function wordsOf({ type, labels: steps, min = 1 }: WidgetProps["schema"], labels: WidgetProps["labels"]) {
  return (option: string | number): string => {
    if (type === "scale") {
      const step = steps?.[Number(option) - min];
      return step === undefined ? String(option) : `${option} · ${optionText(new Map(), step)}`;
    }
    const id = String(option);
    if (type !== "pair" || labels.has(id)) return optionText(labels, id);
    return t(id === "left" ? "work.left" : id === "right" ? "work.right" : "work.tie");
  };
}

function TextWidget({ schema, draft, onChange, question }: WidgetProps & { readonly question: string }) {
  const max = schema.charactersMax ?? 2_000;
  const value = typeof draft === "string" ? draft : "";
  return (
    <label class="text-field">
      <span class="hidden">{question}</span>
      <textarea
        dir="auto"
        rows={5}
        maxLength={max}
        value={value}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
      <span class="faint">{t("work.charactersLeft", { count: max - Array.from(value).length })}</span>
    </label>
  );
}
