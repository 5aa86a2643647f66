import { type Amount, amount } from "#src/core/amount";
import { type Bytes32, concatBytes, fromBase58, toBase58, toHex, toUtf8 } from "#src/core/bytes";
import type { AttestorSet, VerifySignature } from "#src/core/commit/attestors";
import type { CommitContext } from "#src/core/commit/commit-message";
import type { Hash } from "#src/core/hash";
import { type MarketId, marketIdToBytes } from "#src/core/market-id";
import type { EscrowTerms, MarketView, PoolView } from "#src/rails/rail";
import type { SignedCommit } from "#src/rails/solana/escrow/commits";
import type { Scheduler } from "../time/scheduler.ts";
import { type AllocationProof, EscrowProgram, type Said } from "./escrow-program.ts";

interface Opened {
  readonly market: MarketId;
  readonly account: Bytes32;
  readonly specHash: Bytes32;
  readonly requester: string;
}

interface Deposited {
  readonly market: MarketId;
  readonly account: Bytes32;
  readonly amount: Amount;
}

export interface ChainParts {
  readonly scheduler: Scheduler;
  readonly hash: Hash;
  readonly verify: VerifySignature;
  readonly attestors: AttestorSet;
  readonly operator: Bytes32;
  readonly refundDelaySeconds: number;
}

/** The cluster: the program with one pool, token accounts, and a clock of whole seconds. A slot is final at once. */
export class Chain {
  readonly parts: ChainParts;
  readonly program: EscrowProgram;
  readonly place: Omit<CommitContext, "previousDigest">;
  readonly #opened = new Map<string, Opened>();
  readonly #deposits = new Map<string, Deposited>();
  readonly tokens = new Map<string, bigint>();
  /** What every commit that landed said, the newest last. */
  readonly landed: { readonly epoch: bigint; readonly digest: string }[] = [];
  readonly refunds = new Map<string, bigint>();
  /** Nobody is answered. */
  isAway = false;

  constructor(parts: ChainParts) {
    this.parts = parts;
    const named = (name: string): Bytes32 => parts.hash(toUtf8(`simulated ${name}`));
    this.place = {
      program: named("program"),
      cluster: named("cluster"),
      network: named("network"),
      pool: named("pool"),
      setVersion: 0,
    };
    const { hash, verify, attestors, refundDelaySeconds } = parts;
    const terms = { hash, verify, place: this.place, attestors, refundDelaySeconds };
    this.program = new EscrowProgram({ ...terms, deadAfterSeconds: 100_000, maxValiditySeconds: 60 }, this.now);
  }

  get now(): bigint {
    return BigInt(Math.floor(this.parts.scheduler.nowMs / 1_000));
  }

  tokenAccountOf(wallet: Uint8Array): Bytes32 {
    return this.parts.hash(concatBytes(toUtf8("token account"), wallet));
  }

  accountOf({ market, requester }: Pick<EscrowTerms, "market" | "requester">): Bytes32 {
    return this.parts.hash(concatBytes(toUtf8("market"), marketIdToBytes(market), fromBase58(requester)));
  }

  /** A requester opens the market's account and pays into it: the signature. */
  fund(terms: EscrowTerms, value: Amount): string {
    const { market, requester, specHash } = terms;
    const account = this.accountOf(terms);
    if (!this.program.markets.has(toHex(account))) this.#expect(this.program.openMarket(this.now, account));
    this.#opened.set(toHex(account), { market, account, specHash, requester });
    this.#expect(this.program.deposit(account, value));
    const signature = toBase58(this.parts.hash(toUtf8(`deposit ${this.#deposits.size} into ${market}`)));
    this.#deposits.set(signature, { market, account, amount: value });
    return signature;
  }

  #expect(said: Said): void {
    if (said !== "ok") throw new Error(`the simulated requester was refused: ${said}`);
  }

  depositBy(signature: string): Deposited | null {
    return this.#deposits.get(signature) ?? null;
  }

  marketAt(account: Bytes32): (Opened & { readonly openedAt: bigint }) | null {
    const opened = this.#opened.get(toHex(account));
    const there = this.program.markets.get(toHex(account));
    return opened === undefined || there === undefined ? null : { ...opened, openedAt: there.openedAt };
  }

  view(): PoolView {
    const { place, program, parts } = this;
    const { operator, attestors, refundDelaySeconds } = parts;
    const { deadAfterSeconds, maxValiditySeconds } = program.terms;
    const { isLive, epoch, floor, asOf, lastCommitAt, leafCount, digest } = program;
    return {
      clock: this.now,
      cluster: place.cluster,
      programHash: place.program,
      network: { operator, setVersion: 0, attestors, maxValiditySeconds, refundDelaySeconds, deadAfterSeconds },
      pool: {
        network: place.network,
        isLive,
        epoch,
        floor,
        asOf,
        lastCommitAt,
        leafCount,
        digest,
        deposited: amount(program.deposited),
        refunded: amount(program.refunded),
        allocated: amount(program.allocated),
      },
      markets: this.#markets(),
    };
  }

  #markets(): MarketView[] {
    const all = [...this.program.markets].flatMap(([name, { openedAt, closesAt, deposited }]) => {
      const opened = this.#opened.get(name);
      if (opened === undefined) return [];
      const { market, account, specHash } = opened;
      const times = { openedAt: Number(openedAt), closesAt: Number(closesAt) };
      return [{ account, market, ...times, deposited: amount(deposited), specHash }];
    });
    return all.sort((a, b) => (toHex(a.account) < toHex(b.account) ? -1 : 1));
  }

  /** Moves tokens to the account of a leaf, as the program's claim does. */
  pay(destination: Bytes32, value: bigint): void {
    const name = toHex(destination);
    this.tokens.set(name, (this.tokens.get(name) ?? 0n) + value);
  }

  /** What nobody earned goes back to the requester. */
  refund(account: Bytes32, proof: AllocationProof | null): Said {
    const requester = this.marketAt(account)?.requester;
    const [said, value] = this.program.refund(account, proof);
    if (said !== "ok" || requester === undefined) return said;
    this.pay(this.tokenAccountOf(fromBase58(requester)), value);
    this.refunds.set(toHex(account), (this.refunds.get(toHex(account)) ?? 0n) + value);
    return said;
  }

  noteLanded({ body, digest }: Pick<SignedCommit, "body" | "digest">): void {
    this.landed.push({ epoch: body.epoch, digest: toHex(digest) });
  }
}
