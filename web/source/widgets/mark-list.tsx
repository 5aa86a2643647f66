import type { ComponentChildren } from "preact";
import { t } from "../i18n.ts";
import { Icon } from "../parts/icons.tsx";
import type { Steps } from "./steps.ts";

export interface MarkRow {
  readonly key: string;
  readonly colour: number;
  readonly name: string;
  readonly detail: string;
  readonly isHeld: boolean;
  readonly onHold: () => void;
  readonly onRemove: () => void;
}

/** What was marked, in words; each can be taken in hand or away from here too. */
export function MarkList({ rows }: { readonly rows: readonly MarkRow[] }) {
  if (rows.length === 0) return null;
  return (
    <ul class="marks" aria-label={t("marks.list")}>
      {rows.map((row) => (
        <li key={row.key} class={`mark mark-${row.colour}${row.isHeld ? " mark-held" : ""}`}>
          <button type="button" class="mark-name" aria-pressed={row.isHeld} onClick={row.onHold}>
            <span class="mark-dot" aria-hidden="true" />
            <strong dir="auto">{row.name}</strong>
            <span class="mark-detail" dir="auto">
              {row.detail}
            </span>
          </button>
          <button
            type="button"
            class="button-icon"
            aria-label={t("search.remove", { name: `${row.name} ${row.detail}` })}
            onClick={row.onRemove}
          >
            <Icon name="cross" />
          </button>
        </li>
      ))}
    </ul>
  );
}

interface MarkFootProps {
  readonly isNone: boolean;
  /** Whether anything is marked: then there is something. */
  readonly isSome: boolean;
  readonly onNone: (isNone: boolean) => void;
  readonly steps: Steps;
  readonly children?: ComponentChildren;
}

/** That there is nothing to mark has to be said: an empty answer is never sent by not looking. */
export function MarkFoot({ isNone, isSome, onNone, steps, children }: MarkFootProps) {
  return (
    <div class="mark-foot">
      {!isSome && (
        <label class={isNone ? "option option-chosen" : "option"}>
          <input type="checkbox" checked={isNone} onChange={({ currentTarget }) => onNone(currentTarget.checked)} />
          <span class="option-text">{t("marks.none")}</span>
        </label>
      )}
      {children}
      <button type="button" class="button" disabled={!steps.canGoBack} onClick={steps.back}>
        <Icon name="undo" isTurned />
        {t("marks.back")}
      </button>
    </div>
  );
}
