import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NewMarket } from "../../src/contract/markets.ts";
import type { NewTask } from "../../src/contract/tasks.ts";
import type { WireKnown } from "../../src/contract/verification.ts";
import type { Offer } from "../../src/contract/work.ts";
import { toBase64, toHex, toUtf8 } from "../../src/core/bytes.ts";
import type { Json } from "../../src/core/json.ts";
import { Writer } from "../../src/sandbox/wasm/bytes.ts";
import type { Code } from "../../src/sandbox/wasm/code.ts";
import { code, noResult } from "../../src/sandbox/wasm/instructions.ts";
import { section } from "../../src/sandbox/wasm/module.ts";
import { guest } from "../../src/sandbox/wasm/testing.ts";
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
export function descriptionOf({ kind: name, set = {}, market = {} }: Omit<KindMarket, "sent">): NewMarket {
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

/** Two visitors look at each place, at any hour. */
export const atPlaces = {
  ...descriptionOf({ kind: "visit", set: { fromMinute: 0, toMinute: 1_440 }, task: { id: "t", content: null } }),
  reward: "0.1",
  policy: null,
  overlap: { min: 2, max: 2, target: 0.5 },
};

/** Reads a length, and believes it. */
export const parser = toUtf8(`
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

const answered = toUtf8("7");
/** A market in which programs are brought: each has to give `answered` on the regression, and not to trap on the proof. */
const fixes = (language: "javascript" | "webassembly", name: string, sent: readonly Sent[]): KindMarket => ({
  kind: "fix",
  name,
  // What never ends does not hold up the others.
  set: { fuelMax: 50_000_000, executionsMin: 2 },
  market: {
    reward: "2",
    known: {
      runs: {
        proof: { program: { content: "fix", language }, input: { hash: hex(overlong(9)) } },
        regression: {
          program: { content: "fix", language },
          input: { hash: hex(good) },
          output: { hash: hex(answered) },
        },
      },
    },
  },
  task: {
    id: "t",
    content: { text: "Mend this parser.", inputs: { proof: toBase64(overlong(9)), good: toBase64(good) } },
  },
  sent,
});

const fixed = (fix: Uint8Array, isRight = false): Sent => ({
  answer: "It looks at the length.",
  content: { fix },
  expected: isRight ? { state: "accepted", reward: "2" } : { state: "rejected", reward: "0" },
});

/** Who was wrong takes nobody's place: the one slot is there until somebody mends it. */
const scriptFixes = fixes("javascript", "fix", [
  // Still believes the length.
  fixed(toUtf8("const main = (input) => { for (let i = 0; i < input[0]; i++) input[i + 1].toString(); return '7' }")),
  // Breaks what was right.
  fixed(toUtf8("const main = () => ''")),
  // Never ends.
  fixed(toUtf8("const main = () => { for (;;); }")),
  // Looks for luck: there is neither time nor chance in a sandbox, for the operator as for attestors.
  fixed(toUtf8("const main = () => { if (Date.now() > 1e12) return '7'; throw new Error('later') }")),
  fixed(toUtf8("const main = (input) => input.length > input[0] ? input[1].toString() : ''"), true),
]);

const [i64ExtendI32U, i64Shl, i64Or, i32Store8, drop] = [0xad, 0x86, 0x84, 0x3a, 0x1a] as const;
const region = (write: Code, pointer: number, length: number): Code =>
  write.i32(pointer).op(i64ExtendI32U).i64(32).op(i64Shl).i64(length).op(i64Or);
const seven = { data: [{ offset: 4_096, bytes: answered }] };
const rightOutput = (write: Code): Code => region(write, 4_096, 1);
const importOfNow = new Writer().u32(1).name("env").name("now").byte(0, 0).finish();

const moduleFixes = fixes("webassembly", "fix by modules", [
  // Wants a function of its host, whatever it says it is.
  fixed(guest(rightOutput, { ...seven, sections: new Map([[section.import, importOfNow]]) })),
  // Never comes to its beginning.
  fixed(
    guest(rightOutput, {
      ...seven,
      functions: [{ body: (write) => write.op(code.loop, noResult, code.br, 0, code.end) }],
      start: 2,
    }),
  ),
  // Traps.
  fixed(guest((write) => write.op(code.unreachable).i64(0), seven)),
  // Takes all memory, and goes on as if it had it.
  fixed(
    guest(
      (write) => rightOutput(write.i32(65_000).op(code.memoryGrow, 0, drop).i32(-8).i32(1).op(i32Store8, 0, 0)),
      seven,
    ),
  ),
  // Gives more than anybody reads.
  fixed(guest((write) => region(write, 0, 6_000_000), { pages: 100 })),
  // Says that its output lies where it has no memory.
  fixed(guest((write) => region(write, 65_536, 1), seven)),
  // No module at all.
  fixed(toUtf8("const main = () => '7'")),
  fixed(guest(rightOutput, seven), true),
]);

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

/** Two who make up the same, where all is drawn: the network computes it, and nobody is paid. */
const audited: KindMarket = {
  ...computing,
  name: "compute with audits",
  set: { recheckPpm: 1_000_000 },
  sent: ["11", "11"].map((result) => ({
    answer: hex(toUtf8(result)),
    content: { result: toUtf8(result) },
    expected: { state: "rejected", reward: "0" },
  })),
};

/** Every kind that a market can be of; `test/e2e/kinds.test.ts` runs each. */
export const kindMarkets: readonly KindMarket[] = [
  {
    kind: "label",
    market: threeAnswers,
    task: { id: "t", content: { text: "The keeper saved a penalty." } },
    sent: agreeing("yes", "no", "0.03"),
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
  scriptFixes,
  moduleFixes,
  computing,
  audited,
];
