import { claim, claimMany, type PayoutLeaf, refund } from "#src/rails/solana/program/instructions";
import { delays, type Escrow, type TestMarket } from "./escrow.ts";
import { balance, putToken } from "./tokens.ts";
import { type MarketLeaf, marketHash, payoutHash, Tree } from "./trees.ts";

/**
 * What the program should do, in the plainest words: a pool as counters and lists, and for each act the answer that is
 * expected. It shares no code with the program, and only the making of instructions with its client.
 */
interface ModelMarket {
  readonly market: TestMarket;
  readonly openedAt: bigint;
  closesAt: bigint;
  deposited: bigint;
  allocated: bigint;
}

/** What a commit fixed. */
interface Snapshot {
  readonly leaves: readonly PayoutLeaf[];
  readonly markets: readonly MarketLeaf[];
}

const rootsKept = 4;

export class PoolModel {
  readonly escrow: Escrow;
  readonly markets = new Map<string, ModelMarket>();
  readonly refunds = new Map<string, bigint>();
  readonly leaves: PayoutLeaf[] = [];
  readonly claimed: bigint[] = [];
  /** Leaves of all markets there have been, with the reopened ones. */
  readonly marketLeaves: MarketLeaf[] = [];
  readonly snapshots: Snapshot[] = [];
  deposited = 0n;
  refunded = 0n;
  allocated = 0n;
  donated = 0n;
  asOf = 0n;
  lastCommitAt: bigint;
  isWoundDown = false;

  constructor(escrow: Escrow, contributors: readonly string[]) {
    this.escrow = escrow;
    this.lastCommitAt = escrow.chain.now;
    for (const [index, name] of contributors.entries()) {
      this.leaves.push({ index: BigInt(index), destination: escrow.putDestination(name), cumulative: 0n, held: 0n });
      this.claimed.push(0n);
    }
  }

