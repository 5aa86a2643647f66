import type { Market } from "../../../src/contract/markets.ts";
import { safeText } from "../content/safe-text.ts";
import { numberText, t, timeText } from "../i18n.ts";
import { sumOf } from "../parts/amounts.ts";
import { Link } from "../parts/link.tsx";
import { Money } from "../parts/money.tsx";
import { Loading, Problem } from "../parts/problem.tsx";
import { OfToken } from "../parts/tokens.tsx";
import type { Account } from "./account.ts";
import { Meter } from "./parts/meter.tsx";
import { More } from "./parts/more.tsx";
import { StatusBadge } from "./parts/status.tsx";
import { usePages } from "./parts/use-pages.ts";
import { pathOfMarket } from "./routes.ts";

const shownOnce = 50;

/** The requester's markets, the newest first. */
export function Markets({ account: { client, owner } }: { readonly account: Account }) {
  const pages = usePages((after) => client.markets.list({ owner, limit: shownOnce }).page(after));
  const { value, problem, reload } = pages;
  const items = value?.filter(({ standing }) => !standing) ?? [];
  return (
    <div class="wide">
      <header class="heading">
        <h1 tabIndex={-1}>{t("console.markets")}</h1>
        {items.length > 0 && (
          <Link to="/console/new" class="button button-go">
            {t("console.new")}
          </Link>
        )}
      </header>
      {problem !== null && <Problem error={problem} onRetry={reload} />}
      {value === null && problem === null && <Loading />}
      {value !== null && items.length === 0 && pages.more === null && <None />}
      <ul class="cards cards-wide">
        {items.map((market) => (
          <li key={market.id}>
            <OfToken token={market.token}>
              <MarketCard market={market} />
            </OfToken>
          </li>
        ))}
      </ul>
      <More of={pages} />
    </div>
  );
}

function None() {
  return (
    <section class="notice">
      <h2>{t("console.none")}</h2>
      <p>{t("console.noneText")}</p>
      <Link to="/console/new" class="button button-go">
        {t("console.first")}
      </Link>
    </section>
  );
}

export const spentOf = ({ escrow }: Pick<Market, "escrow">): string => sumOf([escrow.earned, escrow.fee, escrow.bonus]);

function MarketCard({ market }: { readonly market: Market }) {
  const { id, title, status, taskCount, answers, escrow, createdAtMs } = market;
  const spent = spentOf(market);
  return (
    <Link to={pathOfMarket(id)} class="card">
      <span class="card-title" dir="auto">
        {safeText(title, 140)}
      </span>
      <StatusBadge status={status} />
      <Meter label={t("live.spent")} value={Number(spent)} max={Number(escrow.deposited)} />
      <span class="card-facts faint">
        <span>{t("console.taskCount", { tasks: numberText(taskCount) })}</span>
        <span>{t("console.answerCount", { answers: numberText(answers) })}</span>
        <span>
          {t("live.spent")}: <Money amount={spent} /> / <Money amount={escrow.deposited} />
        </span>
        <time dateTime={new Date(createdAtMs).toISOString()}>{timeText(createdAtMs)}</time>
      </span>
    </Link>
  );
}
