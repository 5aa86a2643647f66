import { useEffect, useState } from "preact/hooks";
import { online } from "../connection.ts";
import { type MessageKey, spoken, t } from "../i18n.ts";
import { Link } from "../parts/link.tsx";
import { Loading, Problem } from "../parts/problem.tsx";
import { TroubleStrip } from "../parts/trouble-strip.tsx";
import { go, place } from "../router.ts";
import { useStore } from "../store.ts";
import { start } from "../trouble.ts";
import { later } from "../widgets/later.tsx";
import { account, recallAccount, recalling, signOut } from "./account.ts";
import { Commands } from "./commands.tsx";
import { Glyph, type GlyphName } from "./parts/glyph.tsx";
import { Seal } from "./parts/seal.tsx";
import { type ConsoleScreen, consoleScreenOf } from "./routes.ts";
import { ConsoleSettings } from "./settings.tsx";
import { SignIn } from "./sign-in.tsx";

const tabs: readonly (readonly [path: string, names: readonly ConsoleScreen["name"][], GlyphName, MessageKey])[] = [
  ["/console", ["markets", "market", "item"], "markets", "console.markets"],
  ["/console/new", ["create"], "plus", "console.tabNew"],
  ["/console/developers", ["developers"], "code", "dev.code"],
  ["/explorer", ["explorer", "oneMarket", "requester", "epoch", "receipt"], "globe", "console.explorer"],
];

const markets = later(async () => (await import("./markets.tsx")).Markets);
const create = later(async () => (await import("./create/create.tsx")).Create);
const market = later(async () => (await import("./live/market.tsx")).MarketScreen);
const item = later(async () => (await import("./live/item.tsx")).ItemScreen);
const developers = later(async () => (await import("./developers/developers.tsx")).Developers);
const explorer = later(async () => (await import("./explorer/explorer.tsx")).Explorer);
const oneMarket = later(async () => (await import("./explorer/one-market.tsx")).OneMarket);
const oneRequester = later(async () => (await import("./explorer/one-requester.tsx")).OneRequester);
const epoch = later(async () => (await import("./explorer/epoch.tsx")).Epoch);
const receipt = later(async () => (await import("./chain/receipt.tsx")).ReceiptOnChain);

/** What is around every screen of the console and the explorer. */
export function Shell() {
  // Another language draws everything anew.
  useStore(spoken);
  const screen = consoleScreenOf(useStore(place));
  const [opened, setOpened] = useState<"commands" | "settings" | null>(null);
  useCommandKey(() => setOpened("commands"));
  return (
    <div class="app console">
      <a class="skip" href="#main">
        {t("nav.skip")}
      </a>
      <header class="bar">
        <Link to="/console" class="brand" aria-label={`Earnest · ${t("console.home")}`}>
          <Seal />
          <span class="brand-name">Earnest</span>
        </Link>
        <span class="bar-tools">
          <button type="button" class="button button-search" onClick={() => setOpened("commands")}>
            <Glyph name="search" />
            <span class="button-search-text">{t("console.commands")}</span>
            <span class="key" aria-hidden="true">
              {commandKey}
            </span>
          </button>
          <button
            type="button"
            class="button-icon"
            aria-label={t("nav.settings")}
            onClick={() => setOpened("settings")}
          >
            <Glyph name="settings" />
          </button>
        </span>
      </header>
      <Notices />
      <main id="main" tabIndex={-1}>
        <ScreenView screen={screen} />
      </main>
      <nav class="tabs" aria-label={t("nav.label")}>
        {tabs.map(([path, names, glyph, key]) => (
          <Link key={path} to={path} class="tab" aria-current={names.includes(screen.name) ? "page" : undefined}>
            <Glyph name={glyph} />
            {t(key)}
          </Link>
        ))}
      </nav>
      {opened === "commands" && <Commands onClose={() => setOpened(null)} />}
      {opened === "settings" && <ConsoleSettings onClose={() => setOpened(null)} />}
    </div>
  );
}

const commandKey = navigator.platform.startsWith("Mac") ? "⌘K" : "Ctrl K";

/** Cmd-K or Ctrl-K everywhere, also while somebody writes. */
function useCommandKey(open: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey) return;
      event.preventDefault();
      open();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

function ScreenView({ screen }: { readonly screen: ConsoleScreen }) {
  const known = useStore(account);
  if (screen.name === "explorer") return <explorer.View />;
  if (screen.name === "oneMarket") return <oneMarket.View key={screen.market} id={screen.market} />;
  if (screen.name === "requester") return <oneRequester.View owner={screen.owner} />;
  if (screen.name === "epoch") return <epoch.View key={screen.digest} digest={screen.digest} />;
  if (screen.name === "receipt") return <receipt.View market={screen.market} slot={screen.slot} />;
  if (screen.name === "unknown") return <Unknown />;
  if (known === null) return <Recalled />;
  switch (screen.name) {
    case "markets":
      return <markets.View account={known} />;
    case "create":
      return <create.View account={known} />;
    case "market":
      return <market.View key={screen.market} account={known} id={screen.market} tab={screen.tab} />;
    case "item":
      return <item.View account={known} market={screen.market} task={screen.task} />;
    case "developers":
      return <developers.View account={known} />;
  }
}

/** Who was here before comes back; who was not signs in. */
function Recalled() {
  const now = useStore(recalling);
  if (now === null) return <SignIn />;
  return (
    <div class="column">
      <h1 class="hidden" tabIndex={-1}>
        {t("console.signIn")}
      </h1>
      {now === "busy" ? (
        <Loading />
      ) : (
        <>
          <Problem error={now.problem} onRetry={() => start(recallAccount())} />
          <p>
            <button type="button" class="button-text" onClick={signOut}>
              {t("console.signOut")}
            </button>
          </p>
        </>
      )}
    </div>
  );
}

function Unknown() {
  return (
    <section class="notice">
      <h1 tabIndex={-1}>{t("unknown.title")}</h1>
      <button type="button" class="button" onClick={() => go("/console")}>
        {t("console.home")}
      </button>
    </section>
  );
}

function Notices() {
  const isOnline = useStore(online);
  return (
    <div class="notices" role="status">
      {!isOnline && (
        <p class="strip">
          <Glyph name="warning" />
          {t("console.offline")}
        </p>
      )}
      <TroubleStrip />
    </div>
  );
}
