import { t } from "../../i18n.ts";
import { Snippet } from "./snippet.tsx";

/** A secret that was just made: afterwards nobody can show it. */
export const Once = ({ secret }: { readonly secret: string }) => (
  <div class="notice notice-go">
    <p>{t("dev.once")}</p>
    <Snippet label={t("dev.once")} text={secret} />
  </div>
);
