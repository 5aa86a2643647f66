import type { Address, Instruction } from "@solana/kit";
import { type Bytes32, bytes32 } from "#src/core/bytes";
import { decode } from "#src/core/codec";
import { type CommitBody, type CommitContext, commitDigest, signedBytes } from "#src/core/commit/commit-message";
import { encodeRotation, rotationDigest } from "#src/core/commit/rotation-message";
import { marketAddress, networkAddress, tokenAddress } from "#src/rails/solana/program/derived-addresses";
import {
  activateRotation,
  cancelRotation,
  claim,
  claimMany,
  commit,
  createNetwork,
  deposit,
  type NetworkTerms,
  openMarket,
  openPage,
  openPool,
  type PayoutLeaf,
  type PoolAddresses,
  type ProgramInstruction,
  poolAddresses,
  proposeRotation,
  refund,
  requestClose,
  windDown,
} from "#src/rails/solana/program/instructions";
import { keyOf, sha256 } from "#src/rails/solana/program/keys";
import {
  type MarketAccount,
  marketCodec,
  type NetworkAccount,
  networkCodec,
  type PageAccount,
  type PoolAccount,
  pageCodec,
  poolCodec,
} from "#src/rails/solana/program/layouts";
import { signaturesInstruction } from "#src/rails/solana/program/signatures-instruction";
import { Chain, type Outcome, type SendOptions } from "./chain.ts";
import { classic, putMint, putToken } from "./tokens.ts";
import { type MarketLeaf, marketHash, payoutHash, Tree } from "./trees.ts";
import { type AttestorKey, attestorKey, testAddress, testHash } from "./values.ts";

export const delays = {
  refundDelaySeconds: 60,
  deadAfterSeconds: 3_600,
  rotationDelaySeconds: 600,
  maxValiditySeconds: 300,
};

/** A requester's market, and who pays into and out of it. */
export interface TestMarket {
  readonly address: Address;
  readonly requester: Address;
  readonly refundTo: Address;
  readonly rentPayer: Address;
  readonly source: Address;
  readonly id: Uint8Array;
}

export interface EscrowOptions {
  readonly name?: string;
  readonly tokenProgram?: Address;
  readonly attestors?: readonly AttestorKey[];
  readonly threshold?: number;
  /** Only the accounts and terms; nothing is sent. */
  readonly isUnopened?: boolean;
}

/** One network with one pool, and short ways to do everything in it. */
export class Escrow {
  readonly chain: Chain;
  readonly creator: Address;
  readonly network: Address;
  readonly mint: Address;
  readonly at: PoolAddresses;
  readonly terms: NetworkTerms;
  attestors: readonly AttestorKey[];
  payouts: PayoutLeaf[] = [];
  markets: MarketLeaf[] = [];

  constructor(chain: Chain, options: EscrowOptions = {}) {
    const { name = "one", tokenProgram = classic, threshold = 3 } = options;
    this.chain = chain;
    this.attestors = options.attestors ?? Array.from({ length: 5 }, (_, i) => attestorKey(`attestor ${i}`));
    this.creator = testAddress(`creator ${name}`);
    this.mint = testAddress(`mint ${name}`);
    this.network = networkAddress(chain.program, this.creator, 7n);
    this.at = poolAddresses({
      program: chain.program,
      network: this.network,
      mint: this.mint,
      number: 0,
      tokenProgram,
    });
    this.terms = {
      id: 7n,
      operator: testAddress("operator"),
      cluster: testHash("cluster"),
      ...delays,
      attestors: { threshold, keys: this.attestors.map(({ address }) => address) },
    };
    chain.fund(this.creator);
    putMint(chain, this.mint, { program: tokenProgram });
    putToken(chain, this.at.vault, this.mint, this.at.pool, { program: tokenProgram });
    if (options.isUnopened === true) return;
    this.ok([this.createNetwork()]);
    this.ok([this.openPool()]);
  }

  /** Sends, and fails the test where the chain refuses. */
  ok(instructions: readonly Instruction[], options?: SendOptions): Outcome {
    const outcome = this.chain.send(instructions, options);
    if (outcome.said !== "ok") throw new Error(`${outcome.said}\n${outcome.logs.join("\n")}`);
    return outcome;
  }

  said(...instructions: readonly Instruction[]): string {
    return this.chain.send(instructions).said;
  }

  createNetwork = (terms: Partial<NetworkTerms> = {}): ProgramInstruction =>
    createNetwork(this.chain.program, this.creator, { ...this.terms, ...terms });

