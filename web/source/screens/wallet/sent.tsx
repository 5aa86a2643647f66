import type { Withdrawal } from "../../../../src/contract/withdrawals.ts";
import { safeText } from "../../content/safe-text.ts";
import { t, timeText } from "../../i18n.ts";
import { Address } from "../../parts/address.tsx";
import { Icon, type IconName } from "../../parts/icons.tsx";
import { Money } from "../../parts/money.tsx";
import { OfMint } from "../../parts/tokens.tsx";
import { shortKey } from "../work-header.tsx";

type State = Exclude<Withdrawal["state"], "planned">;

const looks: Readonly<Record<State, readonly [badge: string, icon: IconName]>> = {
  sent: ["badge-waiting", "clock"],
  final: ["badge-paid", "check"],
  expired: ["badge-refused", "cross"],
  failed: ["badge-refused", "cross"],
};

/** What was sent, what became of each, and what to do where it did not arrive. */
export function Sent({ rows }: { readonly rows: readonly Withdrawal[] }) {
  if (rows.length === 0) return null;
  return (
    <>
      <h3>{t("sent.title")}</h3>
      <ul class="rows" aria-live="polite">
        {rows.map((each) => (
          <li key={each.id} class="row">
            <SentRow sent={each} state={each.state as State} />
          </li>
        ))}
      </ul>
    </>
  );
}

function SentRow({ sent, state }: { readonly sent: Withdrawal; readonly state: State }) {
  const [badge, icon] = looks[state];
  return (
    <>
      <span class="row-title">{t("sent.to", { key: shortKey(sent.to) })}</span>
      <OfMint mint={sent.mint}>
        <Money amount={sent.amount} />
      </OfMint>
      <p class="row-facts">
        <span class={`badge ${badge}`}>
          <Icon name={icon} />
          {t(`sent.${state}`)}
        </span>
        <time class="faint" dateTime={new Date(sent.plannedAtMs).toISOString()}>
          {timeText(sent.plannedAtMs)}
        </time>
      </p>
      <p class="row-facts faint">
        <span>{t(`sent.${state}Text`)}</span>
        {sent.problem !== null && <code>{safeText(sent.problem, 300)}</code>}
      </p>
      <details class="more row-facts">
        <summary>{t("sent.details")}</summary>
        <dl class="facts">
          <dt>{t("plan.to")}</dt>
          <dd>
            <Address of={sent.to} />
          </dd>
          {sent.transaction !== null && (
            <>
              <dt>{t("sent.transaction")}</dt>
              <dd>
                <Address of={sent.transaction} />
              </dd>
            </>
          )}
        </dl>
      </details>
    </>
  );
}
