import { bytes32, fromHex } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { type MarketId, marketId } from "../../core/market-id.ts";
import { parseSlot } from "../../core/slot.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { requireShallow } from "../json-body.ts";
import { readBytes, readCount, readKey } from "../values.ts";
import { challengeView, coverageView, offerView, submissionView, turnView } from "../views.ts";

type Ids =
  | "assign"
  | "submit"
  | "getCoverage"
  | "cover"
  | "getSlot"
  | "appeal"
  | "giveBack"
  | "listChallenges"
  | "challengeTask"
  | "listNearby"
  | "getEvidence"
  | "getCell"
  | "setReserve"
  | "listReviews"
  | "review"
  | "payBonus"
  | "qualify";

export function workHandlers({ engine, money, metrics }: ApiContext): Handlers<Ids> {
  const taskOf = async (
    market: MarketId,
    { task, taskId }: { readonly task?: number | undefined; readonly taskId?: string | undefined },
  ): Promise<number | null> => {
    if (task !== undefined && taskId !== undefined) {
      throw earnestError("MALFORMED_REQUEST", { where: "body", problem: "names a task twice: task and taskId" });
    }
    return taskId === undefined ? (task ?? null) : await engine.findTask(market, taskId);
  };

  return {
    assign: async ({ params, body, caller }) => {
      const market = marketId(params.market);
      const wish = { task: await taskOf(market, body), count: body.count };
      const offers = await engine.assign(caller.session, market, wish);
      return { offers: offers.map((each) => offerView(money, each)) };
    },

    submit: async ({ params, body, caller }) => {
      for (const [i, each] of body.submissions.entries()) requireShallow(each.body, `body.submissions[${i}].body`);
      const turn = await engine.submit({
        market: marketId(params.market),
        session: caller.session,
        signed: signedOf(body),
        submissions: body.submissions.map((each) => ({ slot: parseSlot(each.slot), body: each.body })),
        next: body.next,
      });
      metrics.submissions.inc(turn.submissions.length);
      return turnView(money, turn);
    },

    getSlot: async ({ params }) =>
      submissionView(money, await engine.submission(marketId(params.market), parseSlot(params.slot))),

    getCoverage: async ({ params, caller }) => ({
      sessions: (await engine.coverage(caller.session, marketId(params.market))).map((each) =>
        coverageView(money, each),
      ),
    }),

    cover: async ({ params, body: { session, count, running, signature }, caller }) => {
      await engine.cover(caller.session, marketId(params.market), {
        session: readKey(session),
        count,
        running: bytes32(fromHex(running)),
        signature: readBytes(signature, 64, "signature"),
      });
    },

    appeal: async ({ params, caller, once }) =>
      submissionView(money, await engine.appeal(caller.session, marketId(params.market), parseSlot(params.slot), once)),

    giveBack: async ({ params, caller, once }) =>
      submissionView(
        money,
        await engine.giveBack(caller.session, marketId(params.market), parseSlot(params.slot), once),
      ),

    listChallenges: async ({ params }) => ({
      items: (await engine.challenges(marketId(params.market))).map((each) => challengeView(money, each)),
    }),

    challengeTask: async ({ params, body, caller, once }) =>
      challengeView(money, await engine.challengeTask(caller.session, marketId(params.market), body.task, once)),

    listNearby: async ({ params, query: { cell, limit } }) => {
      const found = await engine.nearby(marketId(params.market), cell, readCount(limit, 20));
      return { items: found.map((each) => ({ ...each, reward: money.write(each.reward) })) };
    },

    setReserve: async ({ params, body, caller, once }) => {
      await engine.setReserve(caller.session, marketId(params.market), money.read(body.target), once);
    },

    getEvidence: async ({ params, caller }) =>
      structuredClone(await engine.evidence(caller.owner, marketId(params.market), parseSlot(params.slot))),

    getCell: async ({ params }) => ({ cell: await engine.cellOf(marketId(params.market), parseSlot(params.slot)) }),

    listReviews: async ({ params, caller }) => {
      const found = await engine.reviews(caller.owner, marketId(params.market));
      return { items: found.map((each) => ({ ...submissionView(money, each), answer: each.answer })) };
    },

    review: async ({ params, body: { accepted, note }, caller, once }) => {
      const market = marketId(params.market);
      const decided = await engine.review(caller.owner, market, parseSlot(params.slot), accepted, note, once);
      return submissionView(money, decided);
    },

    payBonus: async ({ params, body: { contributor, amount, note }, caller, once }) => {
      const market = marketId(params.market);
      await engine.payBonus(caller.owner, market, readKey(contributor), money.read(amount), note, once);
    },

    qualify: async ({ params, body, caller, once }) => {
      const { contributor, name, value, expiresAtMs } = body;
      const grant = { name, value, expiresAtMs };
      await engine.qualify(caller.owner, marketId(params.market), readKey(contributor), grant, once);
    },
  };
}

/** A signature and its time belong together; without both the session's token answers for the submissions. */
function signedOf({
  timeMs,
  signature,
}: {
  readonly timeMs?: number | undefined;
  readonly signature?: string | undefined;
}) {
  if (timeMs === undefined && signature === undefined) return null;
  if (timeMs === undefined || signature === undefined) {
    throw earnestError("MALFORMED_REQUEST", {
      where: "body",
      problem: "has one of timeMs and signature without the other",
    });
  }
  return { timeMs, signature: readBytes(signature, 64, "signature") };
}
