import { type Amount, formatAmount } from "../core/amount.ts";
import { type Bytes32, bytes32, equalBytes, fromHex, toHex } from "../core/bytes.ts";
import { type EarnestError, earnestError, isEarnestError } from "../core/errors.ts";
import { jsonHash, tags } from "../core/hash.ts";
import type { Json } from "../core/json.ts";
import { emptyLogTree, logRoot } from "../core/log-tree.ts";
import { type MarketId, marketIdFromBytes, marketIdToBytes } from "../core/market-id.ts";
import { slotOf, termsOfTask } from "../market/admit.ts";
import type { Input } from "../market/entries.ts";
import { paidFor } from "../market/paying.ts";
import { type MarketSpec, parseSpec, specText, specToJson } from "../market/spec.ts";
import { specOf } from "../market/state.ts";
import { insertLane } from "../store/lanes/insert-lane.ts";
import { endStanding } from "../store/markets/end-standing.ts";
import { putEscrow } from "../store/markets/escrows.ts";
import { insertMarket, type MarketRow } from "../store/markets/insert-market.ts";
import {
  type FoundMarket,
  listMarkets,
  type MarketPlace,
  readMarket,
  readStandingMarket,
} from "../store/markets/read-markets.ts";
import { insertDeposit } from "../store/money/insert-deposit.ts";
import { answerJson } from "../verification/answers/answer-schema.ts";
import { type EngineContext, hashOf } from "./context.ts";
import { retirements } from "./controls.ts";
import type { Engine } from "./engine.ts";
import { claiming, type Once } from "./idempotency.ts";
import type { createIdentity } from "./identity.ts";
import { firstLane, type Lanes } from "./lanes.ts";
import { noCursor, pageOf } from "./page.ts";
import { type Pools, tokenView } from "./pools.ts";
import type { MarketView, NewMarket } from "./types.ts";

type Markets = Pick<
  Engine,
  | "createMarket"
  | "market"
  | "listMarkets"
  | "fundMarket"
  | "changeStatus"
  | "payBonus"
  | "qualify"
  | "review"
  | "reviews"
> & {
  row(market: MarketId): Promise<MarketRow>;
  owned(owner: Bytes32, market: MarketId): Promise<MarketRow>;
  standing(owner: Bytes32): Promise<MarketRow | null>;
};

const statusEntries = { open: "opened", pause: "paused", resume: "resumed" } as const;