  openPool = (): ProgramInstruction => openPool(this.at, this.chain.payer);

  get networkAccount(): NetworkAccount {
    return decode(networkCodec, this.chain.data(this.network), "network");
  }

  get pool(): PoolAccount {
    return decode(poolCodec, this.chain.data(this.at.pool), "pool");
  }

  marketAccount = (market: TestMarket): MarketAccount => decode(marketCodec, this.chain.data(market.address), "market");

  pageAccount = (page: Address): PageAccount => decode(pageCodec, this.chain.data(page), "page");

  /** A token account of the pool's mint. */
  token(name: string, amount = 0n): Address {
    const at = testAddress(`token ${name} ${this.mint}`);
    putToken(this.chain, at, this.mint, testAddress(name), { program: this.at.tokenProgram, amount });
    return at;
  }

  /** A contributor's associated token account; not created. */
  destination = (name: string): Address => tokenAddress(testAddress(name), this.mint, this.at.tokenProgram);

  putDestination(name: string): Address {
    const at = this.destination(name);
    putToken(this.chain, at, this.mint, testAddress(name), { program: this.at.tokenProgram });
    return at;
  }

  marketOf(name: string): TestMarket {
    const requester = testAddress(name);
    const id = testHash(`id ${name}`).slice(0, 16);
    return {
      address: marketAddress(this.chain.program, this.at.pool, requester, id),
      requester,
      refundTo: testAddress(`token refund ${name} ${this.mint}`),
      rentPayer: testAddress(`rent payer ${name}`),
      source: testAddress(`token source ${name} ${this.mint}`),
      id,
    };
  }

  /** The accounts a market needs are there; the instruction is returned. */
  preparedMarket(name: string, funds = 1_000_000n): { market: TestMarket; open: ProgramInstruction } {
    const market = this.marketOf(name);
    this.chain.fund(market.requester);
    if (this.chain.get(market.rentPayer) === undefined) this.chain.fund(market.rentPayer);
    const program = this.at.tokenProgram;
    putToken(this.chain, market.refundTo, this.mint, market.requester, { program });
    putToken(this.chain, market.source, this.mint, market.requester, { program, amount: funds });
    const { requester, refundTo, id, rentPayer } = market;
    const specHash = testHash("spec");
    return { market, open: openMarket(this.at, { requester, payer: rentPayer, refundTo, id, specHash }) };
  }

  /** Open, and with `amount` deposited. */
  market(name: string, amount = 0n): TestMarket {
    const { market, open } = this.preparedMarket(name);
    this.ok([open]);
    if (amount > 0n) this.ok([this.deposit(market, amount)]);
    return market;
  }

  deposit = (market: TestMarket, amount: bigint): ProgramInstruction =>
    deposit(this.at, { market: market.address, owner: market.requester, source: market.source, amount });

  allocate(market: TestMarket, allocated: bigint): void {
    const { openedAt } = this.marketAccount(market);
    const leaf = { market: market.address, openedAt, allocated };
    const at = this.markets.findIndex((each) => each.market === leaf.market && each.openedAt === openedAt);
    if (at < 0) this.markets.push(leaf);
    else this.markets[at] = leaf;
  }

  /** The next leaf; its destination is the contributor's token account. */
  pay(name: string, cumulative: bigint, held = 0n): PayoutLeaf {
    const leaf = { index: BigInt(this.payouts.length), destination: this.destination(name), cumulative, held };
    this.payouts.push(leaf);
    return leaf;
  }

  change(index: number, change: Partial<PayoutLeaf>): PayoutLeaf {
    const leaf = { ...(this.payouts[index] as PayoutLeaf), ...change };
    this.payouts[index] = leaf;
    return leaf;
  }

  payoutTree = (): Tree => new Tree(this.payouts.map((leaf) => payoutHash(this.at.pool, leaf)));
  marketTree = (): Tree => new Tree(this.markets.map((leaf) => marketHash(this.at.pool, leaf)));

  body(change: BodyChange = {}): CommitBody {
    const { epoch, floor } = this.pool;
    return {
      epoch: epoch + 1n,
      floor,
      asOf: this.chain.now,
      validUntil: this.chain.now + 60n,
      allocated: this.markets.reduce((sum, { allocated }) => sum + allocated, 0n),
      leafCount: BigInt(this.payouts.length),
      payoutRoot: root(this.payoutTree()),
      marketRoot: root(this.marketTree()),
      logRoot: testHash("log"),
      leafFileHash: testHash("leaf file"),
      ...change,
    } as CommitBody;
  }

