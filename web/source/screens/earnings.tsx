import { useEffect, useState } from "preact/hooks";
import type { Me } from "../../../src/contract/sessions.ts";
import type { Verdict } from "../../../src/contract/work.ts";
import { loadTold, loadYears } from "../account.ts";
import { contributor, me, refreshMe, watched } from "../connection.ts";
import { safeText } from "../content/safe-text.ts";
import { t, timeText } from "../i18n.ts";
import { keptWallet } from "../keys/wallet.ts";
import { Later } from "../parts/later.tsx";
import { Link } from "../parts/link.tsx";
import { Money } from "../parts/money.tsx";
import { Loading, Problem } from "../parts/problem.tsx";
import { OfMint } from "../parts/tokens.tsx";
import { lookOf, reasonText, VerdictBadge } from "../parts/verdict.tsx";
import { receiptPath } from "../receipts/receipt-path.ts";
import { useStore } from "../store.ts";
import { keyOf, type Outcome } from "../work/answers.ts";
import { outcomes, waiting } from "../work/outcomes.ts";
import { Why } from "./why.tsx";
import { shortKey } from "./work-header.tsx";

/** What was earned, what waits, and a receipt for each of it. */
export function Earnings() {
  const known = useStore(contributor);
  return (
    <div class="column">
      <h1 tabIndex={-1}>{t("earnings.title")}</h1>
      {known === null ? <NothingYet /> : <Account />}
    </div>
  );
}

function NothingYet() {
  return (
    <section class="notice">
      <p>{t("earnings.none")}</p>
      <Link to="/" class="button">
        {t("earnings.first")}
      </Link>
    </section>
  );
}

