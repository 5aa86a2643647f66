import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { archiveHandlers } from "./archives.ts";
import { askHandlers } from "./ask.ts";
import { commitHandlers } from "./commits.ts";
import { depositHandlers } from "./deposits.ts";
import { identityHandlers } from "./identity.ts";
import { insightHandlers } from "./insight.ts";
import { itemHandlers } from "./items.ts";
import { logHandlers } from "./log.ts";
import { marketHandlers } from "./markets.ts";
import { messageHandlers } from "./messages.ts";
import { networkHandlers } from "./network.ts";
import { noticeHandlers } from "./notices.ts";
import { programHandlers } from "./programs.ts";
import { qualifyingHandlers } from "./qualifying.ts";
import { reputationHandlers } from "./reputation.ts";
import { taskHandlers } from "./tasks.ts";
import { walletHandlers } from "./wallets.ts";
import { webhookHandlers } from "./webhooks.ts";
import { withdrawalHandlers } from "./withdrawals.ts";
import { workHandlers } from "./work.ts";

/** A handler for every operation of the contract. */
export const allHandlers = (context: ApiContext): Handlers => ({
  ...networkHandlers(context),
  ...identityHandlers(context),
  ...marketHandlers(context),
  ...depositHandlers(context),
  ...taskHandlers(context),
  ...workHandlers(context),
  ...withdrawalHandlers(context),
  ...walletHandlers(context),
  ...webhookHandlers(context),
  ...messageHandlers(context),
  ...reputationHandlers(context),
  ...noticeHandlers(context),
  ...qualifyingHandlers(context),
  ...programHandlers(context),
  ...archiveHandlers(context),
  ...logHandlers(context),
  ...commitHandlers(context),
  ...insightHandlers(context),
  ...itemHandlers(context),
  ...askHandlers(context),
});
