import { z } from "zod";
import { agreement, answerSchema } from "./answers.ts";
import { examplesMax, guide, template, workedExample } from "./guide.ts";
import { policy } from "./policy.ts";
import { eligibility, leaseSeconds, seconds, terms } from "./terms.ts";
import { token } from "./tokens.ts";
import { composition, known } from "./verification.ts";
import { warning } from "./warnings.ts";
import {
  count,
  hash32,
  json,
  marketRef,
  note,
  page,
  publicKey,
  share,
  text,
  timeMs,
  tokenAmount,
  transactionSignature,
} from "./wire.ts";

export const marketStatus = z.enum(["draft", "open", "paused", "closing", "closed"]);
export type MarketStatus = z.output<typeof marketStatus>;

const overlapWithDefaults = z.strictObject({
  min: z.int().min(1).max(1_024).default(2),
  max: z.int().min(1).max(1_024).default(5),
  target: share.default(0.9).meta({ description: "A task settles as soon as its label is that certain." }),
});

const controls = z.strictObject({
  answeredMin: z.int().min(1).max(10_000).default(4),
  accuracyMin: share.default(0.6),
});

const appealWanted = z.strictObject({
  windowSeconds: seconds.default(86_400),
  panel: z.int().min(1).max(99).default(3),
  budget: tokenAmount.optional().meta({ description: "Locked at opening. Default: three panels at the full price." }),
  cost: tokenAmount.optional().meta({ description: "Of a second appeal. Default: the panel's rewards." }),
});

const newcomer = z.strictObject({ answers: z.int().min(1).max(10_000), budget: tokenAmount });

/** A market as a requester describes it. Only title, choices and reward have to be given. */
export const newMarket = z.strictObject({
  title: text(200),
  kind: text(64).default("judgement"),
  answer: answerSchema,
  agreement: agreement.nullable().default(null).meta({ description: "When an answer is right. Default: by type." }),
  mint: publicKey
    .optional()
    .meta({ description: "The token it pays in, for good. Default: the network's home token." }),
  reward: tokenAmount,
  rewardMin: tokenAmount.optional().meta({ description: "Bounds for tasks with their own reward. Default: reward." }),
  rewardMax: tokenAmount.optional(),
  overlap: overlapWithDefaults.prefault({}),
  leaseSeconds: leaseSeconds.default(600),
  deadlineMs: timeMs.nullable().default(null),
  eligibility: eligibility.default([]),
  controls: controls.prefault({}),
  policy: policy
    .nullable()
    .default({})
    .meta({ description: "Null: labels and pay go by what each contributor's own record says." }),
  verification: composition.nullable().default(null),
  known: known.nullable().default(null),
  review: z
    .strictObject({ windowSeconds: seconds })
    .nullable()
    .default(null)
    .meta({ description: "Undecided tasks wait so long for the requester, who is then taken to accept." }),
  appeal: appealWanted.prefault({}),
  newcomer: newcomer.nullable().default(null),
  refundDelaySeconds: seconds
    .optional()
    .meta({ description: "From closing to the refund. Default: the least that lets every slot end." }),
  voidMax: z.int().min(0).max(1_000_000).default(100),
  guide: guide.optional(),
  examples: z.array(workedExample).max(examplesMax).default([]),
  template: template.optional().meta({ description: "How a page asks for an answer. Default: by the type of answer." }),
  refundTo: publicKey.optional().meta({
    description: "Wallet that opens the market's account on chain and gets back what is left. Default: the owner.",
  }),
});
export type NewMarket = z.input<typeof newMarket>;
export type NewMarketFilled = z.output<typeof newMarket>;

/** A prepaid balance, which `ask` spends: a standing market of its owner, funded, opened and closed like any other. */
export const newBalance = z.strictObject({
  refundTo: publicKey.optional().meta({
    description: "Wallet that opens the market's account on chain and gets back what is left. Default: the owner.",
  }),
});
export type NewBalance = z.input<typeof newBalance>;

/** Where a market's money is. `deposited + received` equals the sum of all the others. */
export const escrow = z.strictObject({
  deposited: tokenAmount,
  received: tokenAmount,
  free: tokenAmount,
  assigned: tokenAmount,
  held: tokenAmount,
  appealable: tokenAmount,
  appealBudget: tokenAmount,
  newcomerBudget: tokenAmount,
  earned: tokenAmount,
  bonus: tokenAmount,
  fee: tokenAmount,
  refunded: tokenAmount,
  sent: tokenAmount,
});
export type Escrow = z.output<typeof escrow>;

export const market = z.strictObject({
  id: marketRef,
  owner: publicKey,
  status: marketStatus,
  title: z.string(),
  kind: z.string(),
  token: token.meta({ description: "What all its amounts are in." }),
  terms,
  rewardMin: tokenAmount,
  rewardMax: tokenAmount,
  feeBasisPoints: count,
  controls: z.strictObject({ answeredMin: count, accuracyMin: share }),
  policy: policy.nullable(),
  verification: composition.nullable(),
  review: z.strictObject({ windowSeconds: z.number() }).nullable(),
  appeal: z.strictObject({
    windowSeconds: z.number(),
    panel: count,
    budget: tokenAmount,
    cost: tokenAmount,
  }),
  newcomer: newcomer.nullable(),
  refundDelaySeconds: z.number(),
  voidMax: count,
  guide: guide.nullable(),
  examples: z.array(workedExample),
  template,
  refundTo: z.string().meta({ description: "The wallet that opens the account on chain, and gets back what is left." }),
  account: publicKey.meta({ description: "The market's account of the escrow program: deposits go through it." }),
  standing: z.boolean(),
  createdAtMs: timeMs,
  closesAtMs: timeMs.nullable(),
  taskCount: count,
  answers: count,
  rejected: share.nullable().meta({
    description: "Of the newest answers with a verdict, as measured last. Null where none has one, or before that.",
  }),
  escrow,
  warnings: z
    .array(warning)
    .nullable()
    .meta({ description: "What its owner should know while something can be done. Null for others, and in lists." }),
  lanes: z.array(z.strictObject({ lane: count, sequence: count, head: hash32 })),
  spec: json.meta({ description: "The specification as the log has it: base units, milliseconds, parts per million." }),
  specHash: hash32,
});
export type Market = z.output<typeof market>;

export const marketPage = page(market);

export const deposit = z.strictObject({ signature: transactionSignature });
export type Deposit = z.input<typeof deposit>;

export const newBonus = z.strictObject({ contributor: publicKey, amount: tokenAmount, note: note.default("") });
export type NewBonus = z.input<typeof newBonus>;

export const newQualification = z.strictObject({
  contributor: publicKey,
  name: text(64),
  value: z.int().min(0).max(1_000_000).default(1),
  expiresAtMs: timeMs.nullable().default(null),
});
export type NewQualification = z.input<typeof newQualification>;
