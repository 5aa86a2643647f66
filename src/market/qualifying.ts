import { type Bytes32, bytes32, concatBytes, equalBytes, fromHex, toHex, toUtf8 } from "../core/bytes.ts";
import { encode, list, u16 } from "../core/codec.ts";
import { earnestError } from "../core/errors.ts";
import { type Hash, jsonHash, taggedHash, tags } from "../core/hash.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import { parseJson } from "./body.ts";
import type { EntryOf } from "./entries.ts";

/** One question of a qualification test, as contributors see it. */
export interface Question {
  readonly content: Json;
  readonly choices: readonly string[];
}

/** What lies beside the entry of a test; the answers stay hidden as long as anybody may take it. */
export interface SealedTest {
  readonly questions: readonly Question[];
  /** The index of the right choice of each question. */
  readonly answers: readonly number[];
  readonly salt: Bytes32;
}

export const testLimits = { questions: 100, choices: 100, bytes: 256 * 1024 } as const;

export const questionsHash = (hash: Hash, questions: readonly Question[]): Bytes32 =>
  jsonHash(hash, tags.questions, questions as unknown as Json);

const answersCodec = list(u16);

/** The salt keeps the few possible answers from being tried out. */
export const answersCommitment = (hash: Hash, { answers, salt }: Pick<SealedTest, "answers" | "salt">): Bytes32 =>
  taggedHash(hash, tags.answers, concatBytes(encode(answersCodec, [...answers]), salt));

export const sealTest = ({ questions, answers, salt }: SealedTest): Uint8Array =>
  toUtf8(canonicalJson({ questions: questions as unknown as Json, answers, salt: toHex(salt) }));

/** @throws MALFORMED_REQUEST where the sealed test is none, or not the one that the entry commits to. */
export function openTest(hash: Hash, entry: EntryOf<"testAdded">, attachment: Uint8Array): SealedTest {
  const sealed = unsealTest(attachment);
  const { questions, answers } = sealed;
  if (entry.count !== questions.length || answers.length !== questions.length) throw malformed("its count is another");
  if (!answers.every((answer, i) => answer < (questions[i] as Question).choices.length))
    throw malformed("an answer is none of the choices");
  const fits =
    equalBytes(questionsHash(hash, questions), entry.questions) &&
    equalBytes(answersCommitment(hash, sealed), entry.answers);
  if (!fits) throw malformed("the sealed test does not fit its commitment");
  return sealed;
}

function unsealTest(attachment: Uint8Array): SealedTest {
  if (attachment.length > testLimits.bytes) {
    throw earnestError("LIMIT_EXCEEDED", { what: "bytes in a test", max: testLimits.bytes });
  }
  const json = parseJson(attachment) as { readonly [name: string]: Json } | null;
  const { questions, answers, salt } = json ?? {};
  if (!Array.isArray(questions) || !questions.every(isQuestion)) throw malformed("its questions have the wrong shape");
  if (questions.length < 1 || questions.length > testLimits.questions)
    throw malformed(`it must have 1 to ${testLimits.questions} questions`);
  if (!Array.isArray(answers) || !answers.every(isIndex)) throw malformed("its answers have the wrong shape");
  if (typeof salt !== "string" || !/^[0-9a-f]{64}$/.test(salt)) throw malformed("its salt has the wrong shape");
  const sealed = { questions, answers, salt: bytes32(fromHex(salt)) };
  if (!equalBytes(sealTest(sealed), attachment)) throw malformed("the sealed test is not canonical");
  return sealed;
}

const isIndex = (value: Json): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value < testLimits.choices;

function isQuestion(value: Json): value is Json & Question {
  const { content, choices } = (value ?? {}) as { readonly [name: string]: Json };
  if (content === undefined || !Array.isArray(choices)) return false;
  if (choices.length < 2 || choices.length > testLimits.choices) return false;
  if (!choices.every((choice) => typeof choice === "string" && choice.length > 0 && choice.length <= 200)) return false;
  return new Set(choices).size === choices.length && Object.keys(value as object).length === 2;
}

/** The share of right answers, parts per million. */
export const scorePpm = (right: number, count: number): number => Math.floor((right * 1_000_000) / count);

export const isScore = (value: number, count: number): boolean =>
  Array.from({ length: count + 1 }, (_, right) => scorePpm(right, count)).includes(value);

/** @throws MALFORMED_ANSWER where it is not one answer to each question */
export function gradeTest({ questions, answers }: SealedTest, given: readonly string[]): number {
  if (given.length !== questions.length) {
    throw earnestError("MALFORMED_ANSWER", { problem: `the test has ${questions.length} questions` });
  }
  const chosen = given.map((answer, i) => {
    const choice = (questions[i] as Question).choices.indexOf(answer);
    if (choice < 0) throw earnestError("MALFORMED_ANSWER", { problem: `answer ${i + 1} is none of the choices` });
    return choice;
  });
  return scorePpm(chosen.filter((choice, i) => choice === answers[i]).length, answers.length);
}

const malformed = (problem: string): Error => earnestError("MALFORMED_REQUEST", { where: "test", problem });
