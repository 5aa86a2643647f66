import { useEffect, useState } from "preact/hooks";
import type { Market } from "../../../../src/contract/markets.ts";
import { network, watched } from "../../connection.ts";
import { safeText } from "../../content/safe-text.ts";
import { numberText, t, timeText } from "../../i18n.ts";
import { Link } from "../../parts/link.tsx";
import { Money } from "../../parts/money.tsx";
import { Loading, Problem } from "../../parts/problem.tsx";
import { Sheet } from "../../parts/sheet.tsx";
import { useTask } from "../../parts/task.ts";
import { shortKey } from "../../screens/work-header.tsx";
import { type Account, walletSigner } from "../account.ts";
import { depositFor } from "../create/costs.ts";
import { addTasks, payIn } from "../create/launch.ts";
import { forgetLaunch, type KeptLaunch, keptLaunch } from "../create/launches.ts";
import { AmountField, isAmount } from "../parts/fields.tsx";
import { Glyph, type GlyphName } from "../parts/glyph.tsx";
import { StatusBadge } from "../parts/status.tsx";
import { type MarketTab, marketTabs, pathOfMarket } from "../routes.ts";
import { ExportTab } from "./export.tsx";
import { useMarket } from "./follow.ts";
import { ItemsTab } from "./items.tsx";
import { Overview } from "./overview.tsx";
import { PeopleTab } from "./people.tsx";
import { PredictionsPanel } from "./predictions.tsx";

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
    return <div class="wide">{problem === null ? <Loading /> : <Problem error={problem} onRetry={reload} />}</div>;
  }
  if (market.owner !== account.owner) return <NotOwn />;
  return (
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
      <Refund market={market} />
      <nav class="subtabs" aria-label={safeText(market.title, 80)}>
        {marketTabs.map((each) => (
          <Link key={each} to={pathOfMarket(id, each)} class="subtab" aria-current={each === tab ? "page" : undefined}>
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
          isBusy={task.isBusy}
          problem={task.problem}
          onClose={() => setAsked(null)}
          onPay={(amount) => act(async () => await payIn(client, await walletSigner(), id, amount))}
        />
      )}
      {asked === "close" && (
        <Sheet title={t("live.closeTitle")} onClose={() => setAsked(null)}>
          <p>{t("live.closeText")}</p>
          <p>
            {t("live.refund")} <Money amount={market.escrow.free} />
          </p>
          {task.problem !== null && <Problem error={task.problem} />}
          <button
            type="button"
            class="button button-danger"
            disabled={task.isBusy}
            onClick={() => act(() => client.markets.close(id))}
          >
            {t("live.closeNow")}
          </button>
        </Sheet>
      )}
    </div>
  );
}

interface TopUpProps {
  readonly isBusy: boolean;
  readonly problem: unknown;
  readonly onClose: () => void;
  readonly onPay: (amount: string) => void;
}

function TopUp({ isBusy, problem, onClose, onPay }: TopUpProps) {
  const [amount, setAmount] = useState("");
  return (
    <Sheet title={t("live.topUp")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isAmount(amount)) onPay(amount);
        }}
      >
        <AmountField value={amount} onInput={setAmount} />
        {problem !== null && <Problem error={problem} />}
        <button type="submit" class="button button-main" disabled={!isAmount(amount) || isBusy}>
          {t(isBusy ? "common.loading" : "live.payIn")}
        </button>
      </form>
    </Sheet>
  );
}

/** Where what nobody earned goes, and when. */
function Refund({ market: { status, closesAtMs, escrow, refundTo } }: { readonly market: Market }) {
  if (closesAtMs === null) return null;
  const isOver = status === "closed";
  return (
    <section class="notice" id="refund">
      <p>
        {isOver ? t("live.refunded") : t("live.refundFrom", { time: timeText(closesAtMs) })}{" "}
        <Money amount={isOver ? escrow.refunded : escrow.free} />{" "}
        <code title={refundTo} dir="ltr">
          {shortKey(refundTo)}
        </code>
      </p>
    </section>
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
          setDeposit(depositFor(terms.reward, found.count, terms.overlap.max, await network()));
        }
      },
      () => undefined,
    );
  }, [id]);
  if (kept === null || deposit === null || market.status !== "open") return null;
  const scale = async (): Promise<void> => {
    // What an attempt before this one paid in and could not use is still there.
    if (Number(market.escrow.free) < Number(deposit)) {
      onChange(await watched(payIn(client, await walletSigner(), id, deposit)));
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
      {task.problem !== null && <Problem error={task.problem} />}
      <button type="button" class="button button-go" disabled={task.isBusy} onClick={() => task.run(scale)}>
        {t(task.isBusy ? "common.loading" : "live.scale", { rows: numberText(kept.count) })} <Money amount={deposit} />
      </button>
    </section>
  );
}
