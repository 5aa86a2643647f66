import { t } from "../i18n.ts";
import { codeAnswer, fieldsOf, type WidgetProps } from "./draft.ts";
import { codePointsOf } from "./written.ts";
import { WrittenField } from "./written-field.tsx";

/** A program or a test, and an input on which it fails. Nothing of it runs here. */
export function Code({ schema, draft, onChange, question }: WidgetProps) {
  const { code = "", input = "" } = fieldsOf(draft) as { readonly code?: string; readonly input?: string };
  // Both are one text in the end, so they share its limit.
  const left = (schema.charactersMax ?? 2_000) - codePointsOf(codeAnswer(draft));
  const change = (to: { readonly code?: string; readonly input?: string }): void => {
    const next = { code, input, ...to };
    onChange(next.code === "" && next.input === "" ? undefined : next);
  };
  return (
    <fieldset class="report">
      <legend class="hidden">{question}</legend>
      <WrittenField
        label={t("code.code")}
        isLabelShown
        isCode
        rows={8}
        value={code}
        charactersMax={codePointsOf(code) + left}
        onWrite={(text) => change({ code: text })}
      />
      <WrittenField
        label={t("code.input")}
        isLabelShown
        isCode
        rows={3}
        value={input}
        charactersMax={codePointsOf(input) + left}
        onWrite={(text) => change({ input: text })}
      />
      <p class="faint">{t("code.text")}</p>
    </fieldset>
  );
}
