import { useEffect, useState } from "preact/hooks";
import type { Market } from "../../../src/contract/markets.ts";
import { serverNow } from "../connection.ts";
import { safeText } from "../content/safe-text.ts";
import { durationText, numberText, t } from "../i18n.ts";
import { Icon } from "../parts/icons.tsx";
import { Money, Unit } from "../parts/money.tsx";
import { useStore } from "../store.ts";
import { hourlyRate } from "../work/answers.ts";
import type { InHand } from "../work/desk.ts";
import { outcomes } from "../work/outcomes.ts";

interface HeaderProps {
  readonly market: Market | null;
  readonly inHand: InHand | null;
  readonly onGuide: () => void;
}

/** Whose work it is, what it pays, how long it is reserved, and what an hour of it has really brought. */
export function WorkHeader({ market, inHand, onGuide }: HeaderProps) {
  const all = useStore(outcomes);
  const rate = hourlyRate([...all.values()].filter(({ market: id }) => id === market?.id));
  return (
    <header class="work-header">
      <div class="work-title">
        <p class="work-market" dir="auto">
          {market === null ? t("common.loading") : safeText(market.title, 120)}
        </p>
        <p class="faint">{market !== null && t("work.requester", { key: shortKey(market.owner) })}</p>
      </div>
      <button type="button" class="button button-guide" onClick={onGuide} disabled={market === null}>
        <Icon name="guide" />
        {t("work.guide")}
      </button>
      <dl class="meters">
        <div>
          <dt>{t("work.reward")}</dt>
          <dd>{inHand === null ? "–" : <Money amount={inHand.offer.reward} />}</dd>
        </div>
        <div>
          <dt>{t("work.timeLeft")}</dt>
          <dd>{inHand === null ? "–" : <TimeLeft expiresAtMs={inHand.offer.expiresAtMs} />}</dd>
        </div>
        <div>
          <dt>{t("work.hourly")}</dt>
          <dd>
            {rate === null ? (
              "–"
            ) : (
              <span class="money">
                {numberText(rate, 2)} <Unit />
              </span>
            )}
          </dd>
        </div>
      </dl>
    </header>
  );
}

export const shortKey = (key: string): string => `${key.slice(0, 4)}…${key.slice(-4)}`;

/** Ends with a promise instead of a threat: an answer that comes late gets another slot of the same task. */
function TimeLeft({ expiresAtMs }: { readonly expiresAtMs: number }) {
  const [now, setNow] = useState(serverNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const left = expiresAtMs - now;
  if (left <= 0) return <span title={t("work.leaseLateText")}>{t("work.leaseLate")}</span>;
  return <time role="timer">{durationText(left)}</time>;
}
