import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { sha256 } from "../../src/cli/crypto.ts";
import type { Network } from "../../src/contract/network.ts";
import type { SignedHead } from "../../src/contract/receipts.ts";
import type { Result } from "../../src/contract/results.ts";
import { formatAmount } from "../../src/core/amount.ts";
import { bytes32, fromBase64, toBase58, toBase64, toHex } from "../../src/core/bytes.ts";
import { emptyLogTree, grownPaths, logLeaf, logRoot, logTreeOf } from "../../src/core/log-tree.ts";
import { formatSlot } from "../../src/core/slot.ts";
import { headStatement } from "../../src/core/statements.ts";
import { termsOfTask } from "../../src/market/admit.ts";
import type { EntryOf } from "../../src/market/entries.ts";
import type { LaneState } from "../../src/market/state.ts";
import type { Appended } from "../../src/market/step.ts";
import { answerJson } from "../../src/verification/answers/answer-schema.ts";
import type { TestLane } from "./market.ts";

/** What a server exports, made from a test lane by the same pure code: receipts, results and logs with their proofs. */
export const testDecimals = 6;

export interface Signer {
  readonly key: KeyObject;
  readonly address: string;
}

export function newSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = fromBase64(
    `${(publicKey.export({ format: "jwk" }).x as string).replaceAll("-", "+").replaceAll("_", "/")}=`,
  );
  return { key: privateKey, address: toBase58(raw) };
}

export const networkOf = (signer: Signer): Network => ({
  cluster: "test",
  mint: toBase58(new Uint8Array(32).fill(7)),
  decimals: testDecimals,
  program: toBase58(new Uint8Array(32).fill(5)),
  network: toBase58(new Uint8Array(32).fill(6)),
  pool: toBase58(new Uint8Array(32).fill(4)),
  vault: toBase58(new Uint8Array(32).fill(8)),
  tokens: [],
  attestors: { threshold: 2, keys: [1, 2, 3].map((each) => toBase58(new Uint8Array(32).fill(each))) },
  signer: signer.address,
  feeBasisPoints: 200,
  domain: "earnest.test",
  timeMs: 1_700_000_000_000,
});

export function signedHeadOf(lane: TestLane, signer: Signer): SignedHead {
  const root = logRoot(
    sha256,
    logTreeOf(
      sha256,
      lane.log.map(({ encoded }) => logLeaf(sha256, encoded)),
    ),
  );
  const head = {
    market: lane.state.market,
    lane: lane.state.lane,
    sequence: lane.log.length,
    root,
    timeMs: lane.timeMs,
  };
  const signature = sign(null, headStatement(head), signer.key);
  return { sequence: head.sequence, root: toHex(root), timeMs: head.timeMs, signature: toBase64(signature) };
}

export function receiptOf(lane: TestLane, signer: Signer, sequences: readonly number[]): Result["receipt"] {
  const paths = grownPaths(
    sha256,
    emptyLogTree,
    lane.log.map(({ completed }) => completed),
  );
  return {
    market: lane.state.market,
    lane: lane.state.lane,
    head: signedHeadOf(lane, signer),
    entries: [...new Set(sequences)]
      .sort((a, b) => a - b)
      .map((sequence) => {
        const path = paths[sequence - 1] as (typeof paths)[number];
        return {
          sequence,
          encoded: toBase64((lane.log[sequence - 1] as Appended).encoded),
          path: { index: path.index, size: path.size, siblings: path.siblings.map(toHex) },
        };
      }),
  };
}

/** The rows of the tasks that settled. */
export function resultsOf(lane: TestLane, signer: Signer): Result[] {
  return lane.log.flatMap(({ entry, sequence }): Result[] => {
    if (entry.kind !== "settled") return [];
    const terms = termsAt(lane.state, entry.task);
    const reward = formatAmount(terms.reward, testDecimals);
    const paid = entry.rulings
      .filter(({ verdict }) => verdict === "accepted")
      .map(({ ordinal, reason }) => {
        const submitted = submissionOf(lane, entry.task, ordinal);
        const { key } = lane.member((submitted.entry as EntryOf<"submitted">).contributor);
        return {
          slot: formatSlot({ task: entry.task, ordinal }),
          contributor: toBase58(bytes32(key)),
          reward,
          reason,
          submittedSequence: submitted.sequence,
          decidedSequence: sequence,
        };
      });
    return [
      {
        id: `task-${entry.task}`,
        task: entry.task,
        lane: lane.state.lane,
        label: answerJson(terms.answer, entry.label),
        confidence: entry.confidencePpm / 1_000_000,
        decided: entry.decided,
        control: false,
        votes: {},
        cost: formatAmount(terms.reward * BigInt(paid.length), testDecimals),
        paid,
        receipt: receiptOf(lane, signer, [sequence, ...paid.map((each) => each.submittedSequence)]),
      },
    ];
  });
}

const termsAt = (state: LaneState, task: number) => termsOfTask(state, task);

const submissionOf = (lane: TestLane, task: number, ordinal: number): Appended =>
  lane.log.find(
    ({ entry }) => entry.kind === "submitted" && entry.task === task && entry.ordinal === ordinal,
  ) as Appended;

export interface LogParts {
  /** Leaves out what a public log withholds: bodies of unpaid answers, answers of control tasks. */
  readonly isPublic?: boolean;
}

/** The log as `earnest log` writes it. */
export function logLinesOf(lane: TestLane, signer: Signer, { isPublic = false }: LogParts = {}): string[] {
  const paid = new Set(
    lane.log.flatMap(({ entry }) => {
      if (entry.kind === "settled" || entry.kind === "appealSettled" || entry.kind === "challengeSettled") {
        return entry.rulings
          .filter(({ verdict }) => verdict === "accepted")
          .map(({ ordinal }) => submissionOf(lane, entry.task, ordinal).sequence);
      }
      const isPaid = (entry.kind === "judged" || entry.kind === "verified") && entry.verdict === "accepted";
      return isPaid ? [submissionOf(lane, entry.task, entry.ordinal).sequence] : [];
    }),
  );
  const { market, lane: number } = lane.state;
  return [
    JSON.stringify({ format: "earnest-log/1", market, lane: number, network: networkOf(signer) }),
    ...lane.log.map(({ entry, sequence, encoded, attachment }) => {
      const isShown = !isPublic || entry.kind === "programAdded" || paid.has(sequence);
      const shown = attachment === null || !isShown ? null : toBase64(attachment);
      return JSON.stringify({ sequence, encoded: toBase64(encoded), attachment: shown });
    }),
    JSON.stringify({ head: signedHeadOf(lane, signer) }),
  ];
}
