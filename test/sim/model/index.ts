import type { Model } from "./asking.ts";
import * as identity from "./identity.ts";
import * as lanes from "./lanes.ts";
import * as log from "./log.ts";
import * as markets from "./markets.ts";
import * as settlement from "./settlement.ts";
import * as tasks from "./tasks.ts";

/** By the module of the store that they stand for. */
const modules: Readonly<Record<string, object>> = {
  "identity/settings": identity.settings,
  "identity/challenges": identity.challenges,
  "identity/contributors": identity.contributors,
  "identity/sign-in": identity.signIn,
  "identity/sessions": identity.sessions,
  "identity/idempotency": identity.idempotency,
  "identity/notice-addresses": settlement.noticeAddresses,
  "identity/requests": settlement.requests,
  "webhooks/messages": settlement.webhookMessages,
  "webhooks/webhooks": settlement.webhooks,
  "insight/paces": settlement.paces,
  "lanes/find-due-lanes": lanes.findDueLanes,
  "lanes/find-uncut-lanes": lanes.findUncutLanes,
  "lanes/insert-lane": lanes.insertLane,
  "lanes/lock-lane": lanes.lockLane,
  "lanes/postpone-lane": lanes.postponeLane,
  "lanes/read-lanes": lanes.readLanes,
  "lanes/write-batch": lanes.writeBatch,
  "log/checkpoints": log.checkpoints,
  "log/landmarks": log.landmarks,
  "log/read-entries": log.readEntries,
  "log/read-newest-head": log.readNewestHead,
  "markets/insert-market": markets.insertMarket,
  "markets/read-markets": markets.readMarkets,
  "markets/end-standing": markets.endStanding,
  "markets/escrows": markets.escrows,
  "markets/pools": markets.pools,
  "money/insert-deposit": settlement.insertDeposit,
  "nodes/standings": settlement.nodeStandings,
  "settlement/claims": settlement.claims,
  "settlement/commit-signatures": settlement.commitSignatures,
  "settlement/commits": settlement.commits,
  "settlement/cut-lane": settlement.cutLane,
  "settlement/read-cuts": settlement.readCuts,
  "settlement/read-uncut": settlement.readUncut,
  "settlement/sponsored": settlement.sponsored,
  "settlement/withdrawals": settlement.withdrawals,
  "tasks/insert-tasks": tasks.insertTasks,
  "tasks/read-results": tasks.readResults,
  "tasks/read-tasks": tasks.readTasks,
  "tasks/read-verdicts": tasks.readVerdicts,
};

export const models: ReadonlyMap<string, Model> = new Map(
  Object.entries(modules).flatMap(([module, functions]) =>
    Object.entries(functions).map(([name, model]) => [`store/${module}#${name}`, model as Model] as const),
  ),
);
