import { addAsk } from "./commands/ask.ts";
import { addKeys } from "./commands/keys.ts";
import { addLogin } from "./commands/login.ts";
import { addMarkets } from "./commands/markets.ts";
import { addReceipts } from "./commands/receipts.ts";
import { addResults } from "./commands/results.ts";
import type { AddCommand } from "./options.ts";

/** In the order of the help. */
export const builtInCommands: readonly AddCommand[] = [addAsk, addMarkets, addResults, addReceipts, addKeys, addLogin];
