import { useRef, useState } from "preact/hooks";
import { Drawing } from "../content/drawing.tsx";
import { isPicture } from "../content/parts.ts";
import { safeText } from "../content/safe-text.ts";
import { numberText, t } from "../i18n.ts";
import { Icon } from "../parts/icons.tsx";
import type { WidgetProps } from "./draft.ts";
import { optionText } from "./options.tsx";
import { moved, rankedOf, toggledRank } from "./order.ts";
import { useSteps } from "./steps.ts";
import { useWidgetKeys } from "./widget-keys.ts";

/**
 * Ranking by tapping in order, the best first; what has its place can be dragged, moved by buttons or arrow keys, and
 * taken out again. Nothing has a place before somebody gave it one, so that no order is sent by not looking.
 */
export function Ranking({ schema, labels, parts, draft, onChange, question }: WidgetProps) {
  const items = schema.items ?? [];
  const top = schema.top ?? items.length;
  const ranked = rankedOf(items, draft);
  const rest = items.filter((each) => !ranked.includes(each));
  const steps = useSteps(draft, onChange);
  const [said, setSaid] = useState("");
  const list = useRef<HTMLOListElement>(null);
  const drag = useDrag(list, (from, to) => put(from, to));

  const change = (next: readonly string[]): void => steps.change(next.length === 0 ? undefined : [...next]);
  const toggle = (item: string): void => {
    const next = toggledRank(items, top, ranked, item);
    const [name, place] = [optionText(labels, item), next.indexOf(item) + 1];
    setSaid(place > 0 ? t("ranking.at", { name, place }) : t("ranking.out", { name }));
    change(next);
  };
  function put(from: number, to: number): void {
    const at = Math.max(0, Math.min(ranked.length - 1, to));
    if (from === at) return;
    change(moved(ranked, from, at));
    setSaid(t("ranking.at", { name: optionText(labels, ranked[from] ?? ""), place: at + 1 }));
    // The button that was pressed goes along, so that it can be pressed again.
    requestAnimationFrame(() => list.current?.children[at]?.querySelector<HTMLElement>(".rank-hold")?.focus());
  }
  useWidgetKeys((event) => {
    if (steps.takes(event)) return true;
    const item = /^[1-9]$/.test(event.key) && !event.ctrlKey ? items[Number(event.key) - 1] : undefined;
    if (item !== undefined) toggle(item);
    return item !== undefined;
  });
  const face = (item: string) => {
    const part = parts.get(item);
    return (
      <span class="option-text" dir="auto">
        {optionText(labels, item)}
        {part !== undefined &&
          (isPicture(part) ? <Drawing part={part} /> : <span class="option-part">{safeText(part.text)}</span>)}
      </span>
    );
  };
  const hotkey = (item: string) => {
    const key = items.indexOf(item) + 1;
    return key <= 9 ? (
      <span class="key" aria-hidden="true">
        {key}
      </span>
    ) : null;
  };
  return (
    <fieldset class="ranking">
      <legend class="hidden">{question}</legend>
      <p class="faint">{t(top < items.length ? "ranking.top" : "ranking.all", { count: top })}</p>
      <ol ref={list} class="ranks">
        {ranked.map((item, at) => (
          <li key={item} class={`rank${drag.at === at ? " rank-dragged" : ""}${drag.over === at ? " rank-over" : ""}`}>
            <button
              type="button"
              class="rank-hold"
              aria-label={t("ranking.hold", { name: optionText(labels, item), place: at + 1 })}
              onPointerDown={(event) => drag.begin(event, at)}
              onKeyDown={(event) => {
                const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
                if (by === 0) return;
                event.preventDefault();
                put(at, at + by);
              }}
            >
              <span class="rank-place">{numberText(at + 1)}</span>
              <Icon name="grip" />
            </button>
            {face(item)}
            <span class="rank-moves">
              <button
                type="button"
                class="button-icon"
                aria-label={t("ranking.up", { name: optionText(labels, item) })}
                disabled={at === 0}
                onClick={() => put(at, at - 1)}
              >
                <Icon name="up" />
              </button>
              <button
                type="button"
                class="button-icon rank-down"
                aria-label={t("ranking.down", { name: optionText(labels, item) })}
                disabled={at === ranked.length - 1}
                onClick={() => put(at, at + 1)}
              >
                <Icon name="down" />
              </button>
              <button
                type="button"
                class="button-icon"
                aria-label={t("search.remove", { name: optionText(labels, item) })}
                onClick={() => toggle(item)}
              >
                <Icon name="cross" />
              </button>
            </span>
          </li>
        ))}
      </ol>
      {ranked.length < top && (
        <div class="options">
          {rest.map((item) => (
            <button key={item} type="button" class="option option-button" onClick={() => toggle(item)}>
              <span class="rank-next" aria-hidden="true">
                {numberText(ranked.length + 1)}
              </span>
              {face(item)}
              {hotkey(item)}
            </button>
          ))}
        </div>
      )}
      <p class="hidden" role="status">
        {said}
      </p>
    </fieldset>
  );
}

/** Dragging a row by its handle, with a finger or a mouse: it goes where the pointer is when it is let go. */
function useDrag(list: { readonly current: HTMLElement | null }, onDrop: (from: number, to: number) => void) {
  const [state, setState] = useState<{ readonly at: number; readonly over: number } | null>(null);
  const begin = (event: PointerEvent, at: number): void => {
    if (event.button !== 0) return;
    const handle = event.currentTarget as HTMLElement;
    handle.setPointerCapture(event.pointerId);
    let over = at;
    const move = ({ clientY }: PointerEvent): void => {
      const rows = Array.from(list.current?.children ?? [], (row) => row.getBoundingClientRect());
      const found = rows.findIndex(({ bottom }) => clientY < bottom);
      over = found === -1 ? rows.length - 1 : found;
      setState({ at, over });
    };
    const end = (ended: PointerEvent): void => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
      setState(null);
      if (ended.type === "pointerup" && over !== at) onDrop(at, over);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  };
  return { at: state?.at ?? null, over: state?.over ?? null, begin };
}
