import type { Solvency as SolvencyOf, Totals as TotalsOf } from "../../../../src/contract/network.ts";
import { formatAmount } from "../../../../src/core/amount.ts";
import { numberText, t } from "../../i18n.ts";
import { isMore, remaining, sumOf } from "../../parts/amounts.ts";
import { Money } from "../../parts/money.tsx";
import type { Chain } from "../chain/use-chain.ts";
import { Figure } from "../live/overview.tsx";

export function Totals({ totals }: { readonly totals: TotalsOf }) {
  return (
    <section class="figures" aria-label={t("explore.totals")}>
      <Figure label={t("explore.earned")} value={<Money amount={totals.earned} />} />
      <Figure label={t("explore.settled")} value={<Money amount={totals.settled} />} />
      <Figure label={t("explore.paidPeople")} value={numberText(totals.contributorsPaid)} />
      <Figure label={t("explore.fees")} value={<Money amount={totals.fee} />} />
    </section>
  );
}

interface SolvencyProps {
  readonly solvency: SolvencyOf;
  readonly totals: TotalsOf;
  readonly chain: Chain;
}

/** What lies in the vault, by the chain where this page could ask it, against what is owed out of it. */
export function Solvency({ solvency, totals, chain }: SolvencyProps) {
  const { unearned } = solvency;
  const isRead = chain.state === "read";
  const held = isRead ? formatAmount(chain.held, chain.network.decimals) : solvency.held;
  const unclaimed = remaining(totals.earned, totals.settled);
  const owed = sumOf([unclaimed, unearned]);
  const isCovered = !isMore(owed, held);
  return (
    <section class="panel" id="solvency">
      <header class="panel-header">
        <h2>{t("explore.solvency")}</h2>
        <span class={`badge ${isCovered ? "badge-paid" : "badge-refused"}`}>
          {t(isCovered ? "explore.covered" : "explore.short")}
        </span>
      </header>
      <dl class="facts">
        <dt>{t("explore.vault")}</dt>
        <dd>
          <Money amount={held} />{" "}
          <span class="faint">
            {isRead ? t("chain.byPage", { host: chain.host, slot: `${chain.trust.slot}` }) : t("chain.byServer")}
          </span>
        </dd>
        <dt>{t("explore.unclaimed")}</dt>
        <dd>
          <Money amount={unclaimed} />
        </dd>
        <dt>{t("explore.unearned")}</dt>
        <dd>
          <Money amount={unearned} />
        </dd>
      </dl>
      <p class="faint">{t("explore.solvencyText")}</p>
    </section>
  );
}
