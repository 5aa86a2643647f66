import type { FastifyReply } from "fastify";
import type { Answer, AskEvent, Posted, QuestionFilled } from "../../contract/ask.ts";
import { eventMediaType } from "../../contract/events.ts";
import type { Routes } from "../../contract/routes.ts";
import { earnestError } from "../../core/errors.ts";
import type { Once } from "../../engine/idempotency.ts";
import type { NewQuestion } from "../../engine/types.ts";
import type { ApiContext } from "../context.ts";
import { followQuestion } from "../follow-question.ts";
import type { Call, Handlers } from "../handler.ts";
import { idempotencyKey, requestHash } from "../idempotency.ts";
import type { SentEvent } from "../streams.ts";
import { type Money, toPpm } from "../values.ts";

export function askHandlers(context: ApiContext): Handlers<"ask"> {
  return {
    ask: async (call) => {
      const { body, caller, request, reply } = call;
      const posted = await post(context, call);
      const deadlineMs = Date.now() + body.deadlineSeconds * 1_000;
      const follow = (signal: AbortSignal) => followQuestion(context, caller.owner, posted, deadlineMs, signal);
      if (request.headers.accept?.includes(eventMediaType)) {
        return context.streams.send(request, reply, "ask", (signal) => sentEvents(follow(signal)));
      }
      return await answerInTime(follow, posted, body.waitSeconds * 1_000, reply);
    },
  };
}

/** A question is posted once a key: a repetition follows the task that the first one made. */
async function post({ engine, moneys, once }: ApiContext, call: Call<Routes["ask"]>): Promise<Posted> {
  const { body, caller, request } = call;
  const work = async (byKey?: Once): Promise<Posted> => {
    const { market, task } = await engine.ask(caller.owner, questionOf(await moneys.in(), body), byKey);
    return { market, task };
  };
  const key = idempotencyKey(request);
  if (key === null) return await work();
  const hash = requestHash(request.method, request.url, body);
  const stored = await once.run(caller.owner, key, hash, {
    work: async (byKey) => ({ status: 202, response: JSON.stringify(await work(byKey)) }),
    again: (note) => Promise.resolve({ status: 202, response: note }),
  });
  return JSON.parse(stored.response) as Posted;
}

function questionOf(money: Money, body: QuestionFilled): NewQuestion {
  const labels = body.content.map(({ label }) => label);
  const choices = body.choices ?? (labels.length >= 2 ? labels : ["yes", "no"]);
  if (new Set(choices).size !== choices.length) {
    const where = body.choices === undefined ? "body.content" : "body.choices";
    throw earnestError("MALFORMED_REQUEST", { where, problem: "has a choice twice" });
  }
  const { min, max, target } = body.overlap;
  return {
    question: body.question,
    content: body.content,
    choices,
    reward: money.read(body.reward),
    overlap: { min, max, targetPpm: toPpm(target) },
    eligibility: body.eligibility,
    deadlineMs: Date.now() + body.deadlineSeconds * 1_000,
  };
}

async function* sentEvents(events: AsyncIterable<AskEvent>): AsyncGenerator<SentEvent> {
  for await (const { event, data } of events) yield { event, data };
}

/** For callers without streams: the answer if it comes in time, else where it will be. */
async function answerInTime(
  follow: (signal: AbortSignal) => AsyncIterable<AskEvent>,
  posted: Posted,
  waitMs: number,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const timer = setTimeout(stop, waitMs);
  reply.raw.once("close", stop);
  try {
    for await (const { event, data } of follow(controller.signal)) {
      if (event === "answer") return await reply.code(200).send(data satisfies Answer);
    }
  } finally {
    clearTimeout(timer);
    stop();
  }
  return reply.code(202).send(posted);
}
