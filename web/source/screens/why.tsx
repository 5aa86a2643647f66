import { useState } from "preact/hooks";
import { t } from "../i18n.ts";
import { Link } from "../parts/link.tsx";
import { Problem } from "../parts/problem.tsx";
import { Sheet } from "../parts/sheet.tsx";
import { reasonText, VerdictBadge } from "../parts/verdict.tsx";
import { receiptPath } from "../receipts/receipt-path.ts";
import { useStore } from "../store.ts";
import { keyOf, type Outcome } from "../work/answers.ts";
import { appeal, outcomes } from "../work/outcomes.ts";

interface WhyProps {
  readonly outcome: Outcome;
  readonly onClose: () => void;
}

/** Why an answer was not accepted: the rule, where it is written down, and one tap for a second verdict. */
export function Why({ outcome, onClose }: WhyProps) {
  const now = useStore(outcomes).get(keyOf(outcome)) ?? outcome;
  const [problem, setProblem] = useState<unknown>(null);
  const [isAppealing, setAppealing] = useState(false);
  const { state, reason, sequence } = now.submission;
  const onAppeal = (): void => {
    setAppealing(true);
    setProblem(null);
    appeal(now)
      .catch(setProblem)
      .finally(() => setAppealing(false));
  };
  return (
    <Sheet title={t("why.title")} onClose={onClose}>
      <VerdictBadge state={state} />
      <dl class="facts">
        <dt>{t("slip.task")}</dt>
        <dd dir="auto">{now.question}</dd>
        <dt>{t("slip.rule")}</dt>
        <dd>
          {reasonText(reason)} {reason !== null && <code class="faint">{reason}</code>}
        </dd>
        <dt>{t("why.evidence")}</dt>
        <dd>
          <Link to={receiptPath(now)}>{t("slip.receipt", { sequence })}</Link>
        </dd>
      </dl>
      {problem !== null && <Problem error={problem} />}
      {state === "appealable" && (
        <>
          <p>{t("why.appealText")}</p>
          <button type="button" class="button button-main" disabled={isAppealing} onClick={onAppeal}>
            {t("why.appeal")}
          </button>
        </>
      )}
      {state === "appealed" && <p role="status">{t("why.appealed")}</p>}
      {state === "rejected" && <p>{t("why.final")}</p>}
    </Sheet>
  );
}
