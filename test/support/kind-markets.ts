import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NewMarket } from "../../src/contract/markets.ts";
import type { NewTask } from "../../src/contract/tasks.ts";
import type { WireKnown } from "../../src/contract/verification.ts";
import type { Offer } from "../../src/contract/work.ts";
import { toBase64, toHex, toUtf8 } from "../../src/core/bytes.ts";
import type { Json } from "../../src/core/json.ts";
import { crashSignature } from "../../src/verification/crashes/signature.ts";
import { compositionOf } from "../../src/verification/kinds/compose.ts";
import type { Kind } from "../../src/verification/kinds/kind.ts";
import { readKind } from "../../src/verification/kinds/read-kind.ts";
import { sha256 } from "./market-hash.ts";
import { witnessMarkets } from "./witness-markets.ts";

const folder = join(import.meta.dirname, "../../kinds");

export const kindOf = (name: string): Kind =>
  readKind(JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Json);

/** What the vectors of a kind have in common: real evidence, and the facts it goes with. */
const vectorsOf = (name: string) =>
  JSON.parse(readFileSync(join(folder, `${name}.vectors.json`), "utf8")) as Record<
    "evidence" | "context",
    Record<string, Json>
  >;

/** What one contributor sends, once it has its offer. */
export interface Sent {
  readonly answer: Json;
  /** Evidence that depends on when and for what it was assigned, and on whose device has it: its key in base58. */
  readonly evidence?: Json | ((offer: Offer, device: string) => Json);
  /** Bytes under names. */
  readonly content?: Readonly<Record<string, Uint8Array>>;
  /** What has to come of it in the end, and how much of its reward is paid. */
  readonly expected: { readonly state: "accepted" | "rejected" | "appealable"; readonly reward: string };
}

/** A market of a kind with one task, and real evidence by as many contributors. */
export interface KindMarket {
  /** Where it is not the kind alone. */
  readonly name?: string;
  readonly kind: string;
  /** Other values of the kind's parameters. */
  readonly set?: Readonly<Record<string, number>>;
  /** What differs from the kind's own template. */
  readonly market?: Partial<NewMarket>;
  readonly task: NewTask | (() => NewTask);
  /** In JavaScript: what the tasks execute. */
  readonly programs?: readonly Uint8Array[];
  /** Whether each says what it found before it shows it. */
  readonly isCommitted?: true;
  readonly sent: readonly Sent[];
}

/** The description of such a market as `earnest kinds market` gives it. */
export function descriptionOf({ kind: name, set = {}, market = {} }: KindMarket): NewMarket {
  const kind = kindOf(name);
  return {
    ...kind.template,
    verification: compositionOf(kind, set),
    ...market,
  } as unknown as NewMarket;
}

/** The answers of two who agree, and of one who does not. */
const agreeing = (right: Json, wrong: Json, reward: string): readonly Sent[] => [
  { answer: right, expected: { state: "accepted", reward } },
  { answer: right, expected: { state: "accepted", reward } },
  { answer: wrong, expected: { state: "appealable", reward: "0" } },
];

const car = (x: number): Json => ({ label: "car", x, y: 200_000, width: 100_000, height: 80_000 });

/** Without control tasks and a policy of learned records: the label is what most of three say. */
const threeAnswers: Partial<NewMarket> = { policy: null, overlap: { min: 3, max: 3, target: 0.5 } };

const hex = (bytes: Uint8Array): string => toHex(sha256(bytes));

/** Reads a length, and believes it. */
const parser = toUtf8(`
  function copy(input, length) {
    const output = [];
    for (let i = 0; i < length; i++) output.push(input[i + 1].toString(16));
    return output.join("");
  }
  function main(input) { return input.length === 0 ? "" : copy(input, input[0]); }`);
const good = Uint8Array.of(2, 7, 7);
const overlong = (length: number): Uint8Array => Uint8Array.of(length, 1);
/** What everybody finds who runs it. */
const parserCrash = { type: "Uncaught TypeError", state: ["copy", "main"] };

const bugs: KindMarket = {
  kind: "bug",
  market: {
    reward: "1",
    known: {
      runs: {
        proof: { program: { hash: hex(parser) }, input: { content: "proof" } },
        control: { program: { hash: hex(parser) }, input: { hash: hex(good) } },
      },
    },
  },
  programs: [parser],
  isCommitted: true,
  task: { id: "t", content: { text: "Crash this parser.", inputs: { control: toBase64(good) } } },
  sent: [
    { length: 9, expected: { state: "accepted", reward: "1" } },
    // The same crash by another input: somebody was first.
    { length: 200, expected: { state: "rejected", reward: "0" } },
    // No crash at all.
    { length: 1, expected: { state: "rejected", reward: "0" } },
  ].map(({ length, expected }) => ({
    answer: "It believes the length.",
    evidence: { digests: { signature: toHex(crashSignature(sha256, parserCrash)) } },
    content: { proof: overlong(length) },
    expected: expected as Sent["expected"],
  })),
};

const summing = toUtf8("const main = (input) => String(input.reduce((sum, each) => sum + each, 0))");
const piece = Uint8Array.of(1, 2, 3, 4);

/** Nobody has what somebody else has, so that the network computes it, and whoever attests again. */
const computing: KindMarket = {
  kind: "compute",
  programs: [summing],
  task: {
    id: "t",
    content: { inputs: { piece: toBase64(piece) } },
    terms: {
      known: {
        runs: {
          result: {
            program: { hash: hex(summing) },
            input: { hash: hex(piece) },
            output: { content: "result" },
          },
        },
      },
    },
  },
  sent: ["11", "10", "12"].map((result) => ({
    answer: hex(toUtf8(result)),
    content: { result: toUtf8(result) },
    expected: result === "10" ? { state: "accepted", reward: "0.001" } : { state: "rejected", reward: "0" },
  })),
};

/** Every kind that a market can be of; `test/e2e/kinds.test.ts` runs each. */
export const kindMarkets: readonly KindMarket[] = [
  {
    kind: "label",
    market: threeAnswers,
    task: { id: "t", content: { text: "The keeper saved a penalty." } },
    sent: agreeing("yes", "no", "0.02"),
  },
  {
    kind: "judge",
    market: threeAnswers,
    task: { id: "t", content: { text: "A mutex lets one thread in at a time." } },
    sent: agreeing(4, 1, "0.05"),
  },
  {
    kind: "mark",
    market: { policy: null, overlap: { min: 3, max: 3, target: 0.3 } },
    task: { id: "t", content: { text: "A street with two cars." } },
    sent: [
      ...[0, 1].map(() => ({
        answer: [car(100_000), car(500_000)],
        expected: { state: "accepted", reward: "0.1" } as const,
      })),
      // One of two that are there: two of three parts agree.
      { answer: [car(100_000)], expected: { state: "accepted", reward: "0.066666" } },
    ],
  },
  {
    kind: "energy",
    market: { appeal: { budget: "1" } },
    task: () => {
      const { digests, season } = vectorsOf("energy").context;
      return { id: "t", content: "Meter 17", terms: { known: { digests, season } as unknown as WireKnown } };
    },
    sent: [
      {
        answer: "whole",
        evidence: () => {
          const { digests, loads } = vectorsOf("energy").evidence;
          return { digests, loads } as unknown as Json;
        },
        // 19.2886 kWh of at most 100, at 30 for all of them.
        expected: { state: "accepted", reward: "5.78658" },
      },
    ],
  },
  ...witnessMarkets,
  bugs,
  computing,
];
