import { z } from "zod";
import { explanation } from "./explanations.ts";
import { acknowledgement } from "./receipts.ts";
import { task } from "./tasks.ts";
import {
  count,
  ed25519Signature,
  json,
  marketRef,
  note,
  page,
  publicKey,
  slotRef,
  text,
  timeMs,
  tokenAmount,
} from "./wire.ts";

export const slotState = z.enum([
  "assigned",
  "held",
  "review",
  "appealed",
  "appealable",
  "accepted",
  "rejected",
  "expired",
  "void",
]);
export type SlotState = z.output<typeof slotState>;

/** What is wished: a task by number or by the requester's id, or `count` of whatever there is. */
export const assignmentWish = z.strictObject({
  task: count.optional(),
  taskId: text(200).optional(),
  count: z.int().min(1).max(100).default(1),
});
export type AssignmentWish = z.input<typeof assignmentWish>;

export const offer = z.strictObject({
  slot: slotRef,
  expiresAtMs: timeMs,
  code: z.string().nullable().meta({
    description: "To be brought back as `evidence.nonce`, such as on a photo; null where no code is asked for.",
  }),
  reward: tokenAmount,
  task,
});
export type Offer = z.output<typeof offer>;

export const offers = z.strictObject({ offers: z.array(offer) });

/** Any JSON: the rules of the market's kind read it, not this schema. */
const body = json.meta({
  description:
    'The work: `{"answer": …, "salt": "…"}`, 64 KiB at most. The public log shows the hash of the body, and a few choices are soon tried, so a client puts in a secret text of 16 to 64 characters: it keeps the answer hidden until it is judged. The same answer sent again must have the same salt. The server does not ask for one. Where the market\'s composition compares more than answers, `evidence` brings it, 48 KiB at most: `{"takenAtMs": …, "digests": …, "series": …, "loads": …, "tracks": …}`, as docs/verification.md has it. Bytes that are executed or compared come in `content`: `{"proof": "base64"}`.',
  examples: [{ answer: "cat", salt: "9f86d081884c7d659a2feaa0c55ad015" }],
});

export const newSubmission = z.strictObject({ slot: slotRef, body });
export type NewSubmission = z.input<typeof newSubmission>;

export const submissionsPerRequestMax = 100;

/** 1 to 100 submissions; `next` asks for further assignments: a turn. */
export const newSubmissions = z.strictObject({
  timeMs: timeMs.optional().meta({ description: "The time that was signed." }),
  signature: ed25519Signature.optional().meta({
    description:
      "By the session key, over `submissionsStatement` of the submissions and the time. Without both, the session's token answers for them: what they earn is held until a checkpoint covers them, and at most 100 may wait for one.",
  }),
  submissions: z.array(newSubmission).min(1).max(submissionsPerRequestMax),
  next: z.int().min(0).max(100).default(0),
});
export type NewSubmissions = z.input<typeof newSubmissions>;

export const submission = z.strictObject({
  slot: slotRef,
  state: slotState.meta({ description: "`held` until the verdict; `appealable` is a rejection within its window." }),
  reason: z.string().nullable(),
  reward: tokenAmount.meta({ description: "What was paid: 0 unless accepted." }),
  sequence: count,
});
export type Submission = z.output<typeof submission>;

export const turn = z.strictObject({ submissions: z.array(submission), offers: z.array(offer), acknowledgement });
export type Turn = z.output<typeof turn>;

export const verdict = submission.extend({
  market: marketRef,
  mint: publicKey.meta({ description: "The token that the market pays in." }),
  lane: count,
  decidedSequence: count,
  decidedAtMs: timeMs,
  explanation,
});
export type Verdict = z.output<typeof verdict>;
export const verdictPage = page(verdict);

export const reviewable = submission.extend({ answer: json });
export type Reviewable = z.output<typeof reviewable>;
export const reviews = z.strictObject({ items: z.array(reviewable) });

export const decision = z.strictObject({ accepted: z.boolean(), note: note.default("") });
export type Decision = z.input<typeof decision>;

export const newReserve = z.strictObject({ target: tokenAmount });
export type NewReserve = z.input<typeof newReserve>;
