import { isLanguage, languages, preferredLanguage, speak, spoken, t } from "../i18n.ts";
import { applyTheme, settings } from "../settings.ts";
import { useStore } from "../store.ts";
import { start } from "../trouble.ts";

/** Language and light. Language names stand in their own language, for whoever cannot read this one. */
export function Preferences() {
  const { theme } = useStore(settings);
  const { language } = useStore(spoken);
  const onLanguage = (chosen: string): void => {
    if (!isLanguage(chosen)) return;
    settings.update((now) => ({ ...now, language: chosen }));
    start(speak(preferredLanguage()));
  };
  return (
    <>
      <label class="field">
        <span>{t("settings.language")}</span>
        <select value={language} onChange={({ currentTarget }) => onLanguage(currentTarget.value)}>
          {Object.entries(languages).map(([code, name]) => (
            <option key={code} value={code} lang={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <fieldset class="segments">
        <legend>{t("settings.theme")}</legend>
        {(["auto", "light", "dark"] as const).map((each) => (
          <label key={each} class="segment">
            <input
              type="radio"
              name="theme"
              checked={theme === each}
              onChange={() => {
                settings.update((now) => ({ ...now, theme: each }));
                applyTheme();
              }}
            />
            <span>{t(`settings.${each}`)}</span>
          </label>
        ))}
      </fieldset>
    </>
  );
}
