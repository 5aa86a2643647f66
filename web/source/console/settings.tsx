import { t } from "../i18n.ts";
import { Preferences } from "../parts/preferences.tsx";
import { Sheet } from "../parts/sheet.tsx";
import { useStore } from "../store.ts";
import { account, signOut } from "./account.ts";

/** Language, light, and who is signed in. */
export function ConsoleSettings({ onClose }: { readonly onClose: () => void }) {
  const known = useStore(account);
  return (
    <Sheet title={t("nav.settings")} onClose={onClose}>
      <Preferences />
      <p>
        <a class="button" href="/">
          {t("console.earn")}
        </a>
      </p>
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
