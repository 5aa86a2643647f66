import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../../i18n.ts";
import { piecesOf, type Stretch, wordAt } from "./span-text.ts";

export interface ShownMark extends Stretch {
  readonly colour: number;
  readonly name: string;
}

interface SpanTextProps {
  readonly shown: string;
  readonly words: readonly Stretch[];
  readonly marks: readonly ShownMark[];
  readonly chosen: Stretch | null;
  /** While it is pulled, and once more when it is done. */
  readonly onReach: (stretch: Stretch, isDone: boolean) => void;
  readonly onTap: (word: Stretch, at: number) => void;
  /** Somebody begins to drag over the text. */
  readonly onNew: () => void;
  readonly onArrow: (direction: number, isExtending: boolean) => void;
  readonly onNextMark: (by: 1 | -1) => void;
}

/** The text itself: few elements, however long it is, because it is cut only where a mark begins or ends. */
export function SpanText(props: SpanTextProps) {
  const { shown, words, marks, chosen, onReach, onTap, onNew, onArrow, onNextMark } = props;
  const box = useRef<HTMLDivElement>(null);
  const pieces = piecesOf(shown.length, marks, chosen);
  const wordUnder = (event: PointerEvent): { readonly word: Stretch; readonly at: number } | null => {
    const at = placeUnder(box.current, event.clientX, event.clientY);
    const word = at === null ? undefined : words[wordAt(words, at)];
    return word === undefined || at === null ? null : { word, at };
  };
  /** A mouse drags over words; a finger scrolls, taps, and pulls the handles. */
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0 || (event.target as HTMLElement).closest(".span-handle") !== null) return;
    const from = wordUnder(event);
    if (from === null) return;
    const [x, y] = [event.clientX, event.clientY];
    const target = event.currentTarget as HTMLElement;
    let isDragging = false;
    let last: Stretch | null = null;
    const move = (moved: PointerEvent): void => {
      if (moved.pointerType === "touch") return;
      isDragging ||= Math.hypot(moved.clientX - x, moved.clientY - y) > 5;
      const to = isDragging ? wordUnder(moved) : null;
      if (to === null) return;
      if (last === null) onNew();
      last = { start: Math.min(from.word.start, to.word.start), end: Math.max(from.word.end, to.word.end) };
      onReach(last, false);
    };
    const end = (ended: PointerEvent): void => {
      target.removeEventListener("pointermove", move);
      target.removeEventListener("pointerup", end);
      target.removeEventListener("pointercancel", end);
      const hasMoved = Math.hypot(ended.clientX - x, ended.clientY - y) > 12;
      if (ended.type === "pointerup" && !isDragging && !hasMoved) onTap(from.word, from.at);
    };
    target.addEventListener("pointermove", move);
    target.addEventListener("pointerup", end);
    target.addEventListener("pointercancel", end);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const isRightToLeft = box.current !== null && getComputedStyle(box.current).direction === "rtl";
    const forth = isRightToLeft ? "ArrowLeft" : "ArrowRight";
    const back = isRightToLeft ? "ArrowRight" : "ArrowLeft";
    if (event.key === forth || event.key === back) onArrow(event.key === forth ? 1 : -1, event.shiftKey);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") onNextMark(event.key === "ArrowDown" ? 1 : -1);
    else return;
    event.preventDefault();
  };
  return (
    <div class="span-box">
      {/* biome-ignore lint/a11y/useSemanticElements: a text area can show no marks. */}
      <div
        ref={box}
        class="span-text"
        dir="auto"
        tabIndex={0}
        role="textbox"
        aria-readonly="true"
        aria-multiline="true"
        aria-label={t("spans.text")}
        aria-describedby="spans-how"
        onPointerDown={onPointerDown}
        onKeyDown={onKeyDown}
      >
        {pieces.map((piece) => (
          <span
            key={piece.start}
            data-start={piece.start}
            class={classOf(piece.covering, marks, piece.isSelected)}
            data-names={piece.ending.map((i) => (marks[i] as ShownMark).name.slice(0, 24)).join(", ") || undefined}
          >
            {shown.slice(piece.start, piece.end)}
          </span>
        ))}
      </div>
      {chosen !== null && <Handles box={box} chosen={chosen} words={words} onReach={onReach} />}
    </div>
  );
}