export function createMarkets(
  context: EngineContext,
  lanes: Lanes,
  { identity, pools }: { readonly identity: ReturnType<typeof createIdentity>; readonly pools: Pools },
): Markets {
  const { pool, clock, random } = context;
  const hash = hashOf(context);

  const row = async (market: MarketId): Promise<FoundMarket> => {
    const found = await readMarket(pool, marketIdToBytes(market));
    if (found === null) throw earnestError("MARKET_NOT_FOUND", { market });
    return found;
  };
  const owned = async (owner: Bytes32, market: MarketId): Promise<FoundMarket> => {
    const found = await row(market);
    if (!equalBytes(found.owner, owner)) throw earnestError("OWNER_MISMATCH", { what: `The market ${market}` });
    return found;
  };
  const input = async (market: MarketId, entry: Input, once: Once | undefined): Promise<void> => {
    const command = { type: "input", record: { entry, attachment: null } } as const;
    await inTokens(pools, market, lanes.get(market).runOnce(command, once));
  };
  /** Whoever was judged by a control can check it as soon as nobody else will be. */
  const closeMarket = async (market: MarketId, once: Once | undefined): Promise<void> => {
    const closing = { type: "input", record: { entry: { kind: "closing" }, attachment: null } } as const;
    await lanes.get(market).runAlong({
      ...claiming(once),
      commands: (_dbTx, state) => Promise.resolve([closing, ...retirements(state)]),
      after: async (dbTx) => await endStanding(dbTx, marketIdToBytes(market)),
    });
  };
  const view = async (found: FoundMarket): Promise<MarketView> => {
    const market = marketIdFromBytes(found.market);
    const { rail } = await pools.of(market);
    return await lanes.get(market).read((state) => ({
      market,
      owner: bytes32(found.owner),
      token: tokenView(rail),
      status: state.status,
      spec: parseSpec(JSON.parse(found.spec) as Json),
      specHash: bytes32(found.specHash),
      refundTo: found.refundTo,
      escrow: rail.escrowOf({ market, requester: found.refundTo }),
      standing: found.standing,
      createdAtMs: found.createdAtMs,
      taskCount: state.taskCount,
      answers: state.answers,
      rejected: found.rejected,
      closesAtMs: state.closesAtMs,
      books: { ...state.books },
      lanes: [{ lane: state.lane, sequence: state.tree.size, head: logRoot(hash, state.tree) }],
    }));
  };

  return {
    row,
    owned,
    standing: (owner) => readStandingMarket(pool, owner),

    async createMarket(owner, market, once) {
      requireSettleable(market.spec, context.rail.refundDelayMs);
      const id = marketIdFromBytes(random(16));
      const { poolNumber } = await pools.byMint(market.spec.mint);
      const specHash = jsonHash(hash, tags.spec, specToJson(market.spec));
      const made: MarketRow = { ...newRow(id, owner, market, clock(), specHash), pool: poolNumber };
      const entry: Input = { kind: "created", market: id, lane: firstLane, requester: owner, spec: made.spec };
      await lanes.get(id).runAlong({
        before: async (dbTx) => {
          await once?.claim(dbTx, id);
          await insertMarket(dbTx, made);
          await insertLane(dbTx, made.market, firstLane, logRoot(hash, emptyLogTree));
        },
        commands: () => Promise.resolve([{ type: "input", record: { entry, attachment: null } }]),
      });
      return await view({ ...made, rejected: null });
    },

    async market(market) {
      return await view(await row(market));
    },

    async listMarkets({ owner, after, limit }) {
      const rows = await listMarkets(pool, owner, after === null ? null : readCursor(after), limit + 1);
      const { items, next } = pageOf(rows, limit, cursorOf);
      return { items: await Promise.all(items.map(view)), next };
    },

    async fundMarket(owner, market, signature, once) {
      const found = await owned(owner, market);
      const terms = { market, requester: found.refundTo, specHash: bytes32(found.specHash) };
      const { rail } = await pools.of(market);
      const deposit = await rail.findDeposit(signature, terms);
      if (deposit === null) throw earnestError("DEPOSIT_NOT_FOUND", { signature });
      const { account, openedAt, amount } = deposit;
      const funded: Input = { kind: "funded", amount, deposit: signature };
      await lanes.get(market).runAlong({
        ...claiming(once),
        commands: (_dbTx, { escrow }) => {
          // After its refund an account may be opened anew: that is not the one this market's log knows.
          if (escrow !== null && escrow.openedAt !== openedAt) throw earnestError("DEPOSIT_NOT_FOUND", { signature });
          const entries: Input[] = escrow === null ? [{ kind: "escrowed", account, openedAt }, funded] : [funded];
          return Promise.resolve(entries.map((entry) => ({ type: "input", record: { entry, attachment: null } })));
        },
        after: async (dbTx) => {
          await insertDeposit(dbTx, { signature, market: found.market, amount, creditedAtMs: clock() });
          await putEscrow(dbTx, found.market, { account, openedAt });
        },
      });
      return await view(found);
    },

    async changeStatus(owner, market, action, once) {
      await owned(owner, market);
      if (action === "close") await closeMarket(market, once);
      else await input(market, { kind: statusEntries[action] }, once);
      return await view(await row(market));
    },

    async payBonus(owner, market, contributor, value, note, once) {
      await owned(owner, market);
      const { contributor: number } = await identity.contributorByKey(contributor);
      await input(market, { kind: "bonusPaid", contributor: number, amount: value, note }, once);
    },

    async qualify(owner, market, contributor, { name, value, expiresAtMs }, once) {
      await owned(owner, market);
      const { contributor: number } = await identity.contributorByKey(contributor);
      const join = await identity.joinOf(number);
      await lanes.get(market).runAlong({
        ...claiming(once),
        commands: (_dbTx, state) => {
          const entries: Input[] = state.members.get(number) === undefined ? [join] : [];
          entries.push({
            kind: "qualified",
            contributor: number,
            name,
            value,
            expiresAtMs: expiresAtMs ?? 0,
            by: "requester",
          });
          return Promise.resolve(entries.map((entry) => ({ type: "input", record: { entry, attachment: null } })));
        },
      });
    },

    async review(owner, market, slot, accepted, note, once) {
      await owned(owner, market);
      const before = await lanes.get(market).read((state) => {
        const record = slotOf(state, slot);
        const terms = termsOfTask(state, slot.task);
        return { sequence: record.sequence, reward: paidFor(specOf(state), terms, { ...record, state: "accepted" }) };
      });
      await input(market, { kind: "reviewed", ...slot, accepted, note }, once);
      return {
        slot,
        state: accepted ? "accepted" : "appealable",
        reason: accepted ? "REVIEW_ACCEPTED" : "REVIEW_REJECTED",
        reward: accepted ? before.reward : (0n as Amount),
        sequence: before.sequence,
      };
    },

    async reviews(owner, market) {
      await owned(owner, market);
      return await lanes.get(market).read((state) =>
        [...state.tasks.keys()].flatMap((task) =>
          (state.tasks.get(task)?.slots ?? []).flatMap((slot, ordinal) =>
            slot.state !== "review"
              ? []
              : [
                  {
                    slot: { task, ordinal },
                    state: slot.state,
                    reason: slot.reason,
                    reward: 0n as Amount,
                    sequence: slot.sequence,
                    answer: answerJson(termsOfTask(state, task).answer, slot.answer),
                  },
                ],
          ),
        ),
      );
    },
  };
}

