import { useEffect, useRef, useState } from "preact/hooks";
import type { Withdrawal } from "../../../../src/contract/withdrawals.ts";
import { serverNow } from "../../connection.ts";
import { durationText, numberText, t } from "../../i18n.ts";
import { Address } from "../../parts/address.tsx";
import { Money } from "../../parts/money.tsx";

export interface Wish {
  readonly to: string;
  /** In tokens; null for everything. */
  readonly amount: string | null;
}

interface PlanProps {
  readonly plan: Withdrawal;
  readonly isBusy: boolean;
  readonly onSend: () => void;
  readonly onAgain: () => void;
  readonly onBack: () => void;
}

const lamportsOfSol = 1_000_000_000;

/** Everything that would happen, to look at before it does. */
export function Plan({ plan, isBusy, onSend, onAgain, onBack }: PlanProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const leftMs = useLeft(plan.expiresAtMs);
  const { feeLamports, rentLamports } = plan.paidByNetwork;
  return (
    <div class="paper plan">
      <h3 ref={heading} tabIndex={-1}>
        {t("plan.title")}
      </h3>
      <dl class="facts">
        <dt>{t("plan.amount")}</dt>
        <dd>
          <strong>
            <Money amount={plan.amount} />
          </strong>
        </dd>
        <dt>{t("plan.to")}</dt>
        <dd>
          <Address of={plan.to} />
        </dd>
        <dt>{t("plan.fee")}</dt>
        <dd>{t("plan.free", { sol: numberText((feeLamports + rentLamports) / lamportsOfSol, 6) })}</dd>
        <dt>{t("plan.time")}</dt>
        <dd>{t("plan.soon")}</dd>
        {rentLamports > 0 && (
          <>
            <dt>{t("plan.account")}</dt>
            <dd>{t("plan.accountText", { sol: numberText(rentLamports / lamportsOfSol, 6) })}</dd>
          </>
        )}
      </dl>
      <p class="faint">{t("plan.check")}</p>
      <div class="buttons">
        <button type="button" class="button" onClick={onBack} disabled={isBusy}>
          {t("plan.back")}
        </button>
        {leftMs > 0 ? (
          <button type="button" class="button button-main" onClick={onSend} disabled={isBusy}>
            {t(isBusy ? "plan.sending" : "plan.send")}
          </button>
        ) : (
          <button type="button" class="button button-main" onClick={onAgain} disabled={isBusy}>
            {t("plan.again")}
          </button>
        )}
      </div>
      <p class="faint">{leftMs > 0 ? t("plan.left", { time: durationText(leftMs) }) : t("plan.old")}</p>
    </div>
  );
}

function useLeft(untilMs: number): number {
  const [now, setNow] = useState(serverNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, untilMs - now);
}
