import { type Bytes32, bytes32, equalBytes, toUtf8, zero32 } from "../../core/bytes.ts";
import { taggedHash, tags } from "../../core/hash.ts";
import { canonicalJson } from "../../core/json.ts";
import { slotKey } from "../../core/slot.ts";
import { termsOfTask } from "../../market/admit.ts";
import { type ControlAnswer, controlCommitment, sealControls } from "../../market/controls.ts";
import type { EntryOf, Input, LogRecord } from "../../market/entries.ts";
import { answersCommitment, questionsHash, type SealedTest, sealTest } from "../../market/qualifying.ts";
import { type LaneState, type SlotRecord, type Test, termsText } from "../../market/state.ts";
import { sha256 } from "../crypto.ts";
import type { AnswerHint, Hints } from "./hints.ts";

/** An input that can be taken in place of one whose content is withheld. */
export interface StandIn {
  readonly record: LogRecord<Input>;
  /** Puts back what the log has where the stand-in had to differ. */
  readonly restore: (state: LaneState) => void;
  /** Tasks of which something is only supposed. */
  readonly unsure: readonly number[];
}

/** What the log withholds is replaced by what it implies; null where nothing is withheld. */
export function standInFor(state: LaneState, hints: Hints, { entry, attachment }: LogRecord<Input>): StandIn | null {
  if (attachment !== null || state.spec === null) return null;
  if (entry.kind === "submitted") return answerFor(state, hints, entry);
  if (entry.kind === "testAdded") return testFor(entry);
  return entry.kind === "batchAdded" && entry.controls.length > 0 ? controlsFor(state, hints, entry) : null;
}

function answerFor(state: LaneState, hints: Hints, entry: EntryOf<"submitted">): StandIn {
  const { choices } = termsOfTask(state, entry.task).answer;
  const control = state.controls.get(entry.task)?.answer ?? null;
  const implied = impliedChoice(hints.answer(slotKey(entry)), control, choices.length);
  const proved = provedChoice(choices, implied, entry.body);
  const attachment = bodyWith(choices[proved ?? implied] as string);
  return {
    record: { entry: { ...entry, body: bodyHash(attachment) }, attachment },
    restore: (after) => {
      const slot = after.tasks.edit(entry.task)?.slots[entry.ordinal] as SlotRecord;
      slot.body = entry.body;
    },
    unsure: proved === null ? [entry.task] : [],
  };
}

const bodyWith = (choice: string): Uint8Array => toUtf8(canonicalJson({ answer: choice }));
const bodyHash = (body: Uint8Array): Bytes32 => taggedHash(sha256, tags.body, body);

/** More choices than these are not compared: an answer among many is as good as hidden. */
const choicesCompared = 64;

/** The answer that the hash in the log commits to, where the body holds an answer and nothing else. */
function provedChoice(choices: readonly string[], implied: number, hash: Bytes32): number | null {
  const isProved = (choice: number): boolean => equalBytes(bodyHash(bodyWith(choices[choice] as string)), hash);
  if (isProved(implied)) return implied;
  for (let choice = 0; choice < Math.min(choices.length, choicesCompared); choice++) {
    if (choice !== implied && isProved(choice)) return choice;
  }
  return null;
}

/** The choice that the log names, or the first that it does not exclude. */
function impliedChoice({ metControl, is, isNot }: AnswerHint, control: number | null, choices: number): number {
  if (is !== null) return Math.min(is, choices - 1);
  if (metControl === true && control !== null) return control;
  const excluded = metControl === false && control !== null ? [...isNot, control] : isNot;
  for (let choice = 0; choice < choices; choice++) if (!excluded.includes(choice)) return choice;
  return 0;
}

function controlsFor(state: LaneState, hints: Hints, entry: EntryOf<"batchAdded">): StandIn {
  const { choices } = termsText(state, entry.terms).answer;
  const unsure: number[] = [];
  const answers = entry.controls.map(({ task, commitment }): ControlAnswer => {
    const retired = hints.retired(task);
    const known = retired === undefined ? null : { task, ...retired };
    if (known !== null && equalBytes(controlCommitment(sha256, known), commitment)) return known;
    unsure.push(task);
    const matched = choices.indexOf(hints.matched(task) ?? "");
    return { task, answer: Math.max(matched, 0), salt: zero32 };
  });
  const controls = answers.map((each) => ({ task: each.task, commitment: controlCommitment(sha256, each) }));
  return {
    record: { entry: { ...entry, controls }, attachment: sealControls(answers) },
    restore: (after) => {
      for (const { task, commitment } of entry.controls) {
        const control = after.controls.get(task);
        if (control !== undefined) after.controls.set(task, { ...control, commitment: copyOf(commitment) });
      }
    },
    unsure,
  };
}

/** Nothing that a verdict rests on hangs on the questions of a test: scores stand in the log. */
function testFor(entry: EntryOf<"testAdded">): StandIn {
  const { name, questions, answers, count } = entry;
  const sealed: SealedTest = {
    questions: Array.from({ length: count }, () => ({ content: null, choices: ["yes", "no"] })),
    answers: Array.from({ length: count }, () => 0),
    salt: zero32,
  };
  return {
    record: {
      entry: {
        ...entry,
        questions: questionsHash(sha256, sealed.questions),
        answers: answersCommitment(sha256, sealed),
      },
      attachment: sealTest(sealed),
    },
    restore: (after) => {
      const test = after.tests.get(name) as Test;
      after.tests = new Map(after.tests).set(name, { ...test, questions, answers });
    },
    unsure: [],
  };
}

const copyOf = (bytes: Bytes32): Bytes32 => bytes32(new Uint8Array(bytes));