const cursorOf = ({ createdAtMs, market }: MarketPlace): string => `${createdAtMs}.${toHex(market)}`;

function readCursor(text: string): MarketPlace {
  const [, createdAtMs, market] = /^(\d{1,15})\.([0-9a-f]{32})$/.exec(text) ?? [];
  if (market !== undefined) return { createdAtMs: Number(createdAtMs), market: fromHex(market) };
  throw noCursor();
}

function newRow(
  id: MarketId,
  owner: Bytes32,
  market: NewMarket,
  createdAtMs: number,
  specHash: Bytes32,
): Omit<MarketRow, "pool"> {
  const { spec, refundTo, standing } = market;
  return {
    market: marketIdToBytes(id),
    owner,
    title: spec.title,
    kind: spec.kind,
    spec: specText(spec),
    specHash,
    refundTo,
    standing,
    createdAtMs,
  };
}

/** A market that is ended on chain must be able to decide everything before it is refunded. */
function requireSettleable({ refundDelayMs }: MarketSpec, max: number): void {
  if (refundDelayMs <= max) return;
  const what = "milliseconds of lease, review, hold and appeal together: the network's refund delay";
  throw earnestError("LIMIT_EXCEEDED", { what, max });
}

/** A lane counts base units; what people read of its refusals is in tokens. */
export async function inTokens<T>(pools: Pools, market: MarketId, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isEarnestError(error, "ESCROW_INSUFFICIENT") && !isEarnestError(error, "BUDGET_EXCEEDED")) throw error;
    throw tokenError(error, (await pools.of(market)).rail.decimals);
  }
}

function tokenError(error: EarnestError, decimals: number): EarnestError {
  const show = (text: string): string => formatAmount(BigInt(text), decimals);
  if (isEarnestError(error, "ESCROW_INSUFFICIENT")) {
    return earnestError("ESCROW_INSUFFICIENT", { needed: show(error.context.needed), free: show(error.context.free) });
  }
  if (isEarnestError(error, "BUDGET_EXCEEDED")) {
    const { budget, needed, left } = error.context;
    return earnestError("BUDGET_EXCEEDED", { budget, needed: show(needed), left: show(left) });
  }
  return error;
}
