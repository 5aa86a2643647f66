import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Network } from "../../../src/contract/network.ts";
import { routes } from "../../../src/contract/routes.ts";
import { formatAmount } from "../../../src/core/amount.ts";
import { fromBase64, toBase58 } from "../../../src/core/bytes.ts";
import type { PoolTrust } from "../../../src/core/pool-trust.ts";
import type { ReceiptFacts } from "../../../src/market/settlement/verify-receipt.ts";
import { networkOf, transport, watched } from "../connection.ts";
import { numberText, t, timeText } from "../i18n.ts";
import { verify } from "../keys/wallet.ts";
import { Freezable } from "../parts/freezable.tsx";
import { Icon } from "../parts/icons.tsx";
import { Money } from "../parts/money.tsx";
import { Loading, Problem } from "../parts/problem.tsx";
import { OfMint } from "../parts/tokens.tsx";
import { reasonText } from "../parts/verdict.tsx";
import { entryText } from "../receipts/entry-text.ts";
import { type Anchor, type Proof, type ProvedEntry, proofOfEntries, proofOfSlot } from "../receipts/proof.ts";
import { receiptFile } from "../receipts/receipt-file.ts";
import { tamperedEntries, tamperedReceipt } from "../receipts/tamper.ts";

/** A slot's receipt; or the proof that some entries stand in the log, for an answer that has no verdict yet. */
export type Shown =
  | { readonly market: string; readonly slot: string }
  | { readonly market: string; readonly lane: string; readonly sequences: string };

/** A receipt as it was fetched: how it is checked, whole or with one bit turned over, and the file of it. */
interface Given {
  readonly network: Network;
  check(isTampered: boolean, chain: PoolTrust | null): Promise<Proof>;
  readonly file: ((facts: ReceiptFacts) => Blob) | null;
}

/** A commit comes within seconds on the local network, within a minute elsewhere. */
const lookAgainMs = 2_000;
const looksMax = 60;

interface ReceiptProps {
  readonly shown: Shown;
  /** What the chain said, where somebody asked it; null until it answers. */
  readonly chain?: PoolTrust | null;
  /** Asks it again. */
  readonly onLook?: () => void;
  /** Says how it was found on chain. Where nobody asked the chain, there is a link to where it is asked. */
  readonly onChain?: (proof: Proof) => ComponentChildren;
}

/** A receipt, checked here and now; and what it looks like when one bit of it is another. */
export function Receipt({ shown, chain = null, onLook, onChain }: ReceiptProps) {
  const [given, setGiven] = useState<Given | null>(null);
  const [proof, setProof] = useState<Proof | null>(null);
  const [isTampered, setTampered] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const load = (): void => {
    setProblem(null);
    watched(fetched(shown)).then(setGiven, setProblem);
  };
  useEffect(load, [JSON.stringify(shown)]);
  useEffect(() => {
    given?.check(isTampered, chain).then(setProof, setProblem);
  }, [given, isTampered, chain]);
  const isWaiting = proof !== null && proof.facts !== null && proof.facts.committed === null;
  useCompletion(isWaiting || proof?.onChain === "notYet", () => {
    onLook?.();
    if (isWaiting) void fetched(shown).then(setGiven, () => undefined);
  });
  return (
    <div class="column">
      <h1 tabIndex={-1}>{t("receipt.title")}</h1>
      {problem !== null && <Problem error={problem} onRetry={load} />}
      {proof === null && problem === null && <Loading />}
      {proof !== null && given !== null && (
        <>
          <OfMint mint={given.network.mint}>
            <ProofView proof={proof} network={given.network} isWaiting={isWaiting} />
          </OfMint>
          {onChain === undefined ? <HoldAgainstChain shown={shown} network={given.network} /> : onChain(proof)}
          <p class="faint">{t("receipt.tamperText")}</p>
          <div class="side-by-side">
            <button type="button" class="button" aria-pressed={isTampered} onClick={() => setTampered(!isTampered)}>
              {t(isTampered ? "receipt.restore" : "receipt.tamper")}
            </button>
            {given.file !== null && proof.facts !== null && <SaveButton file={given.file(proof.facts)} shown={shown} />}
          </div>
        </>
      )}
    </div>
  );
}

/** Looks again while a receipt waits for the commit that completes it, and somebody looks at it. */
function useCompletion(isWaiting: boolean, look: () => void): void {
  // What is looked at may come to be known while it waits.
  const latest = useRef(look);
  latest.current = look;
  useEffect(() => {
    if (!isWaiting) return;
    let looks = 0;
    const timer = setInterval(() => {
      if (document.hidden) return;
      if (++looks > looksMax) clearInterval(timer);
      else latest.current();
    }, lookAgainMs);
    return () => clearInterval(timer);
  }, [isWaiting]);
}

async function fetched(shown: Shown): Promise<Given> {
  const { market } = shown;
  const known = await networkOf(market);
  if ("slot" in shown) {
    const { slot } = shown;
    const { receipt } = await transport.call(routes.getSlotReceipt, { params: { market, slot } });
    const encoded = fromBase64(receipt);
    return {
      network: known,
      check: (isTampered, chain) => proofOfSlot(isTampered ? tamperedReceipt(encoded) : encoded, known, verify, chain),
      file: (facts) => receiptFile({ network: known, market, slot, receipt }, facts),
    };
  }
  const { lane, sequences: sequence } = shown;
  const found = await transport.call(routes.getReceipt, { params: { market, lane, sequence } });
  return {
    network: known,
    check: (isTampered) => proofOfEntries(isTampered ? tamperedEntries(found) : found, known, verify),
    file: null,
  };
}

