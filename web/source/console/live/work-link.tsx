import { useState } from "preact/hooks";
import type { Market } from "../../../../src/contract/markets.ts";
import { server } from "../../connection.ts";
import { t } from "../../i18n.ts";
import { Code, isReachable } from "../../parts/code.tsx";
import { start } from "../../trouble.ts";

/** Where contributors find this market; a phone reads it off the screen where it can reach this address. */
export function WorkLink({ market: { id, status } }: { readonly market: Market }) {
  const [isCopied, setCopied] = useState(false);
  if (status !== "open") return null;
  const address = `${server}/desk/${id}`;
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(address);
    setCopied(true);
  };
  return (
    <section class="panel work-link">
      <div>
        <h2>{t("live.workLink")}</h2>
        <p class="faint">{t("live.workText")}</p>
        <p>
          <a href={address} class="hash" dir="ltr">
            {address}
          </a>
        </p>
        <button type="button" class="button" onClick={() => start(copy())}>
          {t(isCopied ? "live.copied" : "live.copy")}
        </button>
      </div>
      {isReachable && <Code text={address} label={t("live.code")} />}
    </section>
  );
}