function Account() {
  const own = useStore(outcomes);
  const [problem, setProblem] = useState<unknown>(null);
  const [verdicts, setVerdicts] = useState<readonly Verdict[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const read = (after: string | null): void => {
    setProblem(null);
    readPage(after).then(({ items, next: more }) => {
      setVerdicts((before) => [...(after === null ? [] : (before ?? [])), ...items]);
      setNext(more);
    }, setProblem);
  };
  // Again with every verdict that comes.
  useEffect(() => read(null), [own]);
  const held = waiting(own);
  return (
    <>
      <Balance />
      <SaveNudge />
      {problem !== null && <Problem error={problem} onRetry={() => read(null)} />}
      {held.length > 0 && (
        <section>
          <h2>{t("earnings.waiting", { count: held.length })}</h2>
          <p class="faint">{t("earnings.waitingText")}</p>
          <ul class="rows">
            {held.map((outcome) => (
              <li key={keyOf(outcome)} class="row">
                <WaitingRow outcome={outcome} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <Later load={loadTold} />
      {verdicts !== null && verdicts.length > 0 && <ByYear />}
      <section>
        <h2>{t("earnings.receipts")}</h2>
        {verdicts === null && problem === null && <Loading />}
        {verdicts?.length === 0 && <p>{t("earnings.noVerdicts")}</p>}
        <ul class="rows">
          {verdicts?.map((verdict) => (
            <li key={`${verdict.market}/${verdict.slot}`} class="row">
              <VerdictRow verdict={verdict} outcome={own.get(keyOf(verdict)) ?? null} />
            </li>
          ))}
        </ul>
        {next !== null && (
          <button type="button" class="button" onClick={() => read(next)}>
            {t("earnings.more")}
          </button>
        )}
      </section>
    </>
  );
}

/** What belongs to a key that is only here is worth a minute. */
function SaveNudge() {
  const kept = useStore(keptWallet);
  const found = useStore(me);
  if (kept === null || kept.app !== undefined || kept.saved !== undefined) return null;
  if (found === null || found.balances.every(({ released }) => Number(released) === 0)) return null;
  return (
    <section class="notice notice-waiting">
      <p>{t("earnings.unsaved")}</p>
      <Link to="/wallet" class="button">
        {t("earnings.save")}
      </Link>
    </section>
  );
}

/** A year's earnings, for whoever adds them up. */
function ByYear() {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="more" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t("earnings.years")}</summary>
      {isOpen && <Later load={loadYears} />}
    </details>
  );
}

async function readPage(after: string | null) {
  const known = contributor.value;
  if (known === null) return { items: [], next: null };
  return await watched(known.verdicts({ limit: 30 }).page(after));
}

function Balance() {
  const found = useStore(me);
  useEffect(() => void refreshMe().catch(() => undefined), []);
  if (found === null) return null;
  return (
    <>
      {found.balances.map(({ mint, ...balance }, i) => (
        <OfMint key={mint} mint={mint}>
          <BalanceOf balance={balance} address={i === 0 ? found.key : null} />
        </OfMint>
      ))}
    </>
  );
}

interface BalanceOfProps {
  readonly balance: Me["balance"];
  /** Said once, however many tokens there are. */
  readonly address: string | null;
}

function BalanceOf({ balance: { released, held, settled }, address }: BalanceOfProps) {
  return (
    <section class="paper balance">
      <p class="balance-amount">
        <Money amount={released} />
      </p>
      <dl class="meters">
        <div>
          <dt>{t("earnings.onChain")}</dt>
          <dd>
            <Money amount={settled} />
          </dd>
        </div>
        <div>
          <dt>{t("earnings.reserve")}</dt>
          <dd>
            <Money amount={held} />
          </dd>
        </div>
        {address !== null && (
          <div>
            <dt>{t("earnings.key")}</dt>
            <dd>
              <code title={address}>{shortKey(address)}</code>
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function WaitingRow({ outcome }: { readonly outcome: Outcome }) {
  return (
    <>
      <span class="row-title" dir="auto">
        {safeText(outcome.question, 140)}
      </span>
      <OfMint mint={outcome.mint}>
        <Money amount={outcome.offered} />
      </OfMint>
      <p class="row-facts">
        <VerdictBadge state={outcome.submission.state} />
        <time class="faint" dateTime={new Date(outcome.answeredAtMs).toISOString()}>
          {timeText(outcome.answeredAtMs)}
        </time>
      </p>
    </>
  );
}

function VerdictRow({ verdict, outcome }: { readonly verdict: Verdict; readonly outcome: Outcome | null }) {
  const [isAsking, setAsking] = useState(false);
  const look = lookOf(verdict.state);
  const known: Outcome = outcome ?? strange(verdict);
  return (
    <>
      <Link to={receiptPath({ ...verdict, submission: verdict })} class="row-title" dir="auto">
        {safeText(known.question, 140)}
      </Link>
      <OfMint mint={verdict.mint}>
        <Money amount={verdict.reward} sign={look === "paid" ? "+" : ""} />
      </OfMint>
      <p class="row-facts">
        <VerdictBadge state={verdict.state} />
        <time class="faint" dateTime={new Date(verdict.decidedAtMs).toISOString()}>
          {timeText(verdict.decidedAtMs)}
        </time>
        {look === "refused" ? (
          <button type="button" class="button-text" onClick={() => setAsking(true)}>
            {t("why.ask")}
          </button>
        ) : (
          <span class="faint">{reasonText(verdict.reason)}</span>
        )}
      </p>
      {isAsking && <Why outcome={{ ...known, submission: verdict }} onClose={() => setAsking(false)} />}
    </>
  );
}

/** A verdict on an answer that another browser gave: its words are not here. */
const strange = (verdict: Verdict): Outcome => ({
  market: verdict.market,
  slot: verdict.slot,
  mint: verdict.mint,
  title: "",
  question: t("earnings.task", { slot: verdict.slot }),
  offered: verdict.reward,
  answeredAtMs: verdict.decidedAtMs,
  workMs: 0,
  submission: verdict,
  decidedAtMs: verdict.decidedAtMs,
});
