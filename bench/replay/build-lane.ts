import { seededRandom } from "#src/cli/overlap/random";
import { amount } from "#src/core/amount";
import { type Bytes32, bytes32, toBase58, toUtf8 } from "#src/core/bytes";
import { isEarnestError } from "#src/core/errors";
import { canonicalJson } from "#src/core/json";
import { marketId } from "#src/core/market-id";
import type { Slot } from "#src/core/slot";
import { bodyHashOf, signInText, submissionsStatement } from "#src/core/statements";
import type { Signer } from "#src/engine/context";
import { sha256, signerFromSeed } from "#src/main/crypto";
import { type ControlAnswer, controlCommitment, sealControls } from "#src/market/controls";
import { type Command, decide, type Outcome } from "#src/market/decide";
import { commitDraft } from "#src/market/draft";
import type { Input } from "#src/market/entries";
import { fillFirst } from "#src/market/propose";
import { defaultPolicy, type MarketSpec, settleMsMax, specText } from "#src/market/spec";
import { emptyLaneState, type LaneState } from "#src/market/state";
import type { Appended } from "#src/market/step";

export const benchMarket = marketId("00112233445566778899aabbccddeeff");

export interface LaneParts {
  readonly lane: number;
  /** The log ends with the first batch that has so many. */
  readonly entries: number;
  /** Whether verdicts come from a learned model, with control tasks among the others; else from a consensus of three. */
  readonly hasPolicy: boolean;
  /** Whether requests bear signatures of their sessions; else zeros, which replay does not look at. */
  readonly isSigned: boolean;
}

const contributors = 400;
const commandsPerBatch = 64;
const tasksPerBatch = 10_000;
const startMs = 1_700_000_000_000;
const choices = ["yes", "no", "unclear"];
const named = (name: string): Bytes32 => sha256(toUtf8(name));

export interface BuiltLane {
  readonly state: LaneState;
  readonly decideMicroseconds: number;
  readonly answers: number;
}

/** A lane's life through `decide`, as the server runs it: everybody takes the next task with the answer to the last. */
export function buildLane(parts: LaneParts, append: (appended: Appended) => void): BuiltLane {
  const builder = new Builder(parts, append);
  while (builder.state.tree.size < parts.entries) builder.turn();
  const { state, decideMicroseconds, answers } = builder;
  return { state, decideMicroseconds, answers };
}

class Builder {
  readonly state: LaneState = emptyLaneState();
  readonly #parts: LaneParts;
  readonly #append: (appended: Appended) => void;
  readonly #random: () => number;
  readonly #wallets: readonly Signer[];
  readonly #sessions: readonly Signer[];
  readonly #authorisations: readonly Authorisation[];
  /** The slot that each contributor holds. */
  readonly #slots: (Slot | null)[] = Array.from({ length: contributors }, () => null);
  #timeMs = startMs;
  #next = 0;
  decideMicroseconds = 0;
  answers = 0;