  context(change: Partial<CommitContext> = {}): CommitContext {
    const { setVersion, cluster } = this.networkAccount;
    const [program, network, pool] = [this.at.program, this.at.network, this.at.pool].map(keyOf) as Keys;
    return { program, cluster, network, pool, setVersion, previousDigest: this.pool.digest, ...change };
  }

  /** What attestors sign where they sign this body. */
  message = (body: CommitBody, context: Partial<CommitContext> = {}): Uint8Array =>
    signedBytes("commit", commitDigest(sha256, { context: this.context(context), body }));

  /** The precompile's instruction, signed by the first `threshold` attestors or by whom is given. */
  signed = (message: Uint8Array, signers: readonly AttestorKey[] = this.signers): Instruction =>
    signaturesInstruction(
      message,
      signers.map((key) => key.sign(message)),
    );

  get signers(): readonly AttestorKey[] {
    return this.attestors.slice(0, this.networkAccount.current.threshold);
  }

  commit(change: BodyChange = {}, signers?: readonly AttestorKey[]): Instruction[] {
    const body = this.body(change);
    return [this.signed(this.message(body), signers), commit(this.at, body)];
  }

  openPage = (number = 0n): ProgramInstruction => openPage(this.at, this.chain.payer, number);

  claim(index: number): ProgramInstruction {
    return claim(this.at, this.payouts[index] as PayoutLeaf, this.payoutTree().proof(index));
  }

  claimMany(first: number, height: number): ProgramInstruction {
    const leaves = this.payouts.slice(first, first + 2 ** height);
    return claimMany(this.at, { leaves, height, proof: this.payoutTree().proof(first >>> height, height) });
  }

  close = (market: TestMarket): ProgramInstruction => requestClose(this.at, market.requester, market.address);

  /** By the market's leaf in the last commit, or without one. */
  refund(market: TestMarket): ProgramInstruction {
    const { openedAt } = this.marketAccount(market);
    const { address, refundTo, rentPayer } = market;
    const place = this.markets.findIndex((leaf) => leaf.market === address && leaf.openedAt === openedAt);
    const leaf = this.markets[place];
    const isNew = leaf === undefined;
    return refund(this.at, {
      market: address,
      refundTo,
      rentPayer,
      allocated: isNew ? 0n : leaf.allocated,
      position: isNew ? 0n : BigInt(place),
      proof: isNew ? [] : this.marketTree().proof(place),
    });
  }

  windDown = (): ProgramInstruction => windDown(this.at);

  rotation(keys: readonly AttestorKey[], threshold: number, validFor = 60n): { data: Uint8Array; digest: Bytes32 } {
    const attestors = { threshold, keys: keys.map(({ address }) => keyOf(address)) };
    const rotation = { validUntil: this.chain.now + validFor, attestors };
    const { setVersion, proposals, cluster } = this.networkAccount;
    const [program, network] = [keyOf(this.at.program), keyOf(this.at.network)];
    const digest = rotationDigest(sha256, { program, cluster, network, setVersion, proposals }, rotation);
    return { data: encodeRotation(rotation), digest };
  }

  propose({ data, digest }: { data: Uint8Array; digest: Bytes32 }, signers?: readonly AttestorKey[]): Instruction[] {
    return [
      this.signed(signedBytes("rotate", digest), signers),
      proposeRotation(this.chain.program, this.network, data),
    ];
  }

  activate = (digest: Bytes32, signers: readonly AttestorKey[]): Instruction[] => [
    this.signed(signedBytes("rotate", digest), signers),
    activateRotation(this.chain.program, this.network),
  ];

  cancel = (digest: Bytes32, signers?: readonly AttestorKey[]): Instruction[] => [
    this.signed(signedBytes("cancel", digest), signers),
    cancelRotation(this.chain.program, this.network),
  ];
}

type Keys = [program: Bytes32, network: Bytes32, pool: Bytes32];

/** Amounts as tests write them. */
export type BodyChange = Partial<Omit<CommitBody, "allocated"> & { readonly allocated: bigint }>;

let shared: Chain | undefined;
let escrows = 0;

/** A network of its own on a chain that the file's tests share: deploying the program takes longer than most of them. */
export function freshEscrow(options: EscrowOptions = {}): Escrow {
  shared ??= new Chain();
  return new Escrow(shared, { name: `escrow ${escrows++}`, ...options });
}

export const root = (tree: Tree): Bytes32 => bytes32(Uint8Array.from(tree.root));
