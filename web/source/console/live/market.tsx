import { useEffect, useState } from "preact/hooks";
import type { Market } from "../../../../src/contract/markets.ts";
import { network, watched } from "../../connection.ts";
import { safeText } from "../../content/safe-text.ts";
import { numberText, t } from "../../i18n.ts";
import { isAmount } from "../../parts/amounts.ts";
import { Link } from "../../parts/link.tsx";
import { Money } from "../../parts/money.tsx";
import { Loading, Problem } from "../../parts/problem.tsx";
import { Sheet } from "../../parts/sheet.tsx";
import { useTask } from "../../parts/task.ts";
import { OfToken } from "../../parts/tokens.tsx";
import { type Account, walletSigner } from "../account.ts";
import { depositFor } from "../create/costs.ts";
import { addTasks, payIn } from "../create/launch.ts";
import { forgetLaunch, type KeptLaunch, keptLaunch } from "../create/launches.ts";
import { AmountField } from "../parts/fields.tsx";
import { Glyph, type GlyphName } from "../parts/glyph.tsx";
import { StatusBadge } from "../parts/status.tsx";
import { type MarketTab, marketTabs, pathOfMarket } from "../routes.ts";
import { takesControls } from "./controls.ts";
import { ExportTab } from "./export.tsx";
import { useMarket } from "./follow.ts";
import { ItemsTab } from "./items.tsx";
import { Overview, SetAside } from "./overview.tsx";
import { PeopleTab } from "./people.tsx";
import { PredictionsPanel } from "./predictions.tsx";
import { endMarket, Refund } from "./refund.tsx";

interface MarketProps {
  readonly account: Account;
  readonly id: string;
  readonly tab: MarketTab;
}

/** A market while it runs. */
export function MarketScreen({ account, id, tab }: MarketProps) {
  const { client } = account;
  const { market, problem, beat, set, reload } = useMarket(client, id);
  if (market === null) {
    return (
      <div class="wide">
        <h1 class="hidden" tabIndex={-1}>
          {t("explore.market")}
        </h1>
        {problem === null ? <Loading /> : <Problem error={problem} onRetry={reload} />}
      </div>
    );
  }
  if (market.owner !== account.owner) return <NotOwn />;
  return (
    <OfToken token={market.token}>
      <div class="wide">
        <header class="heading">
          <div class="heading-text">
            <h1 tabIndex={-1} dir="auto">
              {safeText(market.title, 200)}
            </h1>
            <p class="heading-facts">
              <StatusBadge status={market.status} />
              <span class="faint">{t("console.taskCount", { tasks: numberText(market.taskCount) })}</span>
              <span class="faint">{t("console.answerCount", { answers: numberText(market.answers) })}</span>
            </p>
          </div>
          <Actions account={account} market={market} onChange={set} />
        </header>
        {problem !== null && <Problem error={problem} onRetry={reload} />}
        <Scale account={account} market={market} onChange={set} />
        <Refund client={account.client} market={market} onChange={set} />
        <nav class="subtabs" aria-label={safeText(market.title, 80)}>
          {marketTabs.map((each) => (
            <Link
              key={each}
              to={pathOfMarket(id, each)}
              class="subtab"
              aria-current={each === tab ? "page" : undefined}
            >
              {t(`live.${each}`)}
            </Link>
          ))}
        </nav>
        {tab === "overview" && <Overview client={client} market={market} beat={beat} />}
        {tab === "items" && <ItemsTab client={client} market={market} beat={beat} />}
        {tab === "people" && (
          <>
            <PeopleTab client={client} market={market} beat={beat} />
            <PredictionsPanel market={market} />
          </>
        )}
        {tab === "export" && <ExportTab client={client} market={market} />}
      </div>
    </OfToken>
  );
}

function NotOwn() {
  return (
    <section class="notice wide">
      <h1 tabIndex={-1}>{t("live.notOwn")}</h1>
      <Link to="/console" class="button">
        {t("console.markets")}
      </Link>
    </section>
  );
}

interface ActionsProps {
  readonly account: Account;
  readonly market: Market;
  readonly onChange: (market: Market) => void;
}

