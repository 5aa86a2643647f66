import { useEffect, useState } from "preact/hooks";
import type { Explanation } from "../../../src/contract/explanations.ts";
import type { Verdict } from "../../../src/contract/work.ts";
import { safeText } from "../content/safe-text.ts";
import { amountText, numberText, t, timeText } from "../i18n.ts";
import { Link } from "../parts/link.tsx";
import { Problem } from "../parts/problem.tsx";
import { Sheet } from "../parts/sheet.tsx";
import { nameOfMint } from "../parts/tokens.tsx";
import { reasonText, VerdictBadge } from "../parts/verdict.tsx";
import { receiptPath } from "../receipts/receipt-path.ts";
import { useStore } from "../store.ts";
import { start } from "../trouble.ts";
import { saidOf } from "../widgets/said.ts";
import { keyOf, type Outcome } from "../work/answers.ts";
import { appeal, outcomes, verdictOn } from "../work/outcomes.ts";

interface WhyProps {
  readonly outcome: Outcome;
  readonly onClose: () => void;
}

/** Why an answer was not accepted: the rule, what it rests on, and one tap for a second verdict. */
export function Why({ outcome, onClose }: WhyProps) {
  const now = useStore(outcomes).get(keyOf(outcome)) ?? outcome;
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const { state, reason, sequence } = now.submission;
  useEffect(() => start(verdictOn(outcome).then(setVerdict)), [state]);
  return (
    <Sheet title={t("why.title")} onClose={onClose}>
      <VerdictBadge state={state} />
      <dl class="facts">
        <dt>{t("slip.task")}</dt>
        <dd dir="auto">{safeText(now.question, 300)}</dd>
        <dt>{t("slip.rule")}</dt>
        <dd>
          {reasonText(reason)} {reason !== null && <code class="faint">{reason}</code>}
        </dd>
        <dt>{t("why.evidence")}</dt>
        <dd>
          {verdict !== null && <Evidence explanation={verdict.explanation} />}
          <Link to={receiptPath(now)}>{t("slip.receipt", { sequence })}</Link>
        </dd>
      </dl>
      <Appeal outcome={now} explanation={verdict?.explanation ?? null} />
    </Sheet>
  );
}

/** What may be shown of what the verdict rests on. Sentences of the network itself stay in its own language. */
function Evidence({ explanation }: { readonly explanation: Explanation }) {
  const { label, record, findings, note } = explanation;
  const percent = (share: number): string => numberText(share * 100);
  return (
    <>
      {label !== null && (
        <p>{t("why.label", { label: saidOf(label.label, { numberText }), confidence: percent(label.confidence) })}</p>
      )}
      {record !== null && <p>{t("why.record", { ...record, share: percent(record.accuracyMin) })}</p>}
      {findings.map(({ code, what, next }) => (
        <p key={code} lang="en">
          {what} {next}
        </p>
      ))}
      {note !== null && note !== "" && <p dir="auto">{t("why.note", { note: safeText(note, 2_000) })}</p>}
    </>
  );
}

function Appeal({ outcome, explanation }: { readonly outcome: Outcome; readonly explanation: Explanation | null }) {
  const [problem, setProblem] = useState<unknown>(null);
  const [isAppealing, setAppealing] = useState(false);
  const onAppeal = (): void => {
    setAppealing(true);
    setProblem(null);
    appeal(outcome)
      .catch(setProblem)
      .finally(() => setAppealing(false));
  };
  const { state } = outcome.submission;
  const { untilMs = null, cost = null } = explanation?.appeal ?? {};
  return (
    <>
      {problem !== null && <Problem error={problem} />}
      {state === "appealable" && (
        <>
          <p>
            {t("why.appealText")} {untilMs !== null && t("why.until", { time: timeText(untilMs) })}{" "}
            {Number(cost) > 0 && t("why.cost", { cost: amountText(cost ?? "0"), token: nameOfMint(outcome.mint) })}
          </p>
          <button type="button" class="button button-main" disabled={isAppealing} onClick={onAppeal}>
            {t("why.appeal")}
          </button>
        </>
      )}
      {state === "appealed" && <p role="status">{t("why.appealed")}</p>}
      {state === "rejected" && <p>{t("why.final")}</p>}
    </>
  );
}
