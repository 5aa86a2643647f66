import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../../i18n.ts";
import type { WidgetProps } from "../draft.ts";
import { colourOf, LabelBar } from "../label-bar.tsx";
import { MarkFoot, MarkList } from "../mark-list.tsx";
import { optionText } from "../options.tsx";
import { type SpanMark, spansOf } from "../rows.ts";
import { useSteps } from "../steps.ts";
import { useWidgetKeys } from "../widget-keys.ts";
import {
  fromCodePoints,
  nextPlace,
  type Stretch,
  shownText,
  toCodePoints,
  withSpan,
  wordAt,
  wordsOf,
} from "./span-text.ts";
import { SpanText } from "./span-text-view.tsx";

/**
 * Marking parts of a text: tap a word and then the last word, or drag, or go by arrow keys; then a label. What is
 * chosen or marked has handles to pull, and buttons for a character more or less.
 */
export function Spans({ schema, labels: names, draft, onChange, question, subject }: WidgetProps) {
  const labels = schema.labels ?? [];
  const { spansMax = 1_000 } = schema;
  const text = subject?.type === "text" ? subject.text : "";
  const shown = useMemo(() => shownText(text), [text]);
  const words = useMemo(() => wordsOf(shown), [shown]);
  const spans = spansOf(draft);
  const stretches = spans.map((span) => fromCodePoints(text, span));
  const steps = useSteps(draft, onChange);
  const [chosen, setChosen] = useState<Stretch | null>(null);
  /** Which span is in hand: it is what a label, a handle or Delete changes. */
  const [held, setHeld] = useState<SpanMark | null>(null);
  const [said, setSaid] = useState("");
  const keyboard = useRef<{ anchor: number; focus: number } | null>(null);
  const isThere = held !== null && spans.some((each) => isSame(each, held));
  useEffect(() => {
    if (held !== null && !isThere) letGo();
  }, [isThere]);

  const quote = ({ start, end }: Stretch): string => shown.slice(start, end);
  const letGo = (): void => {
    setHeld(null);
    setChosen(null);
    keyboard.current = null;
  };
  const choose = (stretch: Stretch): void => {
    setChosen(stretch);
    setSaid(t("spans.chosen", { text: quote(stretch).slice(0, 200) }));
  };
  const hold = (span: SpanMark): void => {
    setHeld(span);
    choose(fromCodePoints(text, span));
  };
  const set = (next: readonly SpanMark[]): void => steps.change(next.length === 0 ? undefined : (next as never));
  const without = (span: SpanMark | null): SpanMark[] => spans.filter((each) => span === null || !isSame(each, span));
  const label = (name: string): void => {
    if (chosen === null || chosen.end <= chosen.start) return;
    const made: SpanMark = { ...toCodePoints(text, chosen), label: name };
    if (held === null && spans.length >= spansMax) {
      setSaid(t("marks.full", { count: spansMax }));
      return;
    }
    set(withSpan(without(held), made, schema.overlap === true));
    setSaid(t("spans.marked", { text: quote(chosen).slice(0, 200), label: optionText(names, name) }));
    letGo();
  };
  const remove = (span: SpanMark): void => {
    set(without(span));
    letGo();
  };
  /** A new reach for what is in hand; a span that is held changes with it. */
  const reach = (stretch: Stretch, isDone: boolean): void => {
    if (stretch.end <= stretch.start) return;
    choose(stretch);
    if (!isDone || held === null) return;
    const changed: SpanMark = { ...toCodePoints(text, stretch), label: held.label };
    set(withSpan(without(held), changed, schema.overlap === true));
    setHeld(changed);
  };
  const nudge = (edge: "start" | "end", by: 1 | -1): void => {
    if (chosen !== null) reach({ ...chosen, [edge]: nextPlace(shown, chosen[edge], by) }, true);
  };
  const byKey = (direction: number, isExtending: boolean): void => {
    if (words.length === 0) return;
    const last = words.length - 1;
    const before =
      keyboard.current ??
      (chosen === null ? null : { anchor: wordAt(words, chosen.start), focus: wordAt(words, chosen.start) });
    const focus = before === null ? (direction > 0 ? 0 : last) : Math.max(0, Math.min(last, before.focus + direction));
    const anchor = isExtending && before !== null ? before.anchor : focus;
    keyboard.current = { anchor, focus };
    const [from, to] = [Math.min(anchor, focus), Math.max(anchor, focus)];
    const stretch = { start: words[from]?.start ?? 0, end: words[to]?.end ?? 0 };
    if (held !== null && isExtending) reach(stretch, true);
    else {
      setHeld(null);
      choose(stretch);
    }
  };
  const nextMark = (by: 1 | -1): void => {
    if (spans.length === 0) return;
    const at = held === null ? (by === 1 ? -1 : 0) : spans.findIndex((each) => isSame(each, held));
    hold(spans[(at + by + spans.length) % spans.length] as SpanMark);
  };
  useWidgetKeys((event) => {
    if (steps.takes(event)) return true;
    const name = /^[1-9]$/.test(event.key) && !event.ctrlKey ? labels[Number(event.key) - 1] : undefined;
    if (name !== undefined && chosen !== null) label(name);
    if (event.key === "Escape" && chosen !== null) letGo();
    if ((event.key === "Delete" || event.key === "Backspace") && held !== null) remove(held);
    return name !== undefined || ["Escape", "Delete", "Backspace"].includes(event.key);
  });

  return (
    <fieldset class="spans">
      <legend class="hidden">{question}</legend>
      <p class="faint" id="spans-how">
        {t("spans.how")} <span class="by-keyboard">{t("spans.keys")}</span>
      </p>
      <SpanText
        shown={shown}
        words={words}
        marks={spans.map((span, i) => ({
          ...(stretches[i] as Stretch),
          colour: colourOf(labels, span.label),
          name: optionText(names, span.label),
        }))}
        chosen={chosen}
        onReach={reach}
        onTap={(word, at) => {
          const under = stretches.findIndex(({ start, end }) => start <= at && at < end);
          keyboard.current = null;
          if (chosen !== null && held === null && under === -1) {
            choose({ start: Math.min(chosen.start, word.start), end: Math.max(chosen.end, word.end) });
          } else if (under !== -1 && schema.overlap !== true) hold(spans[under] as SpanMark);
          else {
            setHeld(null);
            choose(word);
          }
        }}
        onNew={() => setHeld(null)}
        onArrow={byKey}
        onNextMark={nextMark}
      />
      {chosen !== null && (
        <div class="reach">
          <span class="reach-text" dir="auto">
            “{quote(chosen).slice(0, 120)}”
          </span>
          <Reach edge="start" onNudge={nudge} />
          <Reach edge="end" onNudge={nudge} />
          <button type="button" class="button-text" onClick={() => (held === null ? letGo() : remove(held))}>
            {t(held === null ? "marks.letGo" : "marks.remove")}
          </button>
        </div>
      )}
      <LabelBar labels={labels} names={names} current={held?.label ?? null} onPick={label} />
      <MarkList
        rows={spans.map((span, i) => ({
          key: `${span.start} ${span.end} ${span.label}`,
          colour: colourOf(labels, span.label),
          name: optionText(names, span.label),
          detail: quote(stretches[i] as Stretch).slice(0, 160),
          isHeld: held !== null && isSame(span, held),
          onHold: () => hold(span),
          onRemove: () => remove(span),
        }))}
      />
      <MarkFoot
        isNone={Array.isArray(draft) && draft.length === 0}
        isSome={spans.length > 0}
        onNone={(isNone) => steps.change(isNone ? [] : undefined)}
        steps={steps}
      />
      {spans.length >= spansMax && <p class="faint">{t("marks.full", { count: spansMax })}</p>}
      <p class="hidden" role="status">
        {said}
      </p>
    </fieldset>
  );
}

const isSame = (a: SpanMark, b: SpanMark): boolean => a.start === b.start && a.end === b.end && a.label === b.label;

interface ReachProps {
  readonly edge: "start" | "end";
  readonly onNudge: (edge: "start" | "end", by: 1 | -1) => void;
}

/** A character more or less, where a word is not the right measure. */
function Reach({ edge, onNudge }: ReachProps) {
  const outwards = edge === "start" ? -1 : 1;
  return (
    <span class="reach-edge">
      <span class="faint">{t(`spans.${edge}`)}</span>
      <button
        type="button"
        class="button step"
        aria-label={t(`spans.${edge}Less`)}
        onClick={() => onNudge(edge, outwards === 1 ? -1 : 1)}
      >
        −
      </button>
      <button
        type="button"
        class="button step"
        aria-label={t(`spans.${edge}More`)}
        onClick={() => onNudge(edge, outwards)}
      >
        +
      </button>
    </span>
  );
}
