import type { Commit } from "../../../../src/contract/commits.ts";
import { formatAmount } from "../../../../src/core/amount.ts";
import { toBase58, toHex } from "../../../../src/core/bytes.ts";
import { isSameSet } from "../../../../src/market/settlement/chain-trust.ts";
import { t } from "../../i18n.ts";
import { Money } from "../../parts/money.tsx";
import { setIn } from "../../receipts/proof.ts";
import { shortKey } from "../../screens/work-header.tsx";
import { WithCode } from "../parts/with-code.tsx";
import { ChainState } from "./chain-state.tsx";
import type { OnChainNow, UsedChain } from "./use-chain.ts";

interface ChainPanelProps {
  readonly used: UsedChain;
  /** What the server says was committed, the newest first; null until it does. */
  readonly commits: readonly Commit[] | null;
}

/** What this page read from the chain itself, beside what the server says. */
export function ChainPanel({ used, commits }: ChainPanelProps) {
  const { chain } = used;
  return (
    <section class="panel" id="chain">
      <header class="panel-header">
        <h2>{t("chain.title")}</h2>
        {chain.state === "read" && commits !== null && <Agreement chain={chain} commits={commits} />}
      </header>
      <ChainState {...used} />
      {chain.state === "read" && (
        <>
          <p class="faint">
            {t("chain.readFrom", { host: chain.host, slot: `${chain.trust.slot}` })}{" "}
            <WithCode text={t("chain.trusted")} />
          </p>
          <Facts chain={chain} />
        </>
      )}
    </section>
  );
}

/** Whether what the server says of attestors and commits is what the chain has. */
function Agreement({ chain, commits }: { readonly chain: OnChainNow; readonly commits: readonly Commit[] }) {
  const { trust, network } = chain;
  const said = commits.find(({ epoch }) => epoch === `${trust.epoch}`);
  // A page that is long open may be behind; what it does not have it cannot compare.
  const isSameCommit = trust.epoch === 0n || said === undefined || said.digest === toHex(trust.digest);
  const isSame = isSameCommit && isSameSet(trust.attestors, setIn(network));
  return <span class={`badge badge-${isSame ? "paid" : "refused"}`}>{t(isSame ? "chain.same" : "chain.differs")}</span>;
}

function Facts({ chain: { trust, network, held } }: { readonly chain: OnChainNow }) {
  const { attestors, setVersion, epoch, digest, deposited, refunded, claimed } = trust;
  const money = (units: bigint) => <Money amount={formatAmount(units, network.decimals)} />;
  return (
    <dl class="facts">
      <dt>{t("explore.attestors")}</dt>
      <dd>
        {t("chain.attestors", { threshold: attestors.threshold, count: attestors.keys.length, set: setVersion })}{" "}
        {attestors.keys.map(toBase58).map((key) => (
          <code key={key} title={key}>
            {shortKey(key)}{" "}
          </code>
        ))}
      </dd>
      <dt>{t("explore.epoch")}</dt>
      <dd>
        {`${epoch}`} {epoch > 0n && <code class="hash">{toHex(digest)}</code>}
      </dd>
      <dt>{t("explore.vault")}</dt>
      <dd>{money(held)}</dd>
      <dt>{t("chain.deposited")}</dt>
      <dd>{money(deposited)}</dd>
      <dt>{t("chain.claimed")}</dt>
      <dd>{money(claimed)}</dd>
      <dt>{t("chain.refunded")}</dt>
      <dd>{money(refunded)}</dd>
    </dl>
  );
}