/** Only the explorer's page may ask the chain; this one shows what strangers wrote. */
function HoldAgainstChain({ shown, network: { rpcUrl } }: { readonly shown: Shown; readonly network: Network }) {
  if (rpcUrl === undefined || !("slot" in shown)) return null;
  return (
    <p>
      <a href={`/explorer/receipts/${shown.market}/${shown.slot}`}>{t("receipt.againstChain")}</a>
    </p>
  );
}

function SaveButton({ file, shown }: { readonly file: Blob; readonly shown: Shown }) {
  const save = (): void => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `earnest-${shown.market.slice(0, 8)}-${"slot" in shown ? shown.slot : shown.lane}.jsonl`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <button type="button" class="button" onClick={save}>
      {t("receipt.save")}
    </button>
  );
}

interface ProofViewProps {
  readonly proof: Proof;
  readonly network: Network;
  readonly isWaiting: boolean;
}

function ProofView({ proof, network: { decimals }, isWaiting }: ProofViewProps) {
  const { holds, facts, problem } = proof;
  return (
    <section class={holds ? "paper slip slip-paid" : "paper slip slip-refused"}>
      <p role="status" class={`badge badge-${holds ? "paid" : "refused"}`}>
        <Icon name={holds ? "check" : "cross"} />
        {t(holds ? "receipt.holds" : "receipt.broken")}
      </p>
      {problem !== null && (
        <p>
          <span lang="en">{problem.text}</span> <code class="faint">{problem.code}</code>
        </p>
      )}
      <dl class="facts">
        {facts !== null && <FactsView facts={facts} decimals={decimals} />}
        <dt>{t("receipt.signed")}</dt>
        <dd>{anchorText(proof.anchor)}</dd>
        {isWaiting && <dd class="faint">{t("receipt.waiting")}</dd>}
        <dt>{t("receipt.root", { sequence: proof.size })}</dt>
        <dd>
          <code class="hash">{proof.root}</code>
        </dd>
        <dt>{t("receipt.market")}</dt>
        <dd>
          <code class="hash">{proof.market}</code>
        </dd>
      </dl>
      {facts?.verdict === "accepted" && <Freezable />}
      {/* What is proved is said above; the hashes are there for whoever doubts, and where they do not fit. */}
      <details class="entries-all" open={!holds || facts === null}>
        <summary>{t("receipt.entries", { count: proof.entries.length })}</summary>
        <ol class="entries">
          {proof.entries.map((each) => (
            <li key={each.sequence}>
              <EntryView proved={each} root={proof.root} />
            </li>
          ))}
        </ol>
      </details>
    </section>
  );
}

function anchorText(anchor: Anchor): string {
  if (anchor.by === "signer") {
    return t(anchor.isSigned ? "receipt.signedYes" : "receipt.signedNo", { time: timeText(anchor.timeMs) });
  }
  if (!anchor.isSigned) return t("receipt.attestedNo");
  const { signatures, attestors, epoch } = anchor;
  return t("receipt.attested", { signatures, attestors, epoch: numberText(Number(epoch)) });
}

/** What the receipt proves, in the words that its owner knows from the slip. */
function FactsView({ facts, decimals }: { readonly facts: ReceiptFacts; readonly decimals: number }) {
  const { verdict, reason, paid, committed, contributor } = facts;
  const verdicts = { accepted: "verdict.accepted", rejected: "verdict.rejected", review: "verdict.review" } as const;
  return (
    <>
      <dt>{t("receipt.verdict")}</dt>
      <dd>
        {t(verdict === "void" ? "verdict.void" : verdicts[verdict])}
        {verdict === "accepted" && (
          <>
            {" · "}
            <Money amount={formatAmount(paid, decimals)} sign="+" />
          </>
        )}
      </dd>
      <dt>{t("slip.rule")}</dt>
      <dd>
        {reasonText(reason)} <code class="faint">{reason}</code>
      </dd>
      <dt>{t("receipt.contributor")}</dt>
      <dd>
        <code class="hash">{toBase58(contributor.key)}</code>
      </dd>
      {committed !== null && (
        <>
          <dt>{t("receipt.owed")}</dt>
          <dd>
            <Money amount={formatAmount(committed.cumulative, decimals)} />
          </dd>
        </>
      )}
    </>
  );
}

function EntryView({ proved, root }: { readonly proved: ProvedEntry; readonly root: string }) {
  const { sequence, entry, leaf, reached, stands } = proved;
  return (
    <>
      <p class={`badge badge-${stands ? "paid" : "refused"}`}>
        <Icon name={stands ? "check" : "cross"} />
        {t("receipt.entry", { sequence })}
      </p>
      <p>{entry === null ? t("receipt.unreadable") : entryText(entry)}</p>
      <dl class="facts">
        <dt>{t("receipt.leaf")}</dt>
        <dd>
          <code class="hash">{leaf}</code>
        </dd>
        <dt>{t("receipt.reached")}</dt>
        <dd>
          <code class={stands ? "hash" : "hash hash-wrong"}>{reached ?? t("receipt.nowhere")}</code>
          {!stands && (
            <p>
              {t("receipt.differs")} <code class="hash">{root}</code>
            </p>
          )}
        </dd>
      </dl>
    </>
  );
}