/** What its owner can do with it now. */
function Actions({ account: { client }, market, onChange }: ActionsProps) {
  const [asked, setAsked] = useState<"fund" | "close" | null>(null);
  const task = useTask();
  const { id, status } = market;
  const act = (work: () => Promise<Market>): void =>
    task.run(async () => {
      onChange(await watched(work()));
      setAsked(null);
    });
  const button = (glyph: GlyphName, text: string, run: () => void) => (
    <button type="button" class="button" disabled={task.isBusy} onClick={run}>
      <Glyph name={glyph} />
      {text}
    </button>
  );
  return (
    <div class="heading-actions">
      <div class="buttons">
        {status === "draft" && button("play", t("live.open"), () => act(() => client.markets.open(id)))}
        {status === "open" && button("pause", t("live.pause"), () => act(() => client.markets.pause(id)))}
        {status === "paused" && button("play", t("live.resume"), () => act(() => client.markets.resume(id)))}
        {(status === "open" || status === "paused" || status === "draft") && (
          <>
            {button("plus", t("live.topUp"), () => setAsked("fund"))}
            {button("stop", t("live.close"), () => setAsked("close"))}
          </>
        )}
      </div>
      {task.problem !== null && asked === null && <Problem error={task.problem} />}
      {asked === "fund" && (
        <TopUp
          decimals={market.token.decimals}
          isBusy={task.isBusy}
          problem={task.problem}
          onClose={() => setAsked(null)}
          onPay={(amount) => act(async () => await payIn(client, await walletSigner(), market, amount))}
        />
      )}
      {asked === "close" && (
        <Sheet title={t("live.closeTitle")} onClose={() => setAsked(null)}>
          <p>{t("live.closeText")}</p>
          <p>
            {t("live.refund")} <Money amount={market.escrow.free} />
          </p>
          <p>
            <SetAside market={market} />
          </p>
          {task.problem !== null && <Problem error={task.problem} />}
          <button
            type="button"
            class="button button-danger"
            disabled={task.isBusy}
            onClick={() => act(() => endMarket(client, market))}
          >
            {t("live.closeNow")}
          </button>
        </Sheet>
      )}
    </div>
  );
}

interface TopUpProps {
  readonly decimals: number;
  readonly isBusy: boolean;
  readonly problem: unknown;
  readonly onClose: () => void;
  readonly onPay: (amount: string) => void;
}

function TopUp({ decimals, isBusy, problem, onClose, onPay }: TopUpProps) {
  const [amount, setAmount] = useState("");
  const isFine = isAmount(amount, decimals);
  return (
    <Sheet title={t("live.topUp")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isFine) onPay(amount);
        }}
      >
        <AmountField value={amount} onInput={setAmount} />
        {problem !== null && <Problem error={problem} />}
        <button type="submit" class="button button-main" disabled={!isFine || isBusy}>
          {t(isBusy ? "common.loading" : "live.payIn")}
        </button>
      </form>
    </Sheet>
  );
}

/** After the sample: a look, and all the rest. */
function Scale({ account: { client }, market, onChange }: ActionsProps) {
  const [kept, setKept] = useState<KeptLaunch | null>(null);
  const [deposit, setDeposit] = useState<string | null>(null);
  const task = useTask();
  const { id, terms } = market;
  useEffect(() => {
    keptLaunch(id).then(
      async (found) => {
        setKept(found ?? null);
        if (found !== undefined) {
          const { feeBasisPoints } = await network();
          const { decimals } = market.token;
          setDeposit(depositFor(terms.reward, found.count, terms.overlap.max, { decimals, feeBasisPoints }));
        }
      },
      () => undefined,
    );
  }, [id]);
  if (kept === null || deposit === null || market.status !== "open") return null;
  const scale = async (): Promise<void> => {
    // What an attempt before this one paid in and could not use is still there.
    if (Number(market.escrow.free) < Number(deposit)) {
      onChange(await watched(payIn(client, await walletSigner(), market, deposit)));
    }
    await watched(addTasks(client, id, kept.rest, `rest-${id}`));
    await forgetLaunch(id);
    setKept(null);
    onChange(await watched(client.markets.get(id)));
  };
  return (
    <section class="notice notice-go">
      <h2>{t("live.sampleTitle")}</h2>
      <p>{t("live.sampleText", { rows: numberText(kept.count), name: kept.name })}</p>
      {takesControls(market) && (
        <p>
          <Link to={pathOfMarket(id, "items")}>{t("live.sampleControls")}</Link>
        </p>
      )}
      {task.problem !== null && <Problem error={task.problem} />}
      <button type="button" class="button button-go" disabled={task.isBusy} onClick={() => task.run(scale)}>
        {t(task.isBusy ? "common.loading" : "live.scale", { rows: numberText(kept.count) })} <Money amount={deposit} />
      </button>
    </section>
  );
}
