import { isLanguage, languages, preferredLanguage, speak, spoken, t } from "../i18n.ts";
import { Sheet } from "../parts/sheet.tsx";
import { applyTheme, settings } from "../settings.ts";
import { useStore } from "../store.ts";
import { start } from "../trouble.ts";
import { account, signOut } from "./account.ts";

/** Language, light, and who is signed in. */
export function ConsoleSettings({ onClose }: { readonly onClose: () => void }) {
  const { theme } = useStore(settings);
  const { language } = useStore(spoken);
  const known = useStore(account);
  return (
    <Sheet title={t("nav.settings")} onClose={onClose}>
      <label class="field">
        <span>{t("settings.language")}</span>
        <select
          value={language}
          onChange={({ currentTarget: { value } }) => {
            if (!isLanguage(value)) return;
            settings.update((now) => ({ ...now, language: value }));
            start(speak(preferredLanguage()));
          }}
        >
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
      {known !== null && (
        <section class="choices">
          <p class="faint">
            {t("console.signedIn")} <code class="hash">{known.owner}</code>
          </p>
          <button
            type="button"
            class="button"
            onClick={() => {
              signOut();
              onClose();
            }}
          >
            {t("console.signOut")}
          </button>
        </section>
      )}
    </Sheet>
  );
}
