import { type Amount, amount, zero } from "#src/core/amount";
import { type Bytes32, bytes32, equalBytes, fromBase58, toBase58, toHex } from "#src/core/bytes";
import { type EarnestError, earnestError } from "#src/core/errors";
import type { PayoutLeaf } from "#src/core/merkle/leaves";
import type { Deposit, Rail } from "#src/rails/rail";
import type { ClaimSource, ClaimWish } from "#src/rails/solana/escrow/claims";
import type { SignedCommit } from "#src/rails/solana/escrow/commits";
import type { MarketProof } from "#src/rails/solana/escrow/markets";
import type { AccountCreation, PayingOutcome } from "#src/rails/solana/escrow/paying";
import { planSponsorship } from "#src/rails/solana/escrow/sponsorship";
import type { Random } from "../../crash/random.ts";
import type { Chain } from "./chain.ts";
import type { Said } from "./escrow-program.ts";

/** How a process reaches the cluster just now. */
export interface Line {
  readonly random: Random;
  readonly isAlive: () => boolean;
  readonly delayMs: () => number;
  /** The share of calls, and of sent transactions, that are lost. */
  readonly lossShare: number;
}

const confirmPollMs = 400;
const blockhashMs = 8_000;
const accountLamports = 2_044_280n;
const pageSlots = 256;

/**
 * The rail of one process: what the product's does, in its order, on a simulated cluster. Transactions are sent and may
 * be lost, late or twice there; what has become of them is read from the accounts.
 */
export class SimulatedRail implements Rail {
  readonly chain: Chain;
  readonly line: Line;
  readonly decimals = 6;
  readonly canFreeze = false;
  readonly names = null;
  readonly cluster: string;
  readonly mint = "simulated";
  readonly program: string;
  readonly network: string;
  readonly pool: string;
  readonly vault = "simulated";
  readonly refundDelayMs: number;

  constructor(chain: Chain, line: Line) {
    this.chain = chain;
    this.line = line;
    const { cluster, program, network, pool } = chain.place;
    this.cluster = toBase58(cluster);
    this.program = toBase58(program);
    this.network = toBase58(network);
    this.pool = toBase58(pool);
    this.refundDelayMs = chain.parts.refundDelaySeconds * 1_000;
  }

  tokenAccountOf(wallet: Uint8Array): Bytes32 {
    return this.chain.tokenAccountOf(wallet);
  }

  escrowOf(terms: Parameters<Rail["escrowOf"]>[0]): string {
    return toBase58(this.chain.accountOf(terms));
  }

