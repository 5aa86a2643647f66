import { useRef, useState } from "preact/hooks";
import { t } from "../i18n.ts";
import { Icon } from "../parts/icons.tsx";
import { optionsAtAGlance } from "./draft.ts";
import { optionText } from "./options.tsx";
import { matching } from "./search.ts";

/** So many colours there are; labels beyond share them, and are told apart by their names. */
export const markColours = 8;
export const colourOf = (labels: readonly string[], label: string): number =>
  Math.max(0, labels.indexOf(label)) % markColours;

interface LabelBarProps {
  readonly labels: readonly string[];
  readonly names: ReadonlyMap<string, string>;
  /** The label that the next mark gets, or that the held one has. */
  readonly current: string | null;
  readonly onPick: (label: string) => void;
}

/** The labels of marks: all of them where they are few, and otherwise those that were used last and a search. */
export function LabelBar({ labels, names, current, onPick }: LabelBarProps) {
  const [query, setQuery] = useState("");
  const recent = useRef<readonly string[]>([]);
  const isLong = labels.length > optionsAtAGlance;
  const pick = (label: string): void => {
    recent.current = [label, ...recent.current.filter((each) => each !== label)].slice(0, 6);
    setQuery("");
    onPick(label);
  };
  const found = isLong ? matching(labels, (id) => names.get(id) ?? id, query, optionsAtAGlance) : null;
  const shown = found === null ? labels : query === "" ? firstOf(labels, recent.current, current) : found.items;
  return (
    <div class="label-bar">
      {isLong && (
        <label class="search-field">
          <Icon name="find" />
          <span class="hidden">{t("marks.search", { count: labels.length })}</span>
          <input
            type="search"
            dir="auto"
            autocomplete="off"
            enterkeyhint="done"
            placeholder={t("marks.search", { count: labels.length })}
            value={query}
            onInput={({ currentTarget }) => setQuery(currentTarget.value)}
            onKeyDown={(event) => {
              const first = found?.items[0];
              if (event.key !== "Enter" || event.ctrlKey || first === undefined) return;
              event.preventDefault();
              pick(first);
            }}
          />
        </label>
      )}
      <ul class="chips" aria-label={t("marks.labels")}>
        {shown.map((label) => {
          const key = labels.indexOf(label) + 1;
          return (
            <li key={label}>
              <button
                type="button"
                class={`chip mark-${colourOf(labels, label)}`}
                aria-pressed={label === current}
                onClick={() => pick(label)}
              >
                <span class="mark-dot" aria-hidden="true" />
                <bdi>{optionText(names, label)}</bdi>
                {key <= 9 && (
                  <span class="key" aria-hidden="true">
                    {key}
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

const firstOf = (labels: readonly string[], recent: readonly string[], current: string | null): readonly string[] =>
  [...new Set([...(current === null ? [] : [current]), ...recent, ...labels.slice(0, optionsAtAGlance)])].slice(
    0,
    optionsAtAGlance,
  );
