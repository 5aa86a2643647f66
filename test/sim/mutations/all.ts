import type { Mutation } from "./mutation.ts";
import { ambiguousCommit, batchTwice, leaseForever, lostFsync, reorderedEntry, staleCache } from "./of-batches.ts";
import { doubleRelease, droppedHold, earlyClaim, lostCut } from "./of-money.ts";
import { modelOutOfOrder, skippedSignature } from "./of-rules.ts";

export const mutations: readonly Mutation[] = [
  lostFsync,
  batchTwice,
  staleCache,
  droppedHold,
  doubleRelease,
  skippedSignature,
  reorderedEntry,
  lostCut,
  ambiguousCommit,
  earlyClaim,
  leaseForever,
  modelOutOfOrder,
];
