import { useState } from "preact/hooks";
import type { Commit } from "../../../../src/contract/commits.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import type { Network, Solvency, Totals } from "../../../../src/contract/network.ts";
import type { Sponsorship } from "../../../../src/contract/reputation-routes.ts";
import { routes } from "../../../../src/contract/routes.ts";
import { network, transport } from "../../connection.ts";
import { safeText } from "../../content/safe-text.ts";
import { numberText, t, timeText } from "../../i18n.ts";
import { isMore, remaining, sumOf } from "../../parts/amounts.ts";
import { Money } from "../../parts/money.tsx";
import { Loading, Problem } from "../../parts/problem.tsx";
import { shortKey } from "../../screens/work-header.tsx";
import { percent } from "../create/quality.tsx";
import { Figure } from "../live/overview.tsx";
import { Meter } from "../parts/meter.tsx";
import { StatusBadge } from "../parts/status.tsx";
import { Table } from "../parts/table.tsx";
import { useLoad } from "../parts/use-load.ts";
import { Attestors } from "./attestors.tsx";
import { Places } from "./places.tsx";
import { ReputationPanel } from "./reputation.tsx";
import { Requesters } from "./requesters.tsx";

/** What stands behind the numbers, for anybody: no account, nothing that only its operator could see. */
export function Explorer() {
  const { value, problem, reload } = useLoad(
    async () =>
      await Promise.all([
        network(),
        transport.call(routes.getTotals),
        transport.call(routes.getSolvency),
        transport.call(routes.listCommits, { query: { limit: 30 } }),
        transport.call(routes.listMarkets, { query: { limit: 50 } }),
        transport.call(routes.listWork, { query: { limit: 200 } }),
        transport.call(routes.getSponsorship),
      ]),
    [],
  );
  if (value === null) {
    return (
      <div class="wide">
        <h1 tabIndex={-1}>{t("explore.title")}</h1>
        {problem === null ? <Loading /> : <Problem error={problem} onRetry={reload} />}
      </div>
    );
  }
  const [known, totals, solvency, commits, markets, work, sponsorship] = value;
  const rejected = new Map(work.items.map((each) => [each.market, each.rejected]));
  return (
    <div class="wide">
      <header class="heading">
        <div class="heading-text">
          <h1 tabIndex={-1}>{t("explore.title")}</h1>
          <p class="faint">{t("explore.text")}</p>
        </div>
      </header>
      {problem !== null && <Problem error={problem} onRetry={reload} />}
      <TotalsView totals={totals} />
      <SolvencyView solvency={solvency} totals={totals} />
      <Sponsor sponsorship={sponsorship} />
      <CheckReceipt />
      <Attestors network={known} commits={commits.items} />
      <Markets markets={markets.items} rejected={rejected} />
      <Requesters />
      <ReputationPanel />
      <Places />
      <Epochs commits={commits.items} />
      <NetworkView network={known} />
    </div>
  );
}

function TotalsView({ totals }: { readonly totals: Totals }) {
  return (
    <section class="figures" aria-label={t("explore.totals")}>
      <Figure label={t("explore.earned")} value={<Money amount={totals.earned} />} />
      <Figure label={t("explore.settled")} value={<Money amount={totals.settled} />} />
      <Figure label={t("explore.paidPeople")} value={numberText(totals.contributorsPaid)} />
      <Figure label={t("explore.fees")} value={<Money amount={totals.fee} />} />
    </section>
  );
}

/** What lies in the vault, against what is owed out of it. */
function SolvencyView({ solvency, totals }: { readonly solvency: Solvency; readonly totals: Totals }) {
  const { held, unearned } = solvency;
  const unclaimed = remaining(totals.earned, totals.settled);
  const owed = sumOf([unclaimed, unearned]);
  const isCovered = !isMore(owed, held);
  return (
    <section class="panel">
      <header class="panel-header">
        <h2>{t("explore.solvency")}</h2>
        <span class={`badge ${isCovered ? "badge-paid" : "badge-refused"}`}>
          {t(isCovered ? "explore.covered" : "explore.short")}
        </span>
      </header>
      <dl class="facts">
        <dt>{t("explore.vault")}</dt>
        <dd>
          <Money amount={held} />
        </dd>
        <dt>{t("explore.unclaimed")}</dt>
        <dd>
          <Money amount={unclaimed} />
        </dd>
        <dt>{t("explore.unearned")}</dt>
        <dd>
          <Money amount={unearned} />
        </dd>
      </dl>
      <p class="faint">{t("explore.solvencyText")}</p>
    </section>
  );
}

