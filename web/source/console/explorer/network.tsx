import type { Network } from "../../../../src/contract/network.ts";
import { numberText, t } from "../../i18n.ts";
import { Facts, Hash } from "./facts.tsx";

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
      <Facts rows={rows.map(([key, value]) => [t(key), <Hash key={key} text={value} />] as const)} />
      <p class="faint">{t("explore.fee", { percent: numberText(known.feeBasisPoints / 100, 2) })}</p>
    </section>
  );
}
