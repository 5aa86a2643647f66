import type { Network } from "../../../../src/contract/network.ts";
import { numberText, t } from "../../i18n.ts";

/** Where this network is on chain, and one of its pools. */
export function NetworkPanel({ network: known }: { readonly network: Network }) {
  const rows = [
    ["explore.cluster", known.cluster],
    ["explore.mint", known.mint],
    ["explore.program", known.program],
    ["explore.pool", known.pool],
    ["explore.vaultAccount", known.vault],
    ["explore.signer", known.signer],
  ] as const;
  return (
    <section class="panel" id="network">
      <h2>{t("explore.network")}</h2>
      <dl class="facts">
        {rows.map(([key, value]) => (
          <div key={key} class="fact">
            <dt>{t(key)}</dt>
            <dd>
              <code class="hash" dir="ltr">
                {value}
              </code>
            </dd>
          </div>
        ))}
      </dl>
      <p class="faint">{t("explore.fee", { percent: numberText(known.feeBasisPoints / 100, 2) })}</p>
    </section>
  );
}
