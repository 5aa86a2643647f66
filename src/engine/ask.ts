import { type Amount, amountMax, formatAmount } from "../core/amount.ts";
import { toHex } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { type MarketId, marketIdFromBytes } from "../core/market-id.ts";
import { dayMs, hourMs, type MarketSpec, minuteMs, priceOf, settleMsMax, termsToJson } from "../market/spec.ts";
import type { EngineContext } from "./context.ts";
import type { Engine } from "./engine.ts";
import type { createMarkets } from "./markets.ts";
import type { createTasks } from "./tasks.ts";
import type { NewQuestion } from "./types.ts";

interface Parts {
  readonly markets: ReturnType<typeof createMarkets>;
  readonly tasks: ReturnType<typeof createTasks>;
}

const leaseMs = 10 * minuteMs;

/** The market in which an owner's single questions stand: its escrow is the prepaid balance. */
export function standingSpec(feeBasisPoints: number): MarketSpec {
  const terms: MarketSpec["terms"] = {
    answer: { type: "choice", choices: ["yes", "no"] },
    agreement: null,
    reward: 1n as Amount,
    overlap: { min: 1, max: 5, targetPpm: 900_000 },
    leaseMs,
    deadlineMs: null,
    eligibility: [],
  };
  const spec: MarketSpec = {
    version: 1,
    title: "Prepaid balance",
    kind: "judge",
    terms,
    rewardMin: 1n as Amount,
    rewardMax: amountMax as Amount,
    feeBasisPoints,
    controls: { answeredMin: 4, accuracyPpmMin: 600_000 },
    policy: null,
    review: null,
    appeal: { windowMs: hourMs, budget: 0n as Amount, panel: 3, cost: 0n as Amount },
    newcomer: null,
    refundDelayMs: 0,
    voidMax: 1_000,
  };
  return { ...spec, refundDelayMs: settleMsMax(spec, dayMs) };
}

/** Posts a single task from the owner's prepaid balance. */
export function createAsk(context: EngineContext, { markets, tasks }: Parts): Pick<Engine, "ask"> {
  /** A question that nobody could be paid for would wait for ever. */
  const requireBalance = async (market: MarketId, { reward, overlap }: NewQuestion): Promise<void> => {
    const { spec, books, token } = await markets.market(market);
    const needed = priceOf(spec, { ...spec.terms, reward }) * BigInt(overlap.min);
    if (books.free >= needed) return;
    const show = (value: bigint): string => formatAmount(value, token.decimals);
    throw earnestError("ESCROW_INSUFFICIENT", { needed: show(needed), free: show(books.free) });
  };

  return {
    async ask(owner, question, once) {
      const standing = await markets.standing(owner);
      if (standing === null) throw earnestError("ESCROW_INSUFFICIENT", { needed: "a prepaid balance", free: "0" });
      const market = marketIdFromBytes(standing.market);
      await requireBalance(market, question);
      const { question: text, content, choices, reward, overlap, eligibility, deadlineMs } = question;
      const defaults = standingSpec(context.settings.feeBasisPoints).terms;
      const terms = termsToJson({
        ...defaults,
        answer: { type: "choice", choices },
        reward,
        overlap,
        eligibility,
        deadlineMs,
      });
      const task = {
        externalId: `ask-${toHex(context.random(12))}`,
        content: {
          template: "choice",
          question: text,
          choices: choices.map((id) => ({ id, label: id })),
          content: content.map((item) => ({ type: "text", ...item })),
        },
        terms,
        control: null,
      };
      const { first } = await tasks.addTasks(owner, market, [task], once, (added) => ({ market, task: added.first }));
      return { market, task: first };
    },
  };
}
