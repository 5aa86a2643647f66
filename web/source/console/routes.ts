export type ConsoleScreen =
  | { readonly name: "markets" }
  | { readonly name: "create" }
  | { readonly name: "market"; readonly market: string; readonly tab: MarketTab }
  | { readonly name: "item"; readonly market: string; readonly task: number }
  | { readonly name: "developers" }
  | { readonly name: "explorer" }
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

function explorerScreen(first = "", market = "", slot = ""): ConsoleScreen {
  if (first === "") return { name: "explorer" };
  const isReceipt = first === "receipts" && isMarket(market) && /^\d{1,10}\.\d{1,4}$/.test(slot);
  return isReceipt ? { name: "receipt", market, slot } : { name: "unknown" };
}

function marketScreen(market: string | undefined, tab = "overview", task = ""): ConsoleScreen {
  if (!isMarket(market)) return { name: "unknown" };
  if (tab === "tasks" && /^\d{1,10}$/.test(task)) return { name: "item", market, task: Number(task) };
  const known = marketTabs.find((each) => each === tab);
  return known === undefined ? { name: "unknown" } : { name: "market", market, tab: known };
}

export const pathOfMarket = (market: string, tab: MarketTab = "overview"): string =>
  tab === "overview" ? `/console/markets/${market}` : `/console/markets/${market}/${tab}`;
export const pathOfReceipt = (market: string, slot: string): string => `/explorer/receipts/${market}/${slot}`;
export const pathOfItem = (market: string, task: number): string => `/console/markets/${market}/tasks/${task}`;
