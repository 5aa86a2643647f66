import { zero } from "../core/amount.ts";
import { type Bytes32, bytes32, equalBytes, toUtf8 } from "../core/bytes.ts";
import { earnestError, isEarnestError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import { type MarketId, marketId, marketIdFromBytes, marketIdToBytes } from "../core/market-id.ts";
import { formatSlot, type Slot, slotKey } from "../core/slot.ts";
import { bodyBytesHash, submissionsStatement } from "../core/statements.ts";
import { termsOfTask } from "../market/admit.ts";
import { type Offer, openOffers, type SlotOutcome } from "../market/decide.ts";
import { decodeEntry } from "../market/entries.ts";
import { heldReason } from "../market/executions.ts";
import { nearestTasks } from "../market/nearby.ts";
import { paidFor } from "../market/paying.ts";
import { type Facts, type LaneState, noFacts, type SlotRecord, type SlotState, specOf } from "../market/state.ts";
import { readEntriesAt } from "../store/log/read-entries.ts";
import { readPaying } from "../store/money/read-paying.ts";
import { sumBalances } from "../store/money/sum-balances.ts";
import { claimedOf } from "../store/settlement/claims.ts";
import {
  newestPlace,
  readVerdict,
  readVerdictsOfContributor,
  type StoredVerdict,
  type VerdictPlace,
} from "../store/tasks/read-verdicts.ts";
import { centreOfCell, isCell } from "../verification/places/cell.ts";
import { type EngineContext, hashOf } from "./context.ts";
import type { Engine } from "./engine.ts";
import type { createIdentity } from "./identity.ts";
import type { createExplaining } from "./insight/explain.ts";
import type { Explanation } from "./insight/insight.ts";
import type { Committed } from "./lane.ts";
import { firstLane, type Lanes } from "./lanes.ts";
import { inTokens } from "./markets.ts";
import { noCursor, pageOf } from "./page.ts";
import type { Pools } from "./pools.ts";
import type { createReceipts } from "./receipts.ts";
import type { createTasks } from "./tasks.ts";
import type { Acknowledgement, OfferView, SubmissionView, SubmitRequest, VerdictView } from "./types.ts";

type Work = Pick<
  Engine,
  "assign" | "submit" | "appeal" | "giveBack" | "nearby" | "setReserve" | "contributor" | "listVerdicts" | "submission"
>;

interface Parts {
  readonly lanes: Lanes;
  readonly pools: Pools;
  readonly identity: ReturnType<typeof createIdentity>;
  readonly tasks: ReturnType<typeof createTasks>;
  readonly receipts: ReturnType<typeof createReceipts>;
  readonly explaining: ReturnType<typeof createExplaining>;
}

/** How far a signed request's time may be from ours: past that it could be an old one, or a wrong clock. */
const skewMsMax = 5 * 60_000;

export const submissionsPerRequestMax = 100;

/** What contributors do. */
export function createWork(
  context: EngineContext,
  { lanes, pools, identity, tasks, receipts, explaining }: Parts,
): Work {
  const { pool } = context;

  const offers = async (market: MarketId, given: readonly Offer[]): Promise<OfferView[]> => {
    const views = await tasks.views(market, new Map(given.map(({ slot, terms }) => [slot.task, terms])));
    return given.flatMap(({ slot, expiresAtMs, code, terms }) => {
      const task = views.get(slot.task);
      return task === undefined ? [] : [{ slot, expiresAtMs, code, reward: terms.reward, task }];
    });
  };

  const stored = async (market: MarketId, slot: Slot): Promise<StoredVerdict | null> =>
    await readVerdict(pool, marketIdToBytes(market), firstLane, slot.task, slot.ordinal);

  /** The hash of the body that was judged, as the log has it. */
  const bodyOf = async (market: MarketId, { submittedSequence }: StoredVerdict): Promise<Bytes32> => {
    const [found] = await readEntriesAt(pool, marketIdToBytes(market), firstLane, [submittedSequence]);
    const entry = found === undefined ? null : decodeEntry(found.encoded);
    if (entry?.kind !== "submitted")
      throw earnestError("INVARIANT_MISMATCH", { what: `entry ${submittedSequence} is no submission` });
    return entry.body;
  };

  /** The state forgets finished tasks, and does not keep why a slot is void: the rest is in what was recorded. */
  const completed = async <View extends SubmissionView | null>(
    market: MarketId,
    slot: Slot,
    view: View,
  ): Promise<View | SubmissionView> => {
    if (view !== null && view.state !== "void") return view;
    const verdict = await stored(market, slot);
    return verdict === null ? view : verdictView(verdict);
  };

  /** A late retry: slots of finished tasks have left the lane's state, and are answered from what was recorded. */
  const recorded = async (request: SubmitRequest, hashes: readonly Bytes32[]): Promise<Late | null> => {
    const { market, session, submissions } = request;
    // The state first: what finishes after this look is recorded before the next.
    const live = await lanes.get(market).read((state) => ({
      views: submissions.map(({ slot }, i) => liveView(state, slot, session.contributor, hashes[i] as Bytes32)),
      open: state.members.get(session.contributor) === undefined ? [] : openOffers(state, session.contributor),
    }));
    const views = await Promise.all(
      submissions.map(async ({ slot }, i) => {
        const verdict = live.views[i] === null ? await stored(market, slot) : null;
        if (verdict?.contributor !== session.contributor) return live.views[i] ?? null;
        const body = await bodyOf(market, verdict);
        return equalBytes(body, hashes[i] as Bytes32) ? verdictView(verdict) : null;
      }),
    );
    const known = views.filter((view) => view !== null);
    return known.length === views.length ? { submissions: known, open: live.open } : null;
  };

  return {
    async assign(session, market, wish, isLate) {
      const join = await identity.joinOf(session.contributor);
      const { outcome } = await inTokens(
        pools,
        market,
        lanes.get(market).run({ type: "assign", contributor: session.contributor, ...wish, join }, isLate),
      );
      return await offers(market, outcome.offers);
    },

    async submit(request) {
      const bodies = request.submissions.map(({ body }) => toUtf8(canonicalJson(body)));
      const hashes = bodies.map((body) => bodyBytesHash(hashOf(context), body));
      await checkRequest(context, request, hashes);
      const { market, session, signed, next, isLate } = request;
      const submissions = request.submissions.map(({ slot }, i) => ({
        slot,
        body: bodies[i] as Uint8Array,
        bodyHash: hashes[i] as Bytes32,
      }));
      try {
        const committed = await inTokens(
          pools,
          market,
          lanes.get(market).run(
            {
              type: "submit",
              contributor: session.contributor,
              session: session.sessionKey,
              authorisation: session.authorisation,
              signed,
              submissions,
              next,
            },
            isLate,
          ),
        );
        const { outcome } = committed;
        return {
          submissions: await Promise.all(
            outcome.slots.map(async (each) => await completed(market, each.slot, outcomeView(each))),
          ),
          offers: await offers(market, outcome.offers),
          acknowledgement: await acknowledge(market, committed, () =>
            receipts.receipt(
              market,
              firstLane,
              outcome.slots.map(({ sequence }) => sequence),
            ),
          ),
        };
      } catch (error) {
        const late = isEarnestError(error, "SLOT_NOT_FOUND") ? await recorded(request, hashes) : null;
        if (late === null) throw error;
        const sequences = late.submissions.map(({ sequence }) => sequence);
        return {
          submissions: late.submissions,
          offers: await offers(market, late.open),
          acknowledgement: await receipts.receipt(market, firstLane, sequences),
        };
      }
    },

    async appeal(session, market, slot, once) {
      const command = { type: "appeal", contributor: session.contributor, slot } as const;
      const outcome = await inTokens(pools, market, lanes.get(market).runOnce(command, once));
      return outcomeView(outcome.slots[0] as SlotOutcome);
    },

    async giveBack(session, market, slot, once) {
      const command = { type: "return", contributor: session.contributor, slot } as const;
      const outcome = await lanes.get(market).runOnce(command, once);
      return outcomeView(outcome.slots[0] as SlotOutcome);
    },

    async nearby(market, cell, count) {
      if (!isCell(cell)) throw earnestError("MALFORMED_REQUEST", { where: "cell", problem: "is no H3 cell" });
      const place = centreOfCell(cell);
      return await lanes.get(market).read((state) => nearestTasks(state, place, count));
    },

    async setReserve(session, market, target, once) {
      const entry = { kind: "reserveSet", contributor: session.contributor, target } as const;
      await lanes.get(market).runOnce({ type: "input", record: { entry, attachment: null } }, once);
    },

    async contributor({ contributor }) {
      const [row, sums] = await Promise.all([identity.contributorRow(contributor), sumBalances(pool, contributor)]);
      const none = { pool: pools.home.poolNumber, released: zero, held: zero };
      const all = sums[0]?.pool === none.pool ? sums : [none, ...sums];
      const facts: Facts = { ...noFacts, ...(JSON.parse(row.facts) as Partial<Facts>) };
      const { automated } = row;
      const balances = all.map(async ({ pool: number, released, held }) => {
        const [{ rail }, settled, paying] = await Promise.all([
          pools.byNumber(number),
          claimedOf(pool, contributor, number),
          readPaying(pool, contributor, number),
        ]);
        return { mint: rail.mint, paidAt: bytes32(paying?.wallet ?? row.key), released, held, settled };
      });
      return { contributor, key: bytes32(row.key), automated, facts, balances: await Promise.all(balances) };
    },

    async listVerdicts(session, after, limit) {
      const place = after === null ? newestPlace : parsePlace(after);
      const rows = await readVerdictsOfContributor(pool, session.contributor, place, limit + 1);
      const { items: shown, next } = pageOf(rows, limit, formatPlace);
      const explanations = await explaining.explain(shown);
      return {
        items: await Promise.all(
          shown.map(async (row, i) => {
            const { mint } = (await pools.of(marketIdFromBytes(row.market))).rail;
            return toVerdictView(row, explanations[i] as Explanation, mint);
          }),
        ),
        next,
      };
    },

    async submission(market, slot) {
      const live = await lanes.get(market).read((state): SubmissionView | null => {
        const record = state.tasks.get(slot.task)?.slots[slot.ordinal];
        return record === undefined ? null : slotView(state, slot, record);
      });
      const view = await completed(market, slot, live);
      if (view === null) throw earnestError("SLOT_NOT_FOUND", { slot: formatSlot(slot) });
      return view;
    },
  };
}

interface Late {
  readonly submissions: readonly SubmissionView[];
  readonly open: readonly Offer[];
}

/** What became of this very answer, where its task is in the state; null where it is not there. */
function liveView(state: LaneState, slot: Slot, contributor: number, body: Bytes32): SubmissionView | null {
  const record = state.tasks.get(slot.task)?.slots[slot.ordinal];
  if (record === undefined || record.body === null || record.contributor !== contributor) return null;
  return equalBytes(record.body, body) ? slotView(state, slot, record) : null;
}

function slotView(state: LaneState, slot: Slot, record: SlotRecord): SubmissionView {
  const { state: slotState, sequence } = record;
  const reason = slotState === "held" ? heldReason(state, slot) : record.reason;
  const reward = paidFor(specOf(state), termsOfTask(state, slot.task), record);
  return { slot, state: slotState, reason, reward, sequence };
}

async function checkRequest(context: EngineContext, request: SubmitRequest, hashes: readonly Bytes32[]): Promise<void> {
  const { submissions, signed, session, market } = request;
  if (submissions.length < 1 || submissions.length > submissionsPerRequestMax) {
    throw earnestError("LIMIT_EXCEEDED", { what: "submissions in a request", max: submissionsPerRequestMax });
  }
  if (new Set(submissions.map(({ slot }) => slotKey(slot))).size !== submissions.length) {
    throw earnestError("MALFORMED_REQUEST", { where: "submissions", problem: "a slot stands in it twice" });
  }
  // What brings none waits for a checkpoint.
  if (signed === null) return;
  const { timeMs, signature } = signed;
  const skewMs = Math.abs(timeMs - context.clock());
  if (skewMs > skewMsMax) throw earnestError("REQUEST_TIME_MISMATCH", { skewMs, skewMsMax });
  const statement = submissionsStatement(
    market,
    timeMs,
    submissions.map(({ slot }, i) => ({ ...slot, body: hashes[i] as Bytes32 })),
  );
  if (!(await context.verify(session.sessionKey, statement, signature))) {
    throw earnestError("SIGNATURE_MISMATCH", { what: "the submissions" });
  }
}

/** The proof that came with the commit; a retry, which committed nothing, gets one under the newest head. */
async function acknowledge(
  market: MarketId,
  { head, entries }: Committed,
  again: () => Promise<Acknowledgement>,
): Promise<Acknowledgement> {
  if (head === null || entries.length === 0) return await again();
  return {
    market,
    lane: firstLane,
    head,
    entries: entries.map(({ appended, path }) => ({ sequence: appended.sequence, encoded: appended.encoded, path })),
  };
}

const outcomeView = ({ slot, state, reason, reward, sequence }: SlotOutcome): SubmissionView => ({
  slot,
  state,
  reason,
  reward,
  sequence,
});

const verdictView = (verdict: StoredVerdict): SubmissionView => ({
  slot: { task: verdict.task, ordinal: verdict.ordinal },
  state: verdict.state as SlotState,
  reason: verdict.reason as SubmissionView["reason"],
  reward: verdict.reward,
  sequence: verdict.submittedSequence,
});

const formatPlace = ({ decidedAtMs, market, lane, task, ordinal }: VerdictPlace): string =>
  [decidedAtMs, marketIdFromBytes(market), lane, task, ordinal].join(".");

function parsePlace(text: string): VerdictPlace {
  const match = /^(\d{1,15})\.([0-9a-f]{32})\.(\d{1,4})\.(\d{1,10})\.(\d{1,4})$/.exec(text);
  if (match === null) throw noCursor();
  const [, decidedAtMs, market, lane, task, ordinal] = match;
  return {
    decidedAtMs: Number(decidedAtMs),
    market: marketIdToBytes(marketId(market as string)),
    lane: Number(lane),
    task: Number(task),
    ordinal: Number(ordinal),
  };
}

const toVerdictView = (verdict: StoredVerdict, explanation: Explanation, mint: string): VerdictView => ({
  ...verdictView(verdict),
  explanation,
  market: marketIdFromBytes(verdict.market),
  mint,
  lane: verdict.lane,
  decidedSequence: verdict.decidedSequence,
  decidedAtMs: verdict.decidedAtMs,
});
