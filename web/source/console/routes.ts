export type ConsoleScreen =
  | { readonly name: "markets" }
  | { readonly name: "create" }
  | { readonly name: "market"; readonly market: string; readonly tab: MarketTab }
  | { readonly name: "item"; readonly market: string; readonly task: number }
  | { readonly name: "developers" }
  | { readonly name: "explorer" }
  | { readonly name: "oneMarket"; readonly market: string }
  | { readonly name: "requester"; readonly owner: string }
  | { readonly name: "epoch"; readonly digest: string }
  | { readonly name: "receipt"; readonly market: string; readonly slot: string }
  | { readonly name: "unknown" };

export const marketTabs = ["overview", "items", "people", "export"] as const;
export type MarketTab = (typeof marketTabs)[number];

const isMarket = (text: string | undefined): text is string => text !== undefined && /^[0-9a-f]{32}$/.test(text);

export function consoleScreenOf(path: string): ConsoleScreen {
  const [area, first, second, third, fourth] = path.split("/").slice(1);
  if (area === "explorer") return explorerScreen(first, second, third);
  if (area !== "console") return { name: "unknown" };
  switch (first ?? "") {
    case "":
      return { name: "markets" };
    case "new":
      return { name: "create" };
    case "developers":
      return { name: "developers" };
    case "markets":
      return marketScreen(second, third, fourth);
    default:
      return { name: "unknown" };
  }
}

function explorerScreen(first = "", of = "", slot = ""): ConsoleScreen {
  if (first === "") return { name: "explorer" };
  if (slot !== "") {
    const isReceipt = first === "receipts" && isMarket(of) && /^\d{1,10}\.\d{1,4}$/.test(slot);
    return isReceipt ? { name: "receipt", market: of, slot } : { name: "unknown" };
  }
  if (first === "markets" && isMarket(of)) return { name: "oneMarket", market: of };
  if (first === "epochs" && /^[0-9a-f]{64}$/.test(of)) return { name: "epoch", digest: of };
  if (first === "requesters" && /^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(of)) return { name: "requester", owner: of };
  return { name: "unknown" };
}

function marketScreen(market: string | undefined, tab = "overview", task = ""): ConsoleScreen {
  if (!isMarket(market)) return { name: "unknown" };
  if (tab === "tasks" && /^\d{1,10}$/.test(task)) return { name: "item", market, task: Number(task) };
  const known = marketTabs.find((each) => each === tab);
  return known === undefined ? { name: "unknown" } : { name: "market", market, tab: known };
}

export const pathOfMarket = (market: string, tab: MarketTab = "overview"): string =>
  tab === "overview" ? `/console/markets/${market}` : `/console/markets/${market}/${tab}`;
export const pathOfOneMarket = (market: string): string => `/explorer/markets/${market}`;
export const pathOfRequester = (owner: string): string => `/explorer/requesters/${owner}`;
export const pathOfEpoch = (digest: string): string => `/explorer/epochs/${digest}`;
export const pathOfReceipt = (market: string, slot: string): string => `/explorer/receipts/${market}/${slot}`;
export const pathOfItem = (market: string, task: number): string => `/console/markets/${market}/tasks/${task}`;
