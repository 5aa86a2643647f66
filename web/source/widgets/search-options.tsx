import { useRef, useState } from "preact/hooks";
import { t } from "../i18n.ts";
import { Icon } from "../parts/icons.tsx";
import { choicesMax, optionsOf, toggled, type WidgetProps } from "./draft.ts";
import { Option, optionText } from "./options.tsx";
import { matching } from "./search.ts";
import { useWidgetKeys } from "./widget-keys.ts";

/** So many that a list can still be read; whoever wants another types more of it. */
const shownMost = 24;

/** Choosing from hundreds or thousands: by searching. What is chosen stays in sight. */
export function SearchOptions({ schema, labels, draft, onChange, question }: WidgetProps) {
  const [query, setQuery] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const isMany = schema.type === "choices";
  const all = optionsOf(schema) as readonly string[];
  const chosen = isMany ? ((draft ?? []) as readonly string[]) : typeof draft === "string" ? [draft] : [];
  const found = matching(all, (id) => labels.get(id) ?? id, query, shownMost);
  const choose = (id: string): void => onChange(isMany ? toggled(draft, id) : id);
  useWidgetKeys(({ key }) => {
    if (key !== "/") return false;
    field.current?.focus();
    return true;
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    const [first] = found.items;
    if (event.key === "Enter" && !event.ctrlKey && first !== undefined) choose(first);
    else if (event.key === "ArrowDown") list.current?.querySelector("input")?.focus();
    else return;
    event.preventDefault();
  };
  return (
    <fieldset class="search">
      <legend class="hidden">{question}</legend>
      {chosen.length > 0 && (
        <ul class="chips" aria-label={t("search.chosen")}>
          {chosen.map((id) => (
            <li key={id}>
              <button
                type="button"
                class="chip chip-chosen"
                aria-label={t("search.remove", { name: optionText(labels, id) })}
                onClick={() => onChange(isMany ? toggled(draft, id) : undefined)}
              >
                <bdi>{optionText(labels, id)}</bdi>
                <Icon name="cross" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <label class="search-field">
        <Icon name="find" />
        <span class="hidden">{t("search.label", { count: all.length })}</span>
        <input
          ref={field}
          type="search"
          dir="auto"
          autocomplete="off"
          enterkeyhint="done"
          placeholder={t("search.label", { count: all.length })}
          value={query}
          onInput={({ currentTarget }) => setQuery(currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <span class="key" aria-hidden="true">
          /
        </span>
      </label>
      <div ref={list} class="options options-found">
        {found.items.map((id) => (
          <Option
            key={id}
            name="answer"
            isMany={isMany}
            isChosen={chosen.includes(id)}
            isOff={isMany && !chosen.includes(id) && chosen.length >= choicesMax(schema)}
            onChoose={() => choose(id)}
          >
            {optionText(labels, id)}
          </Option>
        ))}
      </div>
      <p class="faint" role="status">
        {found.count > shownMost
          ? t("search.more", { count: found.count - shownMost })
          : t("search.found", { count: found.count })}
      </p>
    </fieldset>
  );
}
