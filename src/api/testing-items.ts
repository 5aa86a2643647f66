import { amount } from "../core/amount.ts";
import { bytes32 } from "../core/bytes.ts";
import type { Engine } from "../engine/engine.ts";
import type { Items } from "../engine/insight/items.ts";
import type { Timelines } from "../engine/insight/timeline.ts";
import type { MarketView } from "../engine/types.ts";

/** What a double of an engine says of a market's tasks. */

const filled = (byte: number) => bytes32(new Uint8Array(32).fill(byte));

const itemOf = { task: 0, id: "t0", control: false, answers: 1, label: "a", confidencePpm: 900_000, decided: true };
const itemSlotOf = {
  slot: { task: 0, ordinal: 0 },
  contributor: filled(3),
  automated: false,
  state: "accepted",
  reason: "AGREES",
  reward: amount(20_000n),
  answer: "a",
  decidedAtMs: 5,
  weight: {
    accuracy: 0.9,
    standing: "proven",
    controls: { answered: 4, right: 4 },
    agreement: { judged: 9, agreed: 8 },
  },
  explanation: null,
} as const;

export const items: Items & Timelines = {
  items: async () => ({ items: [itemOf], next: "0" }),
  item: async () => ({ ...itemOf, content: "a text", known: null, slots: [itemSlotOf] }),
  timeline: async () => ({
    stepMs: 1_000,
    points: [{ atMs: 1, accepted: 2, rejected: 1, settled: 1, earned: amount(40_000n) }],
    verdictMs: { p50: 5, p95: 9 },
    calibration: [{ confidence: 0.9, tasks: 10, right: 9 }],
  }),
};

/** And of its money. */
export const depositsOf = (
  marketViewOf: () => MarketView,
): Pick<
  Engine,
  "planDeposit" | "sendDeposit" | "isEndedOnChain" | "planClosing" | "sendClosing" | "giveTestTokens" | "holdings"
> => ({
  planDeposit: async (_owner, market, value) => ({
    market,
    from: "So11111111111111111111111111111111111111112",
    amount: value,
    message: new Uint8Array([0x80, 2, 1]),
    lastValidBlockHeight: 150n,
    ticket: new Uint8Array(64).fill(12),
    feeLamports: 10_000n,
    rentLamports: 2_616_960n,
  }),
  sendDeposit: async () => marketViewOf(),
  isEndedOnChain: async () => true,
  planClosing: async () => null,
  sendClosing: async () => marketViewOf(),
  giveTestTokens: async () => undefined,
  holdings: async () => amount(5_000_000n),
});
