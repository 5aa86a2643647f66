import type { Address, Instruction, KeyPairSigner } from "@solana/kit";
import { getCloseAccountInstruction, getTransferCheckedInstruction } from "@solana-program/token";
import { amount, zero } from "#src/core/amount";
import { type Bytes32, bytes32, fromBase58 } from "#src/core/bytes";
import { isEarnestError } from "#src/core/errors";
import type { Session } from "#src/engine/types";
import { clusterSponsor, clusterWithdrawals } from "#src/main/cluster";
import { randomFill, signerFromSeed } from "#src/main/crypto";
import { sendPlan } from "#src/rails/solana/escrow/sending";
import { chunksOf, inParallel } from "#src/rails/solana/parallel";
import { tokenAddress } from "#src/rails/solana/program/derived-addresses";
import { readTokenAccounts } from "#src/rails/solana/token-accounts";
import { senderOf, signerFromSecret } from "#src/rails/solana/tokens";
import { openWorld, signIn, type World } from "./farm/world.ts";
import { defineBench, type Say, type ValuesOf } from "./options.ts";

interface Figures {
  readonly accounts: number;
  readonly days: number;
  /** Token accounts that the operator paid for: the farmers' own, and those that they had tokens sent to. */
  readonly sponsored: number;
  readonly withdrawals: number;
  /** Rent and fees of these accounts and withdrawals, as the chain charged them. */
  readonly lamportsSpent: number;
  readonly budgetLamports: number;
  /** What the farmers had of it, in rents of accounts that they closed, less their own fees. */
  readonly lamportsTaken: number;
  /** Farmers whom a reason kept from an account or a withdrawal; a withdrawal counts each time. */
  readonly refusedByReason: Readonly<Record<string, number>>;
}

/** Fewer than the policy pays accounts for, so that some are left to send to. */
const perDay = 90;
/** The least that can be sent on, and that some times, which the farmers' own market pays them. */
const least = 1n;
const earned = 4n * least;
/** Who keep their accounts, and have the network pay for as many transfers as it does. */
const burnersCount = 10;
const closingsPerTransaction = 4;
const atOnce = 8;

const options = { accounts: { type: "count", default: 1_000, about: "accounts of the farmers" } } as const;

/**
 * Farmers with SOL of their own run a market, pay new keys the least that gets a token account, have it sent on to wallets
 * without one, close every account for its rent, and come again with the same keys and with new ones. What
 * that costs the operator under the policy that clusters have by default must stay inside the budget.
 */
export const benchFarm = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say): Promise<object> {
  const accounts = values.accounts;
  const world = await openWorld(
    { sponsor: { ...clusterSponsor, dueMin: zero }, withdrawals: clusterWithdrawals },
    2 * accounts,
  );
  try {
    const figures = await new Farm(world, say).run(accounts);
    for (const [what, value] of Object.entries(figures)) say(`${what.padEnd(18)}${JSON.stringify(value)}`);
    if (figures.lamportsSpent > figures.budgetLamports) throw new Error("the farmers took more than the budget");
    return figures;
  } finally {
    await world.close();
  }
}

interface Farmer {
  readonly seed: Uint8Array;
  readonly key: Bytes32;
  readonly session: Session;
  readonly wallet: KeyPairSigner;
}

class Farm {
  readonly #world: World;
  readonly #say: Say;
  readonly #refused = new Map<string, number>();
  /** Whose accounts are there, with the tokens to get out of them first. */
  #open: KeyPairSigner[] = [];
  #spent = 0n;
  #sponsored = 0;
  #withdrawals = 0;

  constructor(world: World, say: Say) {
    this.#world = world;
    this.#say = say;
  }

