import { loadDevice } from "../account.ts";
import { t } from "../i18n.ts";
import { Later } from "../parts/later.tsx";
import { Preferences } from "../parts/preferences.tsx";
import { Sheet } from "../parts/sheet.tsx";

/** Language and light, and what is told of and kept on this device. */
export const SettingsSheet = ({ onClose }: { readonly onClose: () => void }) => (
  <Sheet title={t("nav.settings")} onClose={onClose}>
    <Preferences />
    {!isSecureContext && <p class="faint">{t("settings.insecure")}</p>}
    <Later load={loadDevice} />
    <p>
      <a class="button" href="/console">
        {t("settings.ask")}
      </a>
    </p>
  </Sheet>
);
