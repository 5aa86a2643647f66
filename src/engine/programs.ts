import { type Bytes32, bytes32, toHex } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import type { Outcome } from "../market/decide.ts";
import { attachmentOf } from "../market/entries.ts";
import { readEntriesAt } from "../store/log/read-entries.ts";
import { type EngineContext, hashOf } from "./context.ts";
import type { Engine } from "./engine.ts";
import { firstLane, type Lanes } from "./lanes.ts";
import { toRecord } from "./load-lane.ts";
import type { createReceipts } from "./receipts.ts";

interface Parts {
  readonly lanes: Lanes;
  readonly receipts: ReturnType<typeof createReceipts>;
  readonly markets: { owned(owner: Bytes32, market: MarketId): Promise<unknown> };
}

/** Programs that a market executes, and commitments to what was found in them. */
export function createPrograms(
  context: EngineContext,
  { lanes, receipts, markets }: Parts,
): Pick<Engine, "addProgram" | "program" | "commitTo"> {
  const { pool } = context;
  return {
    async addProgram(owner, market, { language, program }, once) {
      await markets.owned(owner, market);
      const hash = hashOf(context)(program);
      const isThere = await lanes.get(market).read((state) => state.programs.get(toHex(hash))?.language === language);
      // What is there cannot change: the same again is a retry.
      if (isThere) return { hash, language, bytes: program.length };
      const entry = { kind: "programAdded", hash, language, bytes: program.length } as const;
      await lanes.get(market).runOnce({ type: "input", record: { entry, attachment: program } }, once);
      return { hash, language, bytes: program.length };
    },

    async program(market, hash) {
      const known = await lanes.get(market).read((state) => state.programs.get(toHex(hash)) ?? null);
      if (known === null) throw earnestError("PROGRAM_FILE_NOT_FOUND", { hash: toHex(hash) });
      const { language, sequence } = known;
      const [entry] = await readEntriesAt(pool, marketIdToBytes(market), firstLane, [sequence]);
      if (entry === undefined) throw earnestError("ENTRY_NOT_FOUND", { lane: firstLane, sequence });
      return { language, program: attachmentOf(toRecord(entry)) };
    },

    async commitTo({ contributor }, market, slot, commitment) {
      const entry = { kind: "committed", ...slot, contributor, commitment: bytes32(commitment) } as const;
      const committed = await lanes.get(market).run({ type: "input", record: { entry, attachment: null } });
      const { to } = committed.outcome satisfies Outcome;
      return await receipts.receipt(market, firstLane, [to]);
    },
  };
}
