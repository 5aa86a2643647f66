import { useState } from "preact/hooks";
import { contributor, serverNow, signInAnew } from "../../connection.ts";
import { nameOf, spoken, t } from "../../i18n.ts";
import { Icon } from "../../parts/icons.tsx";
import { Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import { type About, settings } from "../../settings.ts";
import { countries, languages } from "./codes.ts";

const languagesMax = 20;

/** What somebody says of themselves, where they want to: markets may ask for it. */
export function AboutScreen() {
  const [about, setAbout] = useState<About>(settings.value.about);
  const [isSaved, setSaved] = useState(false);
  const task = useTask();
  const change = (to: Partial<About>): void => {
    setSaved(false);
    setAbout({ ...about, ...to });
  };
  const save = async (): Promise<void> => {
    settings.update((now) => ({ ...now, about }));
    if (contributor.value !== null) await signInAnew();
    setSaved(true);
  };
  return (
    <form
      class="column about"
      onSubmit={(event) => {
        event.preventDefault();
        task.run(save);
      }}
    >
      <h1 tabIndex={-1}>{t("about.title")}</h1>
      <p>{t("about.text")}</p>
      <Languages chosen={about.languages} onChange={(chosen) => change({ languages: chosen })} />
      <label class="field">
        <span>{t("about.country")}</span>
        <select
          value={about.country ?? ""}
          onChange={({ currentTarget: { value } }) => change({ country: value || null })}
        >
          <option value="">{t("about.unsaid")}</option>
          {named(countries, "region").map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{t("about.birthYear")}</span>
        <input
          class="input"
          type="number"
          inputMode="numeric"
          min={1900}
          max={new Date(serverNow()).getUTCFullYear()}
          value={about.birthYear ?? ""}
          onInput={({ currentTarget }) =>
            change({ birthYear: currentTarget.value === "" ? null : currentTarget.valueAsNumber })
          }
        />
      </label>
      <p class="faint">{t("about.public")}</p>
      {task.problem !== null && <Problem error={task.problem} />}
      <button type="submit" class="button button-main" disabled={task.isBusy}>
        {t("about.save")}
      </button>
      <p role="status">{isSaved && t("about.saved")}</p>
    </form>
  );
}

interface LanguagesProps {
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

function Languages({ chosen, onChange }: LanguagesProps) {
  return (
    <fieldset class="about-languages">
      <legend>{t("about.languages")}</legend>
      <ul class="chips">
        {chosen.map((code) => (
          <li key={code} class="chip">
            {nameOf(code, "language")}
            <button
              type="button"
              class="button-icon"
              aria-label={t("search.remove", { name: nameOf(code, "language") })}
              onClick={() => onChange(chosen.filter((each) => each !== code))}
            >
              <Icon name="cross" />
            </button>
          </li>
        ))}
      </ul>
      {chosen.length < languagesMax && (
        <select
          aria-label={t("about.addLanguage")}
          value=""
          onChange={({ currentTarget }) => {
            const { value } = currentTarget;
            currentTarget.value = "";
            if (value !== "") onChange([...chosen, value]);
          }}
        >
          <option value="">{t("about.addLanguage")}</option>
          {named(
            languages.filter((code) => !chosen.includes(code)),
            "language",
          ).map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      )}
    </fieldset>
  );
}

/** Codes with their names, in the order of the language that is spoken. */
function named(codes: readonly string[], type: "language" | "region"): readonly (readonly [string, string])[] {
  const { compare } = new Intl.Collator(spoken.value.language);
  return codes.map((code) => [code, nameOf(code, type)] as const).sort(([, a], [, b]) => compare(a, b));
}
