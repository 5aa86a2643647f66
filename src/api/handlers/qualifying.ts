import type { NewTestFilled, Score as ScoreOnWire, Test } from "../../contract/qualifying.ts";
import { marketId } from "../../core/market-id.ts";
import type { NewTest, Score, TestView } from "../../engine/types.ts";
import { dayMs } from "../../market/spec.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { requireShallow } from "../json-body.ts";
import { fromPpm, toPpm } from "../values.ts";

type Ids = "putTest" | "listTests" | "getTest" | "takeTest" | "retireControls";

export function qualifyingHandlers({ engine }: ApiContext): Handlers<Ids> {
  return {
    putTest: async ({ params, body, caller, once }) => {
      for (const [i, { content }] of body.questions.entries()) requireShallow(content, `body.questions[${i}].content`);
      const market = marketId(params.market);
      return testView(await engine.putTest(caller.owner, market, params.name, testOf(body), once));
    },

    listTests: async ({ params }) => ({ items: (await engine.listTests(marketId(params.market))).map(testView) }),

    getTest: async ({ params }) => testView(await engine.test(marketId(params.market), params.name)),

    takeTest: async ({ params, body, caller, once }) =>
      scoreView(await engine.takeTest(caller.session, marketId(params.market), params.name, body.answers, once)),

    retireControls: async ({ params, caller, once }) =>
      await engine.retireControls(caller.owner, marketId(params.market), once),
  };
}

const testOf = ({ questions, passingShare, validDays }: NewTestFilled): NewTest => ({
  questions,
  passPpm: toPpm(passingShare),
  validMs: validDays * dayMs,
});

const testView = ({ name, questions, passPpm, validMs, sequence }: TestView): Test => ({
  name,
  questions: questions.map(({ content, choices }) => ({ content, choices: [...choices] })),
  passingShare: fromPpm(passPpm),
  validDays: validMs / dayMs,
  sequence,
});

export const scoreView = ({ scorePpm, isPassed, expiresAtMs }: Score): ScoreOnWire => ({
  score: fromPpm(scorePpm),
  value: scorePpm,
  passed: isPassed,
  expiresAtMs,
});
