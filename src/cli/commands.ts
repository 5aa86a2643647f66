import { addReceipts } from "./commands/receipts.ts";
import type { AddCommand } from "./options.ts";

/** In the order of the help. */
export const builtInCommands: readonly AddCommand[] = [addReceipts];