  constructor(parts: LaneParts, append: (appended: Appended) => void) {
    this.#parts = parts;
    this.#append = append;
    this.#random = seededRandom(1 + parts.lane);
    const signers = (name: string): Signer[] =>
      Array.from({ length: contributors }, (_, each) => signerFromSeed(named(`${name} ${each}`)));
    this.#wallets = signers("wallet");
    this.#sessions = signers("session");
    this.#authorisations = this.#wallets.map((wallet, each) => signIn(wallet, this.#sessions[each] as Signer));
    this.#decide([
      input({
        kind: "created",
        market: benchMarket,
        lane: parts.lane,
        requester: named("requester"),
        spec: specOf(parts),
      }),
      input({ kind: "funded", amount: amount(1_000_000_000_000n), deposit: "deposit" }),
      input({ kind: "opened" }),
      ...this.#wallets.map(({ publicKey }, each) => joined(each, publicKey)),
    ]);
  }

  /** One batch: a turn of so many contributors, one after the other. */
  turn(): void {
    this.#timeMs += 40;
    const commands: Command[] = [];
    const isShort = this.state.taskCount - this.state.frontier < 4 * contributors;
    if (isShort) commands.push(this.#tasks());
    const turns: number[] = [];
    for (let i = 0; i < commandsPerBatch; i++) {
      const contributor = this.#next++ % contributors;
      turns.push(contributor);
      commands.push(this.#command(contributor));
    }
    const outcomes = this.#decide(commands).slice(isShort ? 1 : 0);
    for (const [i, contributor] of turns.entries()) {
      const offered = (outcomes[i] as Outcome | null)?.offers[0];
      this.#slots[contributor] = offered?.slot ?? null;
    }
  }

  #decide(commands: readonly Command[]): (Outcome | null)[] {
    const start = process.cpuUsage();
    const { draft, appended, outcomes } = decide(this.state, this.#timeMs, commands, {
      hash: sha256,
      propose: fillFirst,
    });
    commitDraft(draft);
    const { user, system } = process.cpuUsage(start);
    this.decideMicroseconds += user + system;
    for (const each of appended) this.#append(each);
    return outcomes.map((outcome) => {
      if (!isEarnestError(outcome)) return outcome;
      if (outcome.code !== "WORK_NOT_FOUND") throw outcome;
      return null;
    });
  }

  #command(contributor: number): Command {
    const slot = this.#slots[contributor] ?? null;
    if (slot === null) return { type: "assign", contributor, task: null, count: 1, join: null };
    this.answers++;
    const right = slot.task % choices.length;
    const picked = this.#random() < 0.85 ? right : Math.floor(this.#random() * choices.length);
    const answer = { answer: choices[picked] as string, salt: `of contributor ${contributor} for ${slot.task}` };
    const bodyHash = bodyHashOf(sha256, answer);
    const session = this.#sessions[contributor] as Signer;
    const statement = submissionsStatement(benchMarket, this.#timeMs, [{ ...slot, body: bodyHash }]);
    return {
      type: "submit",
      contributor,
      session: session.publicKey,
      authorisation: this.#authorisations[contributor] as Authorisation,
      signed: { timeMs: this.#timeMs, signature: this.#parts.isSigned ? session.sign(statement) : new Uint8Array(64) },
      submissions: [{ slot, body: toUtf8(canonicalJson(answer)), bodyHash }],
      next: 1,
    };
  }

  #tasks(): Command {
    const first = this.state.taskCount;
    const root = named(`tasks ${first}`);
    const controls = this.#parts.hasPolicy ? [0, 1, 2, 3, 4, 5, 6, 7].map((at) => controlAt(first + at * 97)) : [];
    const commitments = controls.map((each) => ({ task: each.task, commitment: controlCommitment(sha256, each) }));
    const attachment = controls.length === 0 ? null : sealControls(controls);
    return input(
      { kind: "batchAdded", first, count: tasksPerBatch, root, terms: "", controls: commitments },
      attachment,
    );
  }
}

const input = (entry: Input, attachment: Uint8Array | null = null): Command => ({
  type: "input",
  record: { entry, attachment },
});

type Authorisation = Extract<Command, { type: "submit" }>["authorisation"];

function signIn(wallet: Signer, session: Signer): Authorisation {
  const text = signInText({
    domain: "bench",
    address: toBase58(wallet.publicKey),
    nonce: "nonce",
    issuedAt: "2023-01-01T00:00:00.000Z",
    expirationTime: "2100-01-01T00:00:00.000Z",
    sessionKey: toBase58(session.publicKey),
  });
  return { text, signature: wallet.sign(toUtf8(text)) };
}

const joined = (contributor: number, key: Uint8Array): Command =>
  input({
    kind: "joined",
    contributor,
    key: bytes32(key),
    owner: named(`owner ${contributor}`),
    automated: false,
    facts: "",
  });

const controlAt = (task: number): ControlAnswer => ({
  task,
  answer: task % choices.length,
  salt: named(`salt ${task}`),
});

function specOf({ hasPolicy }: LaneParts): string {
  const spec: MarketSpec = {
    version: 1,
    title: "Replay",
    kind: "label",
    terms: {
      answer: { type: "choice", choices },
      agreement: null,
      reward: amount(1_000n),
      overlap: hasPolicy ? { min: 2, max: 5, targetPpm: 900_000 } : { min: 3, max: 3, targetPpm: 600_000 },
      leaseMs: 600_000,
      deadlineMs: null,
      eligibility: [],
    },
    rewardMin: amount(0n),
    rewardMax: amount(1_000_000n),
    feeBasisPoints: 200,
    controls: { answeredMin: 1, accuracyPpmMin: 0 },
    policy: hasPolicy ? defaultPolicy : null,
    review: null,
    appeal: { windowMs: 60_000, budget: amount(0n), panel: 1, cost: amount(0n) },
    newcomer: null,
    refundDelayMs: 0,
    voidMax: 10,
  };
  return specText({ ...spec, refundDelayMs: settleMsMax(spec, spec.terms.leaseMs) });
}
