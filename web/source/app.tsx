import { useEffect, useState } from "preact/hooks";
import { loadAbout, loadNode, loadWallet } from "./account.ts";
import { contributor, me, online, refreshMe } from "./connection.ts";
import { amountText, type MessageKey, spoken, t } from "./i18n.ts";
import { Icon, type IconName } from "./parts/icons.tsx";
import { Later } from "./parts/later.tsx";
import { Link } from "./parts/link.tsx";
import { Money } from "./parts/money.tsx";
import { Loading, Problem } from "./parts/problem.tsx";
import { OfMint } from "./parts/tokens.tsx";
import { TroubleStrip } from "./parts/trouble-strip.tsx";
import { lookOf, reasonText, VerdictBadge } from "./parts/verdict.tsx";
import { place, type Screen, screenOf } from "./router.ts";
import { Earnings } from "./screens/earnings.tsx";
import { Find } from "./screens/find.tsx";
import { Landing } from "./screens/landing.tsx";
import type { Receipt as ReceiptScreen, Shown } from "./screens/receipt.tsx";
import { SettingsSheet } from "./screens/settings.tsx";
import { Why } from "./screens/why.tsx";
import { Work } from "./screens/work.tsx";
import { useStore } from "./store.ts";
import { start } from "./trouble.ts";
import { later } from "./widgets/later.tsx";
import type { Outcome } from "./work/answers.ts";
import { news } from "./work/news.ts";
import { drop, outbox } from "./work/outbox.ts";

const tabs: readonly (readonly [path: string, name: Screen["name"], icon: IconName, key: MessageKey])[] = [
  ["/desk", "work", "work", "nav.work"],
  ["/find", "find", "find", "nav.find"],
  ["/earnings", "earnings", "earnings", "nav.earnings"],
  ["/wallet", "wallet", "wallet", "nav.wallet"],
];

const laterLook = later(async () => (await import("./screens/look.tsx")).LookAtTask);
const laterTest = later(async () => (await import("./screens/test.tsx")).Test);

export function App() {
  // Another language draws everything anew.
  useStore(spoken);
  const screen = screenOf(useStore(place));
  const [isSetting, setSetting] = useState(false);
  return (
    <div class="app">
      <a class="skip" href="#main">
        {t("nav.skip")}
      </a>
      <header class="bar">
        <Link to="/" class="brand" aria-label={t("nav.home")}>
          <Seal />
          <span class="brand-name">Earnest</span>
        </Link>
        <Ticker />
        <button type="button" class="button-icon" aria-label={t("nav.settings")} onClick={() => setSetting(true)}>
          <Icon name="settings" />
        </button>
      </header>
      <Notices />
      <main id="main" tabIndex={-1}>
        <ScreenView screen={screen} />
      </main>
      <nav class="tabs" aria-label={t("nav.label")}>
        {tabs.map(([path, name, icon, key]) => (
          <Link key={path} to={path} class="tab" aria-current={screen.name === name ? "page" : undefined}>
            <Icon name={icon} />
            {t(key)}
          </Link>
        ))}
      </nav>
      <Toast />
      {isSetting && <SettingsSheet onClose={() => setSetting(false)} />}
    </div>
  );
}

function ScreenView({ screen }: { readonly screen: Screen }) {
  switch (screen.name) {
    case "landing":
      return <Landing />;
    case "work":
      return <Work market={screen.market} />;
    case "find":
      return <Find />;
    case "test":
      return <laterTest.View market={screen.market} name={screen.test} />;
    case "earnings":
      return <Earnings />;
    case "wallet":
      return <Later load={loadWallet} />;
    case "about":
      return <Later load={loadAbout} />;
    case "node":
      return <Later load={loadNode} />;
    case "look":
      return <laterLook.View />;
    case "receipt":
    case "entries":
      return <LaterReceipt shown={screen} />;
    case "unknown":
      return <Unknown />;
  }
}

