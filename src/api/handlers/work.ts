import { bytes32, fromHex } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { marketId } from "../../core/market-id.ts";
import { parseSlot } from "../../core/slot.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { requireShallow } from "../json-body.ts";
import { turnText } from "../turn-text.ts";
import { readBytes, readCount, readKey } from "../values.ts";
import { challengeView, coverageView, offerView, submissionView } from "../views.ts";
import { wishedTask } from "../wish.ts";

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

export function workHandlers({ engine, moneys, metrics }: ApiContext): Handlers<Ids> {
  return {
    assign: async ({ params, body, caller, isLate }) => {
      const market = marketId(params.market);
      const wish = { task: await wishedTask(engine, market, body), count: body.count };
      const offers = await engine.assign(caller.session, market, wish, isLate);
      const money = await moneys.of(market);
      return { offers: offers.map((each) => offerView(money, each)) };
    },

    submit: async ({ params, body, caller, isLate }) => {
      for (const [i, each] of body.submissions.entries()) requireShallow(each.body, `body.submissions[${i}].body`);
      const market = marketId(params.market);
      const turn = await engine.submit({
        market,
        session: caller.session,
        signed: signedOf(body),
        submissions: body.submissions.map((each) => ({ slot: parseSlot(each.slot), body: each.body })),
        next: body.next,
        isLate,
      });
      metrics.submissions.inc(turn.submissions.length);
      return turnText(await moneys.of(market), turn);
    },

    getSlot: async ({ params }) =>
      submissionView(
        await moneys.of(marketId(params.market)),
        await engine.submission(marketId(params.market), parseSlot(params.slot)),
      ),

    getCoverage: async ({ params, caller }) => {
      const market = marketId(params.market);
      const money = await moneys.of(market);
      return { sessions: (await engine.coverage(caller.session, market)).map((each) => coverageView(money, each)) };
    },

    cover: async ({ params, body: { session, count, running, signature }, caller }) => {
      await engine.cover(caller.session, marketId(params.market), {
        session: readKey(session),
        count,
        running: bytes32(fromHex(running)),
        signature: readBytes(signature, 64, "signature"),
      });
    },

    appeal: async ({ params, caller, once }) => {
      const market = marketId(params.market);
      const outcome = await engine.appeal(caller.session, market, parseSlot(params.slot), once);
      return submissionView(await moneys.of(market), outcome);
    },

    giveBack: async ({ params, caller, once }) => {
      const market = marketId(params.market);
      const outcome = await engine.giveBack(caller.session, market, parseSlot(params.slot), once);
      return submissionView(await moneys.of(market), outcome);
    },

    listChallenges: async ({ params }) => {
      const market = marketId(params.market);
      const money = await moneys.of(market);
      return { items: (await engine.challenges(market)).map((each) => challengeView(money, each)) };
    },

    challengeTask: async ({ params, body, caller, once }) => {
      const market = marketId(params.market);
      const challenge = await engine.challengeTask(caller.session, market, body.task, once);
      return challengeView(await moneys.of(market), challenge);
    },

    listNearby: async ({ params, query: { cell, limit } }) => {
      const market = marketId(params.market);
      const found = await engine.nearby(market, cell, readCount(limit, 20));
      const money = await moneys.of(market);
      return { items: found.map((each) => ({ ...each, reward: money.write(each.reward) })) };
    },

    setReserve: async ({ params, body, caller, once }) => {
      const market = marketId(params.market);
      await engine.setReserve(caller.session, market, (await moneys.of(market)).read(body.target), once);
    },

    getEvidence: async ({ params, caller }) =>
      structuredClone(await engine.evidence(caller.owner, marketId(params.market), parseSlot(params.slot))),

    getCell: async ({ params }) => ({ cell: await engine.cellOf(marketId(params.market), parseSlot(params.slot)) }),

    listReviews: async ({ params, caller }) => {
      const market = marketId(params.market);
      const found = await engine.reviews(caller.owner, market);
      const money = await moneys.of(market);
      return { items: found.map((each) => ({ ...submissionView(money, each), answer: each.answer })) };
    },

    review: async ({ params, body: { accepted, note }, caller, once }) => {
      const market = marketId(params.market);
      const decided = await engine.review(caller.owner, market, parseSlot(params.slot), accepted, note, once);
      return submissionView(await moneys.of(market), decided);
    },

    payBonus: async ({ params, body: { contributor, amount, note }, caller, once }) => {
      const market = marketId(params.market);
      const value = (await moneys.of(market)).read(amount);
      await engine.payBonus(caller.owner, market, readKey(contributor), value, note, once);
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