  findDeposit(signature: string, terms: Parameters<Rail["findDeposit"]>[1]): Promise<Deposit | null> {
    return this.#ask(() => {
      const paid = this.chain.depositBy(signature);
      const account = paid === null ? null : this.chain.marketAt(paid.account);
      if (paid === null || account === null || paid.market !== terms.market) return null;
      if (!equalBytes(account.specHash, terms.specHash)) throw new Error("another spec");
      return { signature, amount: paid.amount, account: paid.account, openedAt: Number(account.openedAt) };
    });
  }

  readPool(): ReturnType<Rail["readPool"]> {
    return this.#ask(() => this.chain.view());
  }

  /** What is executed is left out of simulations, and so is what is drawn. */
  nextBlock(): never {
    throw new Error("nothing is drawn here");
  }

  async sendCommit(asked: SignedCommit): Promise<void> {
    await this.deliver(asked);
  }

  /** As `escrow/commits.ts`: looks before it sends, and until it is certain. */
  async deliver(asked: SignedCommit): Promise<"committed" | "passed"> {
    const { epoch, validUntil } = asked.body;
    for (;;) {
      const { pool, clock } = await this.readPool();
      if (pool.epoch > epoch) return "passed";
      if (pool.epoch === epoch) {
        if (equalBytes(pool.digest, asked.digest)) return "committed";
        throw earnestError("COMMIT_MISMATCH", { pool: this.pool, epoch: `${epoch}` });
      }
      if (clock > validUntil) {
        throw earnestError("COMMIT_EXPIRED_STATE", { epoch: `${epoch}`, validUntil: `${validUntil}` });
      }
      const said = await this.#send(() => {
        const { program, now } = this.chain;
        const outcome = program.commit(now, asked.body, { digest: asked.digest, by: asked.signatures });
        if (outcome === "ok") this.chain.noteLanded(asked);
        return outcome;
      });
      if (said !== null && said !== "ok" && said !== "EXPIRED" && said !== "WRONG_EPOCH") throw refused(said);
      await this.#sleep(confirmPollMs);
    }
  }

  /** As `escrow/paying.ts`. */
  async payClaims(
    source: ClaimSource,
    wishes: readonly ClaimWish[],
    creation: AccountCreation,
  ): Promise<PayingOutcome> {
    const due = await this.#ask(() => this.#findDue(source, wishes));
    const granted = await this.#grant(due.withoutAccount, creation);
    await this.#makeAccounts(granted.accounts);
    await this.#openPages([...due.ready, ...granted.accounts]);
    const ready = [...due.ready, ...granted.accounts];
    await this.#noteMade(ready, creation);
    const failures = await this.#claimAll(source, ready);
    const paid = await this.#ask(() => ready.filter((leaf) => this.#isPaid(leaf)).map(({ index }) => index));
    const waiting = [...due.waiting, ...granted.waiting];
    return { paid, waiting, failures, transactions: ready.length };
  }

  #isPaid({ index, cumulative }: PayoutLeaf): boolean {
    return this.chain.program.claimedOf(index) >= cumulative;
  }

  #findDue(source: ClaimSource, wishes: readonly ClaimWish[]) {
    const waiting: PayingOutcome["waiting"][number][] = [];
    const [ready, withoutAccount]: [PayoutLeaf[], PayoutLeaf[]] = [[], []];
    for (const { index, wallet } of wishes) {
      const leaf = source.leaf(index);
      if (leaf === null) waiting.push({ index, reason: "noLeaf" });
      else if (this.#isPaid(leaf)) waiting.push({ index, reason: "nothingDue" });
      else if (wallet !== null && !equalBytes(this.tokenAccountOf(fromBase58(wallet)), leaf.destination)) {
        waiting.push({ index, reason: "otherAccount" });
      } else if (this.chain.tokens.has(toHex(leaf.destination))) ready.push(leaf);
      else if (wallet === null) waiting.push({ index, reason: "noAccount" });
      else withoutAccount.push(leaf);
    }
    return { ready, withoutAccount, waiting };
  }

  async #grant(missing: readonly PayoutLeaf[], creation: AccountCreation) {
    if (typeof creation === "string" || missing.length === 0) return { accounts: missing, waiting: [] };
    const candidates = missing.map(({ index, cumulative }) => ({ index, due: cumulative }));
    const funds = { lamportsEach: accountLamports, held: 10n ** 15n };
    const plan = planSponsorship(creation.policy, creation.ledger, candidates, funds);
    if (plan.granted.length > 0) await creation.storeGranted(plan.granted, accountLamports);
    const chosen = new Set([...plan.granted, ...plan.resumed]);
    return { accounts: missing.filter(({ index }) => chosen.has(index)), waiting: plan.waiting };
  }

  async #noteMade(ready: readonly PayoutLeaf[], creation: AccountCreation): Promise<void> {
    if (typeof creation === "string") return;
    const granted = ready.map(({ index }) => index).filter((index) => creation.ledger.stateOf(index) === "granted");
    if (granted.length > 0) await creation.storeMade(granted);
  }

  async #makeAccounts(leaves: readonly PayoutLeaf[]): Promise<void> {
    for (const { destination } of leaves) {
      const make = (): Said => {
        this.chain.pay(destination, 0n);
        return "ok";
      };
      while ((await this.#send(make)) === null);
    }
  }

  async #openPages(leaves: readonly PayoutLeaf[]): Promise<void> {
    const numbers = new Set(leaves.map(({ index }) => Math.floor(index / pageSlots)));
    for (const number of numbers) {
      const isThere = await this.#ask(() => this.chain.program.pages.has(number));
      if (!isThere) while ((await this.#send(() => this.chain.program.openPage(number))) === null);
    }
  }

  /** All are under way at once. */
  async #claimAll(source: ClaimSource, ready: readonly PayoutLeaf[]): Promise<PayingOutcome["failures"]> {
    const said = await Promise.all(ready.map((leaf) => this.#send(() => this.#claim(source, leaf))));
    return ready.flatMap((leaf, i) => {
      const outcome = said[i];
      const isFine = outcome === "ok" || outcome === "NOTHING_DUE";
      if (isFine) return [];
      const signature = `claim of ${leaf.index}`;
      const isLost = outcome === null || outcome === undefined;
      const error: EarnestError = isLost ? earnestError("TRANSACTION_EXPIRED", { signature }) : refused(outcome);
      return [{ indexes: [leaf.index], error }];
    });
  }

  #claim(source: ClaimSource, leaf: PayoutLeaf): Said {
    const { program } = this.chain;
    const before = program.claimedOf(leaf.index);
    const said = program.claim(leaf, source.proof(leaf.index, 0));
    if (said === "ok") this.chain.pay(leaf.destination, program.claimedOf(leaf.index) - before);
    return said;
  }

  async refund(account: Bytes32, proof: MarketProof | null): Promise<void> {
    for (;;) {
      const before = await this.#ask(() => this.chain.marketAt(account));
      if (before === null) return;
      const said = await this.#send(() => this.chain.refund(account, allocationOf(proof)));
      // Somebody else's was there first.
      if (said !== null && said !== "ok" && said !== "WRONG_OWNER") throw refused(said);
    }
  }

  planTransfer = outside;
  sendTransfer = outside;
  planDeposit = outside;
  isEnded = outside;
  planClosing = outside;
  sendPlanned = outside;

  heldBy(owners: readonly string[]): Promise<Map<string, Amount>> {
    const heldBy = (owner: string): Amount => {
      const tokens = this.chain.tokens.get(toHex(this.tokenAccountOf(fromBase58(owner))));
      return tokens === undefined ? zero : amount(tokens);
    };
    return this.#ask(() => new Map(owners.map((owner) => [owner, heldBy(owner)])));
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.chain.parts.scheduler.after(delayMs, () => {
        if (this.line.isAlive()) resolve();
      });
    });
  }

  /** A call to one's node, some of which get no answer after all tries. */
  async #ask<T>(answer: () => T): Promise<T> {
    const { random, delayMs, lossShare } = this.line;
    await this.#sleep(delayMs());
    if (this.chain.isAway || random.chance(lossShare)) {
      await this.#sleep(500);
      throw earnestError("CHAIN_UNAVAILABLE", { url: "the simulated node", problem: "no answer" });
    }
    const value = answer();
    await this.#sleep(delayMs());
    return value;
  }

  /** Null where it was not heard of until it could no longer land. */
  #send(land: () => Said): Promise<Said | null> {
    const { random, delayMs, lossShare, isAlive } = this.line;
    const { scheduler } = this.chain.parts;
    return new Promise((resolve) => {
      const tell = (said: Said | null): void => {
        if (isAlive()) resolve(said);
      };
      if (random.chance(2 * lossShare) || this.chain.isAway) {
        scheduler.after(blockhashMs, () => tell(null));
        return;
      }
      const landsMs = delayMs() + random.between(50, 2_500);
      scheduler.after(landsMs, () => {
        const said = land();
        scheduler.after(delayMs(), () => tell(said));
      });
    });
  }
}

const outside = (): never => {
  throw new Error("nobody sends tokens on, or in from a browser, in a simulation");
};

const refused = (said: Exclude<Said, "ok">): EarnestError =>
  earnestError("PROGRAM_REFUSED", { error: said, meaning: "the simulated program says so" });

const allocationOf = (proof: MarketProof | null) =>
  proof === null ? null : { ...proof, siblings: proof.siblings.map((each) => bytes32(each)) };
