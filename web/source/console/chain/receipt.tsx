import { networkOf } from "../../connection.ts";
import { t } from "../../i18n.ts";
import type { Proof } from "../../receipts/proof.ts";
import { Receipt } from "../../screens/receipt.tsx";
import { WithCode } from "../parts/with-code.tsx";
import { ChainState } from "./chain-state.tsx";
import { type Chain, useChain } from "./use-chain.ts";

/** A receipt, held against the chain by this page itself: who the attestors are, and what the pool last committed. */
export function ReceiptOnChain({ market, slot }: { readonly market: string; readonly slot: string }) {
  const { chain, ask } = useChain(() => networkOf(market));
  const trust = chain.state === "read" ? chain.trust : null;
  return (
    <Receipt
      shown={{ market, slot }}
      chain={trust}
      {...(trust !== null && { onLook: ask })}
      onChain={(proof) => (
        <section class="panel" id="on-chain" aria-live="polite">
          <h2>{t("chain.title")}</h2>
          <ChainState chain={chain} ask={ask} />
          {chain.state === "read" ? <Found proof={proof} chain={chain} /> : <p class="faint">{t("chain.without")}</p>}
        </section>
      )}
    />
  );
}

interface FoundProps {
  readonly proof: Proof;
  readonly chain: Chain & { readonly state: "read" };
}

/** What stood in the chain's accounts, and which of it the receipt was held against. */
function Found({ proof, chain: { host, trust } }: FoundProps) {
  const { slot, epoch, attestors } = trust;
  const values = { host, slot: `${slot}`, epoch: `${epoch}` };
  const isGood = proof.holds && proof.onChain !== null && proof.onChain !== "notYet";
  return (
    <>
      <p>
        <span class={`badge badge-${isGood ? "paid" : proof.holds ? "waiting" : "refused"}`}>
          {t(isGood ? "chain.stands" : proof.holds ? "chain.standsNotYet" : "chain.standsNot")}
        </span>
      </p>
      <p>{t(wordsOf(proof), { ...values, its: epochOf(proof) })}</p>
      <p class="faint">
        {t("chain.readFrom", values)}{" "}
        {t("chain.attestors", { threshold: attestors.threshold, count: attestors.keys.length, set: trust.setVersion })}
      </p>
      <p class="faint">
        <WithCode text={t("chain.trusted")} />
      </p>
    </>
  );
}

function wordsOf({ holds, onChain }: Proof) {
  if (onChain === "notYet") return "chain.notYet";
  if (!holds) return "chain.broken";
  return onChain === null ? "chain.noCommit" : (`chain.${onChain}` as const);
}

const epochOf = ({ anchor }: Proof): string => (anchor.by === "attestors" ? anchor.epoch : "");