  get #now(): bigint {
    return this.escrow.chain.now;
  }

  open(name: string): [said: string, expected: string] {
    const { market, open } = this.escrow.preparedMarket(name);
    // Preparing empties the accounts: refunds are counted from here.
    this.refunds.set(name, 0n);
    const said = this.escrow.said(open);
    if (this.isWoundDown) return [said, "POOL_WOUND_DOWN"];
    if (this.markets.has(name)) return [said, "ALREADY_THERE"];
    this.markets.set(name, { market, openedAt: this.#now, closesAt: 0n, deposited: 0n, allocated: 0n });
    return [said, "ok"];
  }

  deposit(name: string, amount: bigint): [string, string] {
    const here = this.markets.get(name);
    const market = this.escrow.marketOf(name);
    if (here !== undefined) putToken(this.escrow.chain, market.source, this.escrow.mint, market.requester, { amount });
    const said = this.escrow.said(this.escrow.deposit(market, amount));
    if (here === undefined) return [said, "WRONG_OWNER"];
    if (this.isWoundDown) return [said, "POOL_WOUND_DOWN"];
    if (here.closesAt !== 0n) return [said, "MARKET_CLOSING"];
    here.deposited += amount;
    this.deposited += amount;
    return [said, "ok"];
  }

  /** A verdict: attestors allocate within the deposit, and to no market that has ended. */
  earn(name: string, contributor: number, amount: bigint, isHeld: boolean): void {
    const market = this.markets.get(name);
    const leaf = this.leaves[contributor];
    if (market === undefined || leaf === undefined || market.allocated + amount > market.deposited) return;
    if (market.closesAt !== 0n && this.#now >= market.closesAt) return;
    market.allocated += amount;
    const change = isHeld ? { held: leaf.held + amount } : { cumulative: leaf.cumulative + amount };
    this.leaves[contributor] = { ...leaf, ...change };
  }

  /** What was held is released. */
  release(contributor: number): void {
    const leaf = this.leaves[contributor] as PayoutLeaf;
    this.leaves[contributor] = { ...leaf, cumulative: leaf.cumulative + leaf.held, held: 0n };
  }

  commit(): [string, string] {
    for (const { market, openedAt, allocated } of this.markets.values()) {
      const leaf = { market: market.address, openedAt, allocated };
      const at = this.marketLeaves.findIndex((each) => each.market === leaf.market && each.openedAt === openedAt);
      if (at < 0) this.marketLeaves.push(leaf);
      else this.marketLeaves[at] = leaf;
    }
    this.escrow.payouts = [...this.leaves];
    this.escrow.markets = [...this.marketLeaves];
    const said = this.escrow.said(...this.escrow.commit());
    if (this.isWoundDown) return [said, "POOL_WOUND_DOWN"];
    this.snapshots.unshift({ leaves: [...this.leaves], markets: [...this.marketLeaves] });
    this.allocated = this.marketLeaves.reduce((sum, { allocated }) => sum + allocated, 0n);
    this.asOf = this.#now;
    this.lastCommitAt = this.#now;
    return [said, "ok"];
  }

  #due(leaf: PayoutLeaf): bigint {
    return leaf.cumulative + (this.isWoundDown ? leaf.held : 0n);
  }

  /** By the root of `age` commits ago. */
  claim(contributor: number, age: number): [string, string] | undefined {
    const snapshot = this.snapshots[age];
    const leaf = snapshot?.leaves[contributor];
    if (snapshot === undefined || leaf === undefined) return undefined;
    const said = this.escrow.said(claim(this.escrow.at, leaf, this.#payoutTree(snapshot).proof(contributor)));
    if (!this.#isPayable(snapshot)) return [said, "UNKNOWN_ROOT"];
    const due = this.#due(leaf);
    if (due <= (this.claimed[contributor] as bigint)) return [said, "NOTHING_DUE"];
    this.claimed[contributor] = due;
    return [said, "ok"];
  }

  claimMany(first: number, height: number, age: number): [string, string] | undefined {
    const snapshot = this.snapshots[age];
    const leaves = snapshot?.leaves.slice(first, first + 2 ** height);
    if (snapshot === undefined || leaves === undefined || leaves.length === 0) return undefined;
    const proof = this.#payoutTree(snapshot).proof(first >>> height, height);
    const said = this.escrow.said(claimMany(this.escrow.at, { leaves, height, proof }));
    if (!this.#isPayable(snapshot)) return [said, "UNKNOWN_ROOT"];
    for (const leaf of leaves) {
      const [at, due] = [Number(leaf.index), this.#due(leaf)];
      if (due > (this.claimed[at] as bigint)) this.claimed[at] = due;
    }
    return [said, "ok"];
  }

  /** Roots that say the same are the same, however old. */
  #isPayable(snapshot: Snapshot): boolean {
    const wanted = Buffer.from(this.#payoutTree(snapshot).root);
    const payable = this.snapshots.slice(0, this.isWoundDown ? 1 : rootsKept);
    return payable.some((each) => wanted.equals(this.#payoutTree(each).root));
  }

  #payoutTree = ({ leaves }: Snapshot): Tree => new Tree(leaves.map((leaf) => payoutHash(this.escrow.at.pool, leaf)));

  close(name: string): [string, string] {
    const here = this.markets.get(name);
    const said = this.escrow.said(this.escrow.close(this.escrow.marketOf(name)));
    if (here === undefined) return [said, "WRONG_OWNER"];
    if (here.closesAt !== 0n) return [said, "MARKET_CLOSING"];
    here.closesAt = this.#now + BigInt(delays.refundDelaySeconds);
    return [said, "ok"];
  }

  refund(name: string): [string, string] {
    const here = this.markets.get(name);
    const { address, refundTo, rentPayer } = this.escrow.marketOf(name);
    const committed = this.snapshots[0]?.markets ?? [];
    const isLeaf = (leaf: MarketLeaf): boolean => leaf.market === address && leaf.openedAt === here?.openedAt;
    const position = Math.max(0, committed.findIndex(isLeaf));
    const leaf = committed.find(isLeaf);
    const tree = new Tree(committed.map((each) => marketHash(this.escrow.at.pool, each)));
    const proof = leaf === undefined ? [] : tree.proof(position);
    const allocated = leaf?.allocated ?? 0n;
    const asked = { market: address, refundTo, rentPayer, allocated, position: BigInt(position), proof };
    const said = this.escrow.said(refund(this.escrow.at, asked));
    if (here === undefined) return [said, "WRONG_OWNER"];
    const hasEnded = here.closesAt !== 0n && this.asOf >= here.closesAt;
    if (!hasEnded && !this.isWoundDown) return [said, "REFUND_TOO_EARLY"];
    const amount = here.deposited - allocated;
    this.refunded += amount;
    this.refunds.set(name, (this.refunds.get(name) ?? 0n) + amount);
    this.markets.delete(name);
    return [said, "ok"];
  }

  donate(amount: bigint): void {
    const { chain, at, mint } = this.escrow;
    putToken(chain, at.vault, mint, at.pool, { amount: balance(chain, at.vault) + amount });
    this.donated += amount;
  }

  windDown(): [string, string] {
    const said = this.escrow.said(this.escrow.windDown());
    if (this.isWoundDown) return [said, "POOL_WOUND_DOWN"];
    if (this.#now <= this.lastCommitAt + BigInt(delays.deadAfterSeconds)) return [said, "NOT_DEAD_YET"];
    this.isWoundDown = true;
    return [said, "ok"];
  }

  get claimedInAll(): bigint {
    return this.claimed.reduce((sum, each) => sum + each, 0n);
  }
}