/** The receipt's screen brings the code of the market along, which nobody needs to earn. */
function LaterReceipt({ shown }: { readonly shown: Shown }) {
  const [Receipt, setReceipt] = useState<typeof ReceiptScreen | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const load = (): void => {
    setProblem(null);
    import("./screens/receipt.tsx").then((loaded) => setReceipt(() => loaded.Receipt), setProblem);
  };
  useEffect(load, []);
  if (problem !== null) return <Problem error={problem} onRetry={load} />;
  return Receipt === null ? <Loading /> : <Receipt shown={shown} />;
}

function Unknown() {
  return (
    <section class="notice">
      <h1 tabIndex={-1}>{t("unknown.title")}</h1>
      <Link to="/" class="button">
        {t("nav.home")}
      </Link>
    </section>
  );
}

/** The mark: a seal with a tick in it, as on a paper that somebody stands for. */
function Seal() {
  return (
    <svg class="seal" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path
        class="seal-edge"
        d="M16 1.5l3.6 2.7 4.5-.4 1.6 4.2 4 2.1-1 4.4 1.7 4.2-3.4 2.9-.5 4.5-4.5.6-2.7 3.6L16 28.500l-3.300 1.800-2.700-3.600-4.500-.6-.5-4.500-3.400-2.900 1.700-4.200-1-4.400 4-2.100 1.600-4.200 4.500.4z"
      />
      <path class="seal-tick" d="M10 16.500l4.300 4.200L22.500 12" />
    </svg>
  );
}

/** What this contributor has, always in sight; it swells a little when it grows. */
function Ticker() {
  const known = useStore(contributor);
  const found = useStore(me);
  useEffect(() => {
    if (known !== null) void refreshMe().catch(() => undefined);
  }, [known]);
  if (known === null || found === null) return <span class="ticker" />;
  const { released } = found.balance;
  return (
    <Link to="/earnings" class="ticker" aria-label={t("nav.balance", { amount: amountText(released) })}>
      <span key={released} class="ticker-amount">
        <Money amount={released} />
      </span>
    </Link>
  );
}

/** What everybody should know wherever they are: no connection, answers on their way, answers that were refused. */
function Notices() {
  const isOnline = useStore(online);
  const all = useStore(outbox);
  const queued = all.filter(({ refused }) => refused === null).length;
  return (
    <div class="notices" role="status">
      {!isOnline && (
        <p class="strip">
          <Icon name="offline" />
          {queued > 0 ? t("offline.queued", { count: queued }) : t("offline.text")}
        </p>
      )}
      <TroubleStrip />
      {all.map(
        (answered) =>
          answered.refused !== null && (
            <p key={`${answered.market}/${answered.slot}`} class="strip strip-problem">
              <span>
                {t("outbox.refused", { task: answered.question })} {answered.refused.text}{" "}
                <code>{answered.refused.code}</code>
              </span>
              <button type="button" class="button-text" onClick={() => start(drop(answered))}>
                {t("common.close")}
              </button>
            </p>
          ),
      )}
    </div>
  );
}

/** A verdict that just came; the first one has a page of its own. */
function Toast() {
  const newest = useStore(news);
  const latest = useStore(place) === "/" ? null : newest;
  const [asked, setAsked] = useState<Outcome | null>(null);
  const look = latest === null ? null : lookOf(latest.outcome.submission.state);
  return (
    <>
      <div class="toasts" role="status" aria-live="polite">
        {latest !== null && look !== null && (
          <div key={latest.id} class={`toast toast-${look}`}>
            <VerdictBadge state={latest.outcome.submission.state} />
            {look === "paid" && (
              <OfMint mint={latest.outcome.mint}>
                <Money amount={latest.outcome.submission.reward} sign="+" />
              </OfMint>
            )}
            {look === "refused" && (
              <>
                <span class="hidden">{reasonText(latest.outcome.submission.reason)}</span>
                <button type="button" class="button-text" onClick={() => setAsked(latest.outcome)}>
                  {t("why.ask")}
                </button>
              </>
            )}
          </div>
        )}
      </div>
      {asked !== null && <Why outcome={asked} onClose={() => setAsked(null)} />}
    </>
  );
}
