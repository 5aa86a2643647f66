import { useEffect, useRef, useState } from "preact/hooks";
import { isMessageKey, t } from "../i18n.ts";
import { Icon } from "../parts/icons.tsx";
import { Link } from "../parts/link.tsx";
import { Money } from "../parts/money.tsx";
import { OfMint } from "../parts/tokens.tsx";
import { lookOf, reasonText, VerdictBadge } from "../parts/verdict.tsx";
import { receiptPath } from "../receipts/receipt-path.ts";
import type { Outcome } from "../work/answers.ts";
import { Why } from "./why.tsx";

/** The first answer's outcome, as a slip of paper: what it earned, by which rule, and where that is written down. */
export function Slip({ outcome }: { readonly outcome: Outcome }) {
  const { submission, offered, market, mint } = outcome;
  const look = lookOf(submission.state);
  const heading = useRef<HTMLHeadingElement>(null);
  const [isAsking, setAsking] = useState(false);
  useEffect(() => heading.current?.focus(), []);
  const key = `slip.${look}`;
  return (
    <div class="landing">
      <section class={`paper slip slip-${look}`} aria-live="polite">
        <VerdictBadge state={submission.state} />
        <h1 ref={heading} tabIndex={-1} class="slip-amount">
          <OfMint mint={mint}>
            {look === "waiting" ? (
              <Money amount={offered} />
            ) : (
              <Money amount={submission.reward} sign={look === "paid" ? "+" : ""} />
            )}
          </OfMint>
        </h1>
        <p class="slip-text">{isMessageKey(key) ? t(key) : ""}</p>
        <dl class="facts">
          <dt>{t("slip.task")}</dt>
          <dd dir="auto">{outcome.question}</dd>
          <dt>{t("slip.rule")}</dt>
          <dd>{reasonText(submission.reason)}</dd>
          <dt>{t("slip.entry")}</dt>
          <dd>
            <Link to={receiptPath(outcome)}>{t("slip.receipt", { sequence: submission.sequence })}</Link>
          </dd>
        </dl>
        {look === "refused" && (
          <button type="button" class="button" onClick={() => setAsking(true)}>
            {t("why.ask")}
          </button>
        )}
      </section>
      <div class="actions">
        <Link to={`/desk/${market}`} class="button button-main">
          {t("slip.more")}
          <Icon name="arrow" isTurned />
        </Link>
      </div>
      {isAsking && <Why outcome={outcome} onClose={() => setAsking(false)} />}
    </div>
  );
}
