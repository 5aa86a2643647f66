import { Drawing } from "../content/drawing.tsx";
import { type ChoicePart, isPicture } from "../content/parts.ts";
import { safeText } from "../content/safe-text.ts";
import { t } from "../i18n.ts";
import { choicesMax, type Draft, isKnownType, isLong, optionsOf, toggled, type WidgetProps } from "./draft.ts";
import { type Later, later } from "./later.tsx";
import { NumberWidget } from "./number.tsx";
import { Option, optionText } from "./options.tsx";
import { Slider } from "./slider.tsx";
import type { Way } from "./way.ts";
import { WrittenField } from "./written-field.tsx";

/** Those that few tasks ask for come when the first of them does. */
const ranking = later<WidgetProps>(async () => (await import("./ranking.tsx")).Ranking);
const search = later<WidgetProps>(async () => (await import("./search-options.tsx")).SearchOptions);
const report = later<WidgetProps>(async () => (await import("./report/report.tsx")).Report);
const code = later<WidgetProps>(async () => (await import("./code.tsx")).Code);
const shapes = later<WidgetProps>(async () => (await import("./shapes/shapes.tsx")).Shapes);
const spans = later<WidgetProps>(async () => (await import("./spans/spans.tsx")).Spans);

/** Asks for an answer in the way that its task wants. */
export function Widget({ way, ...props }: WidgetProps & { readonly way: Way }) {
  const { schema } = props;
  if (!isKnownType(schema)) return <p class="notice">{t("work.unknownType", { type: schema.type })}</p>;
  const special = specialOf(way, schema);
  if (special !== null) return <special.View {...props} />;
  if (way === "number") return <NumberWidget {...props} />;
  if (way === "text") return <TextWidget {...props} />;
  return isLong(schema) ? <Slider {...props} /> : <Options {...props} />;
}

/** Fetches the code of a widget before its task is on the screen. */
export const prepareWidget = async (way: Way, schema: WidgetProps["schema"]): Promise<void> =>
  void (await specialOf(way, schema)?.prepare());

function specialOf(way: Way, schema: WidgetProps["schema"]): Later<WidgetProps> | null {
  switch (way) {
    case "ranking":
      return ranking;
    case "spans":
      return spans;
    case "boxes":
    case "polygons":
      return shapes;
    case "report":
      return report;
    case "code":
      return code;
    case "choice":
    case "choices":
      return isLong(schema) ? search : null;
    default:
      return null;
  }
}

function Options(props: WidgetProps) {
  const { schema, labels, parts, draft, onChange, question } = props;
  const isMany = schema.type === "choices";
  const words = wordsOf(schema, labels);
  const isFull = isMany && Array.isArray(draft) && draft.length >= choicesMax(schema);
  return (
    <fieldset class={`options${layoutOf(props)}`}>
      <legend class="hidden">{question}</legend>
      {optionsOf(schema).map((option, i) => {
        const isChosen = isMany ? isIn(draft, option) : draft === option;
        return (
          <Option
            key={option}
            name="answer"
            isMany={isMany}
            isChosen={isChosen}
            isOff={isFull && !isChosen}
            hotkey={i + 1}
            onChoose={() => onChange(isMany ? toggled(draft, String(option)) : option)}
          >
            {words(option)}
            {partOf(parts.get(String(option)))}
          </Option>
        );
      })}
      {isMany && (schema.min ?? 0) === 0 && (
        <Option
          name="answer"
          isMany
          isChosen={Array.isArray(draft) && draft.length === 0}
          onChoose={() => onChange(Array.isArray(draft) && draft.length === 0 ? undefined : [])}
        >
          {t("choices.none")}
        </Option>
      )}
    </fieldset>
  );
}

/** Steps of a scale stand in a row, and so do pictures, which are compared side by side. */
function layoutOf({ schema, parts }: WidgetProps): string {
  if (schema.type === "scale") return " options-scale";
  return [...parts.values()].some(isPicture) ? " options-drawn" : "";
}

function partOf(part: ChoicePart | undefined) {
  if (part === undefined) return null;
  return isPicture(part) ? <Drawing part={part} /> : <span class="option-part">{safeText(part.text)}</span>;
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

const TextWidget = ({ schema, draft, onChange, question }: WidgetProps) => (
  <WrittenField
    label={question}
    value={typeof draft === "string" ? draft : ""}
    charactersMax={schema.charactersMax ?? 2_000}
    onWrite={onChange}
  />
);