  async run(accounts: number): Promise<Figures> {
    const { chain, waiting } = this.#world;
    const chief = await signerFromSecret(randomFill(32));
    await chain.supply(chief.address, 0n);
    const before = await this.#lamportsOf(chief.address);
    const all: Farmer[] = [];
    const days = Math.ceil(accounts / perDay);
    for (let day = 1; day <= days; day++) {
      const burners = all.slice(0, burnersCount);
      const again = all.slice(burnersCount).slice(-perDay);
      const fresh = await this.#recruit(Math.min(perDay, accounts - all.length));
      all.push(...fresh);
      await this.#earn([...burners, ...again, ...fresh]);
      if (day === 1) this.#keepOpen(fresh.slice(0, burnersCount));
      await this.#sendOn([...again, ...fresh]);
      await this.#burn(burners, chief.address);
      await this.#closeAll(chief);
      this.#say(`day ${day}: ${all.length} accounts, ${this.#sponsored} sponsored, ${this.#spent} lamports`);
      this.#world.nextDay();
    }
    const taken = (await this.#lamportsOf(chief.address)) - before;
    const { lamportsMax } = clusterSponsor;
    return {
      accounts: all.length,
      days,
      sponsored: this.#sponsored,
      withdrawals: this.#withdrawals,
      lamportsSpent: Number(this.#spent),
      budgetLamports: Number(lamportsMax + BigInt(days) * clusterWithdrawals.lamportsPerDayMax),
      lamportsTaken: Number(taken),
      refusedByReason: Object.fromEntries([...waiting, ...this.#refused].toSorted(byName)),
    };
  }

  async #recruit(count: number): Promise<Farmer[]> {
    const { engine, market } = this.#world;
    return await inParallel(Array.from({ length: count }), atOnce, async (): Promise<Farmer> => {
      const seed = randomFill(32);
      const session = await signIn(engine, seed);
      await engine.assign(session, market, { task: null, count: 1 });
      return { seed, key: signerFromSeed(seed).publicKey, session, wallet: await signerFromSecret(seed) };
    });
  }

  /** The least for each; then an epoch, which makes accounts for those whom the policy lets have one. */
  async #earn(farmers: readonly Farmer[]): Promise<void> {
    const { engine, owner, market } = this.#world;
    for (const { key } of farmers) await engine.payBonus(owner, market, key, amount(earned), "");
    const wallets = [...new Map(farmers.map((each) => [each.wallet.address, each.wallet])).values()];
    const had = await this.#withAccounts(wallets);
    await engine.settle();
    const have = await this.#withAccounts(wallets);
    const made = have.filter((wallet) => !had.includes(wallet));
    this.#sponsored += made.length;
    // Eight to a transaction at least; a fee for each is more than they cost.
    this.#spent += BigInt(made.length) * ((await this.#rent()) + 5_000n);
    this.#open.push(...made);
  }

  /** A part to a wallet without an account; and the next to another one, until the network refuses. */
  async #sendOn(farmers: readonly Farmer[]): Promise<void> {
    const { chain } = this.#world;
    const before = await this.#lamportsOf(chain.operator.address);
    for (const farmer of farmers) {
      for (let sent = least; sent <= earned; sent += least) {
        const to = await signerFromSecret(randomFill(32));
        if (!(await this.#withdraw(farmer, to.address))) break;
        this.#withdrawals++;
        this.#sponsored++;
        this.#open.push(to);
      }
    }
    this.#spent += before - (await this.#lamportsOf(chain.operator.address));
  }

  /** Fees alone, as often as the network pays them. */
  async #burn(farmers: readonly Farmer[], to: Address): Promise<void> {
    const { chain } = this.#world;
    const before = await this.#lamportsOf(chain.operator.address);
    for (const farmer of farmers) while (await this.#withdraw(farmer, to)) this.#withdrawals++;
    this.#spent += before - (await this.#lamportsOf(chain.operator.address));
  }

  /** Their accounts are not closed. */
  #keepOpen(farmers: readonly Farmer[]): void {
    this.#open = this.#open.filter((wallet) => farmers.every((each) => each.wallet !== wallet));
  }

  async #withdraw({ session, seed }: Farmer, to: Address): Promise<boolean> {
    const { engine } = this.#world;
    try {
      const plan = await engine.planWithdrawal(session, { to: bytes32(fromBase58(to)), amount: amount(least) });
      const signature = signerFromSeed(seed).sign(plan.toSign?.message ?? new Uint8Array(0));
      return (await engine.sendWithdrawal(session, plan.id, signature)).state === "final";
    } catch (error) {
      if (!isEarnestError(error)) throw error;
      const reason = isEarnestError(error, "WITHDRAWAL_REFUSED") ? error.context.reason : error.code;
      this.#refused.set(`withdrawal ${reason}`, (this.#refused.get(`withdrawal ${reason}`) ?? 0) + 1);
      return false;
    }
  }

  /** The chief pays the fees and gets the rents. */
  async #closeAll(chief: KeyPairSigner): Promise<void> {
    const { chain } = this.#world;
    const accounts = this.#open.map((wallet) => this.#accountOf(wallet.address));
    const states = await readTokenAccounts(chain.client, accounts, "confirmed");
    const hoard = this.#accountOf(chief.address);
    const closings = this.#open.map((owner, i) => {
      const held = states[i]?.amount ?? 0n;
      const account = accounts[i] as Address;
      const terms = { source: account, mint: this.#mint, destination: hoard, authority: owner, decimals: 6 };
      const empty: Instruction[] = held === 0n ? [] : [getTransferCheckedInstruction({ ...terms, amount: held })];
      return {
        owner,
        instructions: [...empty, getCloseAccountInstruction({ account, destination: chief.address, owner })],
      };
    });
    this.#open = [];
    await inParallel(chunksOf(closings, closingsPerTransaction), atOnce, async (chunk) => {
      const instructions = chunk.flatMap((each) => each.instructions);
      const signers = chunk.map(({ owner }) => owner);
      await sendPlan(senderOf(chain.client, chief), { instructions, signers, computeUnits: 100_000 });
    });
  }

  get #mint(): Address {
    return this.#world.chain.mint.address as Address;
  }

  #accountOf(wallet: Address): Address {
    return tokenAddress(wallet, this.#mint, this.#world.chain.pool.at.tokenProgram);
  }

  async #withAccounts(wallets: readonly KeyPairSigner[]): Promise<KeyPairSigner[]> {
    const accounts = wallets.map(({ address }) => this.#accountOf(address));
    const states = await readTokenAccounts(this.#world.chain.client, accounts, "confirmed");
    return wallets.filter((_, i) => states[i] !== null);
  }

  #rent(): Promise<bigint> {
    return this.#world.chain.client.call((rpc) => rpc.getMinimumBalanceForRentExemption(165n));
  }

  async #lamportsOf(address: Address): Promise<bigint> {
    const { client } = this.#world.chain;
    return (await client.call((rpc) => rpc.getBalance(address, { commitment: "finalized" }))).value;
  }
}

const byName = ([a]: readonly [string, number], [b]: readonly [string, number]): number => (a < b ? -1 : 1);
