import { type Bytes32, bytes32, equalBytes, toHex, toUtf8, zero32 } from "../../core/bytes.ts";
import { taggedHash, tags } from "../../core/hash.ts";
import { canonicalJson } from "../../core/json.ts";
import { slotKey } from "../../core/slot.ts";
import { commitmentOf } from "../../core/statements.ts";
import { termsOfTask } from "../../market/admit.ts";
import { isAnswerTo } from "../../market/answer-codec.ts";
import { withRuns } from "../../market/contents.ts";
import { type ControlAnswer, controlCommitment, sealControls } from "../../market/controls.ts";
import type { EntryOf, Input, LogRecord } from "../../market/entries.ts";
import { computedBy } from "../../market/executions.ts";
import { answersCommitment, questionsHash, type SealedTest, sealTest } from "../../market/qualifying.ts";
import {
  type LaneState,
  type MemberSession,
  type SlotCheck,
  type SlotRecord,
  type Test,
  termsText,
} from "../../market/state.ts";
import type { Answer } from "../../verification/answers/answer.ts";
import { type AnswerSchema, answerJson, answerKey, readAnswer } from "../../verification/answers/answer-schema.ts";
import { own } from "../../verification/primitives/evidence.ts";
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
  const { answer: schema } = termsOfTask(state, entry.task);
  const control = state.controls.get(entry.task)?.answer ?? null;
  const implied = impliedAnswer(schema, hints.answer(slotKey(entry)), control);
  const proved = provedAnswer(schema, implied, entry.body);
  const attachment = bodyWith(schema, proved ?? implied);
  const body = bodyHash(attachment);
  const committed = commitTo(state, entry, body);
  return {
    record: { entry: { ...entry, body }, attachment },
    restore: (after) => {
      const slot = after.tasks.edit(entry.task)?.slots[entry.ordinal] as SlotRecord;
      slot.body = entry.body;
      slot.commitment = committed;
      const member = after.members.edit(entry.contributor);
      // A checkpoint is over what was really brought.
      if (member !== undefined) member.sessions = member.sessions.map((session) => withBody(session, entry));
      if (slot.check !== null) slot.check = withBrought(after, hints, entry, slot.check);
    },
    unsure: proved === null ? [entry.task] : [],
  };
}

const withBody = (session: MemberSession, { task, ordinal, body }: EntryOf<"submitted">): MemberSession => ({
  ...session,
  uncovered: session.uncovered.map((each) =>
    each.task === task && each.ordinal === ordinal ? { ...each, body } : each,
  ),
});

/** Has what was committed to fit the stand-in, for the moment; gives what was there. Who signed showed what it said. */
function commitTo(state: LaneState, entry: EntryOf<"submitted">, body: Bytes32): SlotRecord["commitment"] {
  const slot = state.tasks.edit(entry.task)?.slots[entry.ordinal];
  const committed = slot?.commitment ?? null;
  const member = state.members.get(entry.contributor);
  if (slot === undefined || committed === null || member === undefined) return committed;
  slot.commitment = { ...committed, hash: commitmentOf(sha256, member.key, body) };
  return committed;
}

/** The hashes of what a withheld body brought, as far as something of it was executed. */
function withBrought(state: LaneState, hints: Hints, entry: EntryOf<"submitted">, check: SlotCheck): SlotCheck {
  const runs = termsOfTask(state, entry.task).known?.runs ?? {};
  const brought = hints.executed(slotKey(entry)).flatMap(({ name, program, input }) => {
    const run = own(runs, name);
    const ofProgram = run !== undefined && "content" in run.program ? [[run.program.content, toHex(program)]] : [];
    const ofInput = run !== undefined && "content" in run.input ? [[run.input.content, toHex(input)]] : [];
    return [...ofProgram, ...ofInput] as [string, string][];
  });
  // Where results are compared the answer is the hash of what was brought.
  const computed = computedBy(state, entry.task);
  const answer = state.tasks.get(entry.task)?.slots[entry.ordinal]?.answer;
  if (computed !== null && typeof answer === "string") brought.push([computed.name, answer]);
  const digests = { ...check.evidence.digests, ...Object.fromEntries(brought) };
  return { ...check, evidence: withRuns(runs, { ...check.evidence, digests }) };
}

const bodyWith = (schema: AnswerSchema, answer: Answer): Uint8Array =>
  toUtf8(canonicalJson({ answer: answerJson(schema, answer) }));
const bodyHash = (body: Uint8Array): Bytes32 => taggedHash(sha256, tags.body, body);

/** The answer that the hash in the log commits to, where the body holds an answer and nothing else. */
function provedAnswer(schema: AnswerSchema, implied: Answer, hash: Bytes32): Answer | null {
  const isProved = (answer: Answer): boolean => equalBytes(bodyHash(bodyWith(schema, answer)), hash);
  return [implied, ...someAnswers(schema)].find(isProved) ?? null;
}

/** The answer that the log names, or the first that it does not exclude. */
function impliedAnswer(schema: AnswerSchema, { metControl, is, isNot }: AnswerHint, control: Answer | null): Answer {
  if (is !== null && isAnswerTo(schema, is)) return is;
  if (metControl === true && control !== null) return control;
  const excluded = new Set((metControl === false && control !== null ? [...isNot, control] : isNot).map(answerKey));
  const all = someAnswers(schema);
  return all.find((answer) => !excluded.has(answerKey(answer))) ?? (all[0] as Answer);
}

/** More answers than these are not compared: one among many is as good as hidden. */
const comparedMax = 64;

/** The first answers of a type: all of them where there are few. */
function someAnswers(schema: AnswerSchema): Answer[] {
  const upTo = (count: number, from = 0): number[] =>
    Array.from({ length: Math.min(count, comparedMax) }, (_, i) => from + i);
  switch (schema.type) {
    case "choice":
      return upTo(schema.choices.length);
    case "pair":
      return upTo(schema.ties ? 3 : 2);
    case "scale":
      return upTo(schema.max - schema.min + 1, schema.min);
    case "number":
      return [schema.min, schema.max].map((bound) => readAnswer(schema, bound));
    case "choices":
      return upTo(schema.choices.length - schema.min + 1).map((from) => upTo(schema.min, from));
    case "ranking":
      return [upTo(schema.items.length).slice(0, schema.top), upTo(schema.items.length).reverse().slice(0, schema.top)];
    case "text":
      return ["", "?"];
    default:
      return [[]];
  }
}

function controlsFor(state: LaneState, hints: Hints, entry: EntryOf<"batchAdded">): StandIn {
  const { answer: schema } = termsText(state, entry.terms);
  const unsure: number[] = [];
  const answers = entry.controls.map(({ task, commitment }): ControlAnswer => {
    const retired = hints.retired(task);
    const known = retired === undefined ? null : { task, ...retired };
    if (known !== null && equalBytes(controlCommitment(sha256, known), commitment)) return known;
    unsure.push(task);
    const matched = hints.matched(task);
    const answer = matched === undefined ? (someAnswers(schema)[0] as Answer) : readAnswer(schema, matched);
    return { task, answer, salt: zero32 };
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