/** What the operator pays for others, and how much of it is left. */
function Sponsor({ sponsorship: { lamports, lamportsMax, today, perDayMax } }: { readonly sponsorship: Sponsorship }) {
  const sol = (text: string): string => numberText(Number(text) / lamportsPerSol, 4);
  return (
    <section class="panel" id="sponsor">
      <h2>{t("explore.sponsor")}</h2>
      <p class="faint">{t("explore.sponsorText")}</p>
      <Meter label={t("explore.sponsor")} value={Number(lamports)} max={Number(lamportsMax)} />
      <p>{t("explore.spentSol", { spent: sol(lamports), max: sol(lamportsMax) })}</p>
      <p class="faint">{t("explore.todayAccounts", { today: numberText(today), max: numberText(perDayMax) })}</p>
    </section>
  );
}

const lamportsPerSol = 1e9;

/** A receipt is checked by the code that attestors run, in the page of whoever looks. */
function CheckReceipt() {
  const [typed, setTyped] = useState("");
  const found = /([0-9a-f]{32})[/ ]+(\d{1,10}\.\d{1,4})/.exec(typed);
  return (
    <section class="panel">
      <h2>{t("explore.receipt")}</h2>
      <p class="faint">{t("explore.receiptText")}</p>
      <form
        class="field-line"
        onSubmit={(event) => {
          event.preventDefault();
          if (found !== null) location.assign(`/receipts/${found[1]}/${found[2]}`);
        }}
      >
        <input
          class="input input-address"
          dir="ltr"
          spellcheck={false}
          aria-label={t("explore.receiptOf")}
          placeholder={t("explore.receiptOf")}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <button type="submit" class="button" disabled={found === null}>
          {t("explore.check")}
        </button>
      </form>
    </section>
  );
}

interface MarketsProps {
  readonly markets: readonly Market[];
  readonly rejected: ReadonlyMap<string, number | null>;
}

function Markets({ markets, rejected }: MarketsProps) {
  return (
    <section class="panel">
      <h2>{t("explore.markets")}</h2>
      {markets.length === 0 && <p class="faint">{t("explore.noMarkets")}</p>}
      {markets.length > 0 && (
        <Table
          label={t("explore.markets")}
          heads={[
            t("explore.market"),
            t("explore.requester"),
            t("live.answers"),
            t("explore.rejections"),
            t("explore.earned"),
            t("explore.escrow"),
          ]}
        >
          {markets.map(({ id, title, owner, answers, escrow, status }) => (
            <tr key={id}>
              <th scope="row">
                <span dir="auto">{safeText(title, 80)}</span> <StatusBadge status={status} />
              </th>
              <td>
                <code title={owner}>{shortKey(owner)}</code>
              </td>
              <td>{numberText(answers)}</td>
              <td>{rateOf(rejected.get(id) ?? null)}</td>
              <td>
                <Money amount={escrow.earned} />
              </td>
              <td>
                <Money amount={escrow.free} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

const rateOf = (share: number | null): string => (share === null ? "—" : percent(share));

function Epochs({ commits }: { readonly commits: readonly Commit[] }) {
  return (
    <section class="panel">
      <h2>{t("explore.epochs")}</h2>
      {commits.length === 0 && <p class="faint">{t("explore.noEpochs")}</p>}
      {commits.length > 0 && (
        <Table
          label={t("explore.epochs")}
          heads={[
            t("explore.epoch"),
            t("explore.state"),
            t("explore.signatures"),
            t("explore.committed"),
            t("explore.digest"),
          ]}
        >
          {commits.map(({ epoch, state, signatures, committedAtMs, digest }) => (
            <tr key={digest}>
              <th scope="row">{epoch}</th>
              <td>{t(`commit.${state}`)}</td>
              <td>{numberText(signatures.length)}</td>
              <td>
                {committedAtMs === null ? (
                  "—"
                ) : (
                  <time dateTime={new Date(committedAtMs).toISOString()}>{timeText(committedAtMs)}</time>
                )}
              </td>
              <td>
                <code title={digest}>{digest.slice(0, 12)}…</code>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function NetworkView({ network: known }: { readonly network: Network }) {
  const rows = [
    ["explore.cluster", known.cluster],
    ["explore.mint", known.mint],
    ["explore.program", known.program],
    ["explore.pool", known.pool],
    ["explore.vaultAccount", known.vault],
    ["explore.signer", known.signer],
  ] as const;
  return (
    <section class="panel">
      <h2>{t("explore.network")}</h2>
      <dl class="facts">
        {rows.map(([key, value]) => (
          <div key={key} class="fact">
            <dt>{t(key)}</dt>
            <dd>
              <code class="hash" dir="ltr">
                {value}
              </code>
            </dd>
          </div>
        ))}
      </dl>
      <p class="faint">{t("explore.fee", { percent: numberText(known.feeBasisPoints / 100, 2) })}</p>
    </section>
  );
}
