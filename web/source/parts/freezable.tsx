import { useEffect, useState } from "preact/hooks";
import { network } from "../connection.ts";
import { t } from "../i18n.ts";

/** Where whoever issues the token can freeze accounts, everybody who holds or pays in some is told. */
export function Freezable() {
  const [canFreeze, setCanFreeze] = useState(false);
  useEffect(() => {
    network().then(
      (found) => setCanFreeze(found.canFreeze === true),
      () => undefined,
    );
  }, []);
  return canFreeze ? <p class="faint">{t("token.canFreeze")}</p> : null;
}
