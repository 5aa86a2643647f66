import { useEffect, useState } from "preact/hooks";
import type { Market } from "../../../src/contract/markets.ts";
import { routes } from "../../../src/contract/routes.ts";
import type { Requirement } from "../../../src/contract/terms.ts";
import { transport, watched } from "../connection.ts";
import { safeText } from "../content/safe-text.ts";
import { numberText, t } from "../i18n.ts";
import { Link } from "../parts/link.tsx";
import { Money, token } from "../parts/money.tsx";
import { Loading, Problem } from "../parts/problem.tsx";
import { useStore } from "../store.ts";
import { hourlyRate, type Outcome } from "../work/answers.ts";
import { outcomes } from "../work/outcomes.ts";
import { shortKey } from "./work-header.tsx";

/** Markets that are open, best paid first: by what an hour there has brought, then by what a task pays. */
export function Find() {
  const [markets, setMarkets] = useState<readonly Market[] | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const own = [...useStore(outcomes).values()];
  const load = (): void => {
    setProblem(null);
    openMarkets().then(setMarkets, setProblem);
  };
  useEffect(load, []);
  const ranked = markets === null ? [] : byPay(markets, own);
  return (
    <div class="column">
      <h1 tabIndex={-1}>{t("find.title")}</h1>
      {problem !== null && <Problem error={problem} onRetry={load} />}
      {markets === null && problem === null && <Loading />}
      {markets !== null && ranked.length === 0 && <p class="notice">{t("find.none")}</p>}
      <ul class="cards">
        {ranked.map(({ market, rate }) => (
          <li key={market.id}>
            <MarketCard market={market} rate={rate} />
          </li>
        ))}
      </ul>
    </div>
  );
}

const pagesMax = 5;

/** A prepaid balance's market is no place to look for work: its questions find people by themselves. */
async function openMarkets(): Promise<Market[]> {
  const found: Market[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < pagesMax; pages++) {
    const page: { items: Market[]; next: string | null } = await watched(
      transport.call(routes.listMarkets, { query: { limit: 100, after } }),
    );
    found.push(...page.items.filter(({ status, taskCount }) => status === "open" && taskCount > 0));
    if (page.next === null) break;
    after = page.next;
  }
  return found;
}

interface Ranked {
  readonly market: Market;
  readonly rate: number | null;
}

function byPay(markets: readonly Market[], own: readonly Outcome[]): Ranked[] {
  return markets
    .map((market) => ({ market, rate: hourlyRate(own.filter((each) => each.market === market.id)) }))
    .sort((a, b) => (b.rate ?? 0) - (a.rate ?? 0) || Number(b.market.rewardMax) - Number(a.market.rewardMax));
}

function MarketCard({ market, rate }: Ranked) {
  const { terms, rewardMin, rewardMax, newcomer } = market;
  return (
    <Link to={`/work/${market.id}`} class="card">
      <span class="card-title" dir="auto">
        {safeText(market.title, 160)}
      </span>
      <span class="card-pay">
        {rewardMin !== rewardMax && t("find.upTo")} <Money amount={rewardMax} />
      </span>
      <span class="card-facts faint">
        <span>{t("find.tasks", { count: market.taskCount })}</span>
        <span>{t("work.requester", { key: shortKey(market.owner) })}</span>
        {rate !== null && <span>{t("find.rate", { rate: numberText(rate, 2), token })}</span>}
        {newcomer !== null && <span>{t("find.newcomers")}</span>}
        {terms.eligibility.map((each, i) => (
          <span key={i}>{requirementText(each)}</span>
        ))}
      </span>
    </Link>
  );
}

function requirementText(requirement: Requirement): string {
  switch (requirement.type) {
    case "qualification":
      return t("find.qualification", { name: safeText(requirement.name, 64) });
    case "language":
      return t("find.language", { list: safeText(requirement.anyOf.slice(0, 5).join(", "), 200) });
    case "country":
      return t("find.country", { list: safeText(requirement.anyOf.slice(0, 5).join(", "), 200) });
    case "age":
      return t("find.age", { count: requirement.min });
    case "place":
      return t("find.place");
    case "person":
      return t("find.person");
  }
}
