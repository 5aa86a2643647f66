import { useEffect, useState } from "preact/hooks";
import type { Acknowledgement } from "../../../src/contract/receipts.ts";
import { routes } from "../../../src/contract/routes.ts";
import { network, transport, watched } from "../connection.ts";
import { t, timeText } from "../i18n.ts";
import { Icon } from "../parts/icons.tsx";
import { Loading, Problem } from "../parts/problem.tsx";
import { entryText } from "../receipts/entry-text.ts";
import { type Proof, type ProvedEntry, proofOf } from "../receipts/proof.ts";
import { tampered } from "../receipts/tamper.ts";

interface ReceiptProps {
  readonly market: string;
  readonly lane: string;
  readonly sequences: string;
}

/** A receipt, checked here and now; and what it looks like when one bit of it is another. */
export function Receipt({ market, lane, sequences }: ReceiptProps) {
  const [given, setGiven] = useState<Acknowledgement | null>(null);
  const [proof, setProof] = useState<Proof | null>(null);
  const [isTampered, setTampered] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const load = (): void => {
    setProblem(null);
    const params = { market, lane, sequence: sequences };
    watched(transport.call(routes.getReceipt, { params })).then(setGiven, setProblem);
  };
  useEffect(load, [market, lane, sequences]);
  useEffect(() => {
    if (given === null) return;
    network()
      .then(async ({ signer }) => setProof(await proofOf(isTampered ? tampered(given) : given, signer)))
      .catch(setProblem);
  }, [given, isTampered]);
  return (
    <div class="column">
      <h1 tabIndex={-1}>{t("receipt.title")}</h1>
      {problem !== null && <Problem error={problem} onRetry={load} />}
      {proof === null && problem === null && <Loading />}
      {proof !== null && given !== null && (
        <>
          <ProofView proof={proof} given={given} />
          <p class="faint">{t("receipt.tamperText")}</p>
          <button type="button" class="button" aria-pressed={isTampered} onClick={() => setTampered(!isTampered)}>
            {t(isTampered ? "receipt.restore" : "receipt.tamper")}
          </button>
        </>
      )}
    </div>
  );
}

function ProofView({ proof, given }: { readonly proof: Proof; readonly given: Acknowledgement }) {
  return (
    <section class={proof.holds ? "paper slip slip-paid" : "paper slip slip-refused"}>
      <p role="status" class={`badge badge-${proof.holds ? "paid" : "refused"}`}>
        <Icon name={proof.holds ? "check" : "cross"} />
        {t(proof.holds ? "receipt.holds" : "receipt.broken")}
      </p>
      <dl class="facts">
        <dt>{t("receipt.market")}</dt>
        <dd>
          <code>{given.market}</code>
        </dd>
        <dt>{t("receipt.signed")}</dt>
        <dd>{t(proof.isSigned ? "receipt.signedYes" : "receipt.signedNo", { time: timeText(given.head.timeMs) })}</dd>
        <dt>{t("receipt.root", { sequence: given.head.sequence })}</dt>
        <dd>
          <code class="hash">{proof.root}</code>
        </dd>
      </dl>
      <ol class="entries">
        {proof.entries.map((each) => (
          <li key={each.sequence}>
            <EntryView proved={each} root={proof.root} />
          </li>
        ))}
      </ol>
    </section>
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
