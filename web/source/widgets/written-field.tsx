import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n.ts";
import { codePointsOf, hasCompounds, wellFormed } from "./written.ts";

interface WrittenProps {
  readonly label: string;
  readonly value: string;
  readonly charactersMax: number;
  readonly onWrite: (text: string) => void;
  /** Code: one width for all signs, and nobody corrects it. */
  readonly isCode?: boolean;
  readonly isLabelShown?: boolean;
  readonly rows?: number;
}

/** A text of several lines that grows with what is written. What is too long is kept and said, never cut off. */
export function WrittenField(props: WrittenProps) {
  const { label, value, charactersMax, onWrite, isCode = false, isLabelShown = false, rows = 4 } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const { current } = field;
    if (current === null) return;
    current.style.blockSize = "auto";
    current.style.blockSize = `${current.scrollHeight + 4}px`;
  }, [value]);
  const left = charactersMax - codePointsOf(value);
  return (
    <label class="text-field">
      <span class={isLabelShown ? "text-label" : "hidden"}>{label}</span>
      <textarea
        ref={field}
        class={isCode ? "code-field" : undefined}
        dir={isCode ? "ltr" : "auto"}
        rows={rows}
        spellcheck={!isCode}
        autocomplete="off"
        {...(isCode && { autocapitalize: "off", autocorrect: "off", wrap: "off" })}
        aria-invalid={left < 0}
        value={value}
        onInput={({ currentTarget }) => onWrite(wellFormed(currentTarget.value))}
      />
      <span class={left < 0 ? "wrong" : "faint"}>
        {left < 0 ? t("text.over", { count: -left }) : t("work.charactersLeft", { count: left })}
        {hasCompounds(value) && ` ${t("text.compounds")}`}
      </span>
    </label>
  );
}
