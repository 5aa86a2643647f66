import { loadDevice } from "../account.ts";
import { isLanguage, languages, preferredLanguage, speak, spoken, t } from "../i18n.ts";
import { Later } from "../parts/later.tsx";
import { Sheet } from "../parts/sheet.tsx";
import { applyTheme, type Settings, settings } from "../settings.ts";
import { useStore } from "../store.ts";
import { start } from "../trouble.ts";

/** Language and light, and what is told of and kept on this device. Language names stand in their own language, for whoever cannot read this one. */
export function SettingsSheet({ onClose }: { readonly onClose: () => void }) {
  const { theme } = useStore(settings);
  const { language } = useStore(spoken);
  const onLanguage = (chosen: string): void => {
    if (!isLanguage(chosen)) return;
    settings.update((now) => ({ ...now, language: chosen }));
    start(speak(preferredLanguage()));
  };
  const onTheme = (chosen: Settings["theme"]): void => {
    settings.update((now) => ({ ...now, theme: chosen }));
    applyTheme();
  };
  return (
    <Sheet title={t("nav.settings")} onClose={onClose}>
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
            <input type="radio" name="theme" checked={theme === each} onChange={() => onTheme(each)} />
            <span>{t(`settings.${each}`)}</span>
          </label>
        ))}
      </fieldset>
      {!isSecureContext && <p class="faint">{t("settings.insecure")}</p>}
      <Later load={loadDevice} />
    </Sheet>
  );
}
