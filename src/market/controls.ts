import { type Bytes32, bytes32, concatBytes, equalBytes, fromHex, toHex, toUtf8 } from "../core/bytes.ts";
import { encode, struct, u32 } from "../core/codec.ts";
import { earnestError } from "../core/errors.ts";
import { type Hash, taggedHash, tags } from "../core/hash.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import type { Answer } from "../verification/answers/answer.ts";
import { answerCodec } from "./answer-codec.ts";
import { parseJson } from "./body.ts";
import type { MarketSpec } from "./spec.ts";
import type { Control, LaneState, Member, SlotRecord } from "./state.ts";

/** The sealed half of a control task: what its commitment in the log stands for. */
export interface ControlAnswer {
  readonly task: number;
  /** The right answer. */
  readonly answer: Answer;
  readonly salt: Bytes32;
}

type ControlRecord = Pick<Member, "controlsAnswered" | "controlsRight">;

const controlCodec = struct({ task: u32, answer: answerCodec });

/** The salt keeps the few possible answers from being tried out. */
export const controlCommitment = (hash: Hash, control: ControlAnswer): Bytes32 =>
  taggedHash(hash, tags.control, concatBytes(encode(controlCodec, control), control.salt));

export const sealControls = (controls: readonly ControlAnswer[]): Uint8Array =>
  toUtf8(
    canonicalJson(
      controls.map(({ task, answer, salt }) => ({ task, answer: answer as unknown as Json, salt: toHex(salt) })),
    ),
  );

/** @throws REPLAY-relevant MALFORMED_REQUEST where an answer does not fit its commitment. */
export function openControls(
  hash: Hash,
  commitments: readonly { readonly task: number; readonly commitment: Bytes32 }[],
  attachment: Uint8Array | null,
): ControlAnswer[] {
  const opened = attachment === null ? [] : unsealControls(attachment);
  if (attachment !== null && opened.length === 0) throw malformed("there are none to open");
  const fits =
    opened.length === commitments.length &&
    commitments.every(({ task, commitment }, i) => {
      const control = opened[i] as ControlAnswer;
      return control.task === task && equalBytes(controlCommitment(hash, control), commitment);
    });
  if (!fits) throw malformed("an answer does not fit its commitment");
  return opened;
}

/** Only what `sealControls` gives: numbers that merely encode alike would fit the commitment and mean another answer. */
function unsealControls(attachment: Uint8Array): ControlAnswer[] {
  const sealed = parseJson(attachment);
  if (!Array.isArray(sealed) || !sealed.every(isSealed)) throw malformed("the sealed answers have the wrong shape");
  const opened = sealed.map(({ task, answer, salt }) => ({
    task,
    answer: answer as unknown as Answer,
    salt: bytes32(fromHex(salt)),
  }));
  if (!equalBytes(sealControls(opened), attachment)) throw malformed("the sealed answers are not canonical");
  return opened;
}

const isSealed = (value: Json): value is { readonly task: number; readonly answer: Json; readonly salt: string } => {
  const sealed = value as { readonly [name: string]: Json } | null;
  return typeof sealed?.["task"] === "number" && "answer" in sealed && typeof sealed["salt"] === "string";
};

/** Controls whose answer may be shown to everybody now, with what shows it. */
export function openableControls(state: LaneState, max: number): ControlAnswer[] {
  const openable: ControlAnswer[] = [];
  for (const task of state.controls.keys()) {
    if (openable.length >= max) break;
    const { answer, salt, openedSequence } = state.controls.get(task) as Control;
    if (openedSequence === null && !isHeld(state, task)) openable.push({ task, answer, salt });
  }
  return openable;
}

/** Whether somebody has a slot of the task and has not answered: an answer that is shown now would be theirs. */
export const isHeld = (state: LaneState, task: number): boolean =>
  state.tasks.get(task)?.slots.some((slot) => slot.state === "assigned") ?? false;

/** Whether an answer was compared with that of a control task; an appeal since then does not change that. */
export const metControl = (slot: SlotRecord): boolean =>
  slot.panelOf === null && slot.reason !== null && slot.reason !== "CONTROL_VOIDED" && slot.check?.isOut !== true;

/** Whether this many right answers to control tasks are enough to be paid. */
export function passesGate({ answeredMin, accuracyPpmMin }: MarketSpec["controls"], record: ControlRecord): boolean {
  const { controlsAnswered, controlsRight } = record;
  return controlsAnswered < answeredMin || controlsRight * 1_000_000 >= controlsAnswered * accuracyPpmMin;
}

/** What a contributor's record would be if this answer to a control task were not in it. */
export function recordWithout(
  { controlsAnswered, controlsRight }: ControlRecord,
  { counted }: SlotRecord,
): ControlRecord {
  if (counted === null) return { controlsAnswered, controlsRight };
  return { controlsAnswered: controlsAnswered - 1, controlsRight: controlsRight - (counted ? 1 : 0) };
}

const malformed = (problem: string): Error => earnestError("MALFORMED_REQUEST", { where: "controls", problem });