function classOf(covering: readonly number[], marks: readonly ShownMark[], isSelected: boolean): string {
  const [first] = covering;
  const colour = first === undefined ? "" : ` span-mark mark-${(marks[covering.at(-1) as number] as ShownMark).colour}`;
  return `piece${colour}${covering.length > 1 ? " span-many" : ""}${isSelected ? " span-chosen" : ""}`;
}

interface HandlesProps {
  readonly box: { readonly current: HTMLDivElement | null };
  readonly chosen: Stretch;
  readonly words: readonly Stretch[];
  readonly onReach: SpanTextProps["onReach"];
}

/** Two handles under the ends of what is chosen, for a finger as much as for a mouse. */
function Handles({ box, chosen, words, onReach }: HandlesProps) {
  const [at, setAt] = useState<readonly { readonly left: number; readonly top: number }[]>([]);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    if (box.current !== null) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const text = box.current;
    const around = text?.parentElement?.getBoundingClientRect();
    if (text === null || around === undefined) return;
    const isRightToLeft = getComputedStyle(text).direction === "rtl";
    const places = (["start", "end"] as const).map((edge) => {
      const found = edgeRectangle(text, chosen[edge], edge);
      const isAtRight = (edge === "end") !== isRightToLeft;
      return { left: (isAtRight ? found.right : found.left) - around.left, top: found.bottom - around.top };
    });
    setAt(places);
  }, [chosen.start, chosen.end, width]);
  const begin = (event: PointerEvent, edge: "start" | "end"): void => {
    if (event.button !== 0) return;
    event.preventDefault();
    const handle = event.currentTarget as HTMLElement;
    handle.setPointerCapture(event.pointerId);
    let last = chosen;
    const move = ({ clientX, clientY }: PointerEvent): void => {
      // The finger is below the line that it means.
      const place = placeUnder(box.current, clientX, clientY - 22);
      const word = place === null ? undefined : words[wordAt(words, place)];
      if (word === undefined) return;
      const next = edge === "start" ? { start: word.start, end: last.end } : { start: last.start, end: word.end };
      if (next.end <= next.start) return;
      last = next;
      onReach(next, false);
    };
    const end = (): void => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
      onReach(last, true);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  };
  return (
    <>
      {(["start", "end"] as const).map((edge, i) => (
        <span
          key={edge}
          class={`span-handle span-handle-${edge}`}
          aria-hidden="true"
          style={{ left: `${at[i]?.left ?? 0}px`, top: `${at[i]?.top ?? 0}px` }}
          onPointerDown={(event) => begin(event, edge)}
        />
      ))}
    </>
  );
}

/** The place in the text under a point, in UTF-16 code units; null beside it. */
function placeUnder(box: HTMLElement | null, x: number, y: number): number | null {
  if (box === null) return null;
  const { node, offset } = caretUnder(x, y);
  const piece = node?.parentElement?.closest<HTMLElement>("[data-start]") ?? null;
  if (piece === null || !box.contains(piece) || node?.nodeType !== Node.TEXT_NODE) return null;
  return Number(piece.dataset["start"]) + offset;
}

interface Caret {
  readonly node: Node | null;
  readonly offset: number;
}

/** Browsers disagree on its name. */
function caretUnder(x: number, y: number): Caret {
  if (typeof document.caretPositionFromPoint === "function") {
    const position = document.caretPositionFromPoint(x, y);
    return { node: position?.offsetNode ?? null, offset: position?.offset ?? 0 };
  }
  // oxlint-disable-next-line typescript/no-deprecated -- Safari before 18.4 knows no other.
  const range = document.caretRangeFromPoint?.(x, y);
  return { node: range?.startContainer ?? null, offset: range?.startOffset ?? 0 };
}

/** Where the character before an end, or after a beginning, is on the screen. */
function edgeRectangle(box: HTMLElement, place: number, edge: "start" | "end"): DOMRect {
  const pieces = Array.from(box.querySelectorAll<HTMLElement>("[data-start]"));
  const at = edge === "start" ? place : place - 1;
  const piece = pieces.findLast((each) => Number(each.dataset["start"]) <= at);
  const text = piece?.firstChild;
  if (piece === undefined || !(text instanceof Text)) return box.getBoundingClientRect();
  const offset = Math.max(0, Math.min(text.length - 1, at - Number(piece.dataset["start"])));
  const range = document.createRange();
  range.setStart(text, offset);
  range.setEnd(text, Math.min(text.length, offset + 1));
  return range.getBoundingClientRect();
}
