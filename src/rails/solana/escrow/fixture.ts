import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { type Address, generateKeyPairSigner, type KeyPairSigner } from "@solana/kit";
import { type Amount, amount } from "../../../core/amount.ts";
import { type Bytes32, bytes32, fromBase58, toBase58 } from "../../../core/bytes.ts";
import type { AttestorSignature } from "../../../core/commit/attestors.ts";
import { type CommitBody, commitDigest, signedBytes } from "../../../core/commit/commit-message.ts";
import { marketTree, payoutTree } from "../../../core/commit/epoch-trees.ts";
import type { Hash } from "../../../core/hash.ts";
import type { MarketId } from "../../../core/market-id.ts";
import type { MarketLeaf, PayoutLeaf } from "../../../core/merkle/leaves.ts";
import type { MerkleTree } from "../../../core/merkle/tree.ts";
import { startTestLocalnet, type TestLocalnet } from "../../localnet/fixture.ts";
import { createSolanaClient, type SolanaClient } from "../client.ts";
import { localnetProgram, readProgramFile } from "../program/program-file.ts";
import { createMint, type Mint, mintTo, requestSol } from "../tokens.ts";
import { readMarket, readPoolNow } from "./accounts.ts";
import { type ClaimSource, destinationOf } from "./claims.ts";
import { commitContextOf, type SignedCommit } from "./commits.ts";
import { type Escrow, openEscrow } from "./escrow.ts";
import { ensureMarket, type MarketProof, payIn } from "./markets.ts";
import { ensureNetwork } from "./networks.ts";
import { ensurePool, type OpenPool } from "./pools.ts";
import { composeRotation, type Rotation, sendActivation, sendProposal } from "./rotations.ts";

export const testHash: Hash = (bytes) => bytes32(new Uint8Array(createHash("sha256").update(bytes).digest()));

const named = (name: string): Bytes32 => testHash(new TextEncoder().encode(name));

export const testMarketId = (name: string): MarketId =>
  Buffer.from(named(name)).toString("hex").slice(0, 32) as MarketId;

export interface TestAttestor {
  readonly key: Bytes32;
  readonly address: Address;
  sign(message: Uint8Array): AttestorSignature;
}

/** RFC 8410: what stands before the 32 bytes of a private key. */
const privateKeyHeader = Buffer.from("302e020100300506032b657004220420", "hex");

export function testAttestor(name: string): TestAttestor {
  const der = Buffer.concat([privateKeyHeader, named(`attestor ${name}`)]);
  const secret: KeyObject = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const raw = createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32);
  const key = bytes32(new Uint8Array(raw));
  const address = toBase58(key) as Address;
  return { key, address, sign: (message) => ({ key, signature: new Uint8Array(sign(null, message, secret)) }) };
}

export const testDelays = {
  refundDelaySeconds: 60,
  deadAfterSeconds: 3_600,
  rotationDelaySeconds: 600,
  maxValiditySeconds: 300,
};

/** A chain with a clock that only tests move: whoever waits for it makes it pass. */
export class TestClock {
  #now = 1_800_000_000_000;
  readonly now = (): number => this.#now;
  readonly pass = (ms: number): Promise<void> => {
    this.#now += Math.ceil(ms);
    return Promise.resolve();
  };
}

/** A network with one pool on a localnet of its own, and the ledger of an operator that nobody has to trust. */
export class TestEscrow {
  readonly net: TestLocalnet;
  readonly clock: TestClock;
  readonly client: SolanaClient;
  readonly operator: KeyPairSigner;
  readonly mint: Mint;
  readonly escrow: Escrow;
  readonly pool: OpenPool;
  attestors: readonly TestAttestor[];
  readonly payouts: PayoutLeaf[] = [];
  markets: MarketLeaf[] = [];

  private constructor(parts: Pick<TestEscrow, "net" | "clock" | "client" | "operator" | "mint" | "escrow" | "pool">) {
    this.net = parts.net;
    this.clock = parts.clock;
    this.client = parts.client;
    this.operator = parts.operator;
    this.mint = parts.mint;
    this.escrow = parts.escrow;
    this.pool = parts.pool;
    this.attestors = testAttestors;
  }

  static async start(): Promise<TestEscrow> {
    const clock = new TestClock();
    const net = await startTestLocalnet({ clock: clock.now });
    return TestEscrow.on(net, createSolanaClient({ rpcUrl: net.rpcUrl, sleep: clock.pass }), clock);
  }

  /** On a localnet that runs already. */
  static async on(net: TestLocalnet, client: SolanaClient, clock = new TestClock()): Promise<TestEscrow> {
    const operator = await generateKeyPairSigner();
    await requestSol(client, operator.address, 1_000_000_000_000n);
    const mint = await createMint(client, operator, 6);
    const { sha256 } = readProgramFile();
    const escrow = await openEscrow({ client, program: localnetProgram, cluster: null, sha256, payer: operator });
    const network = await ensureNetwork(escrow, operator, testTerms(escrow.cluster, operator.address));
    const pool = await ensurePool(escrow, { network: network.address, mint: mint.address as Address, number: 0 });
    return new TestEscrow({ net, clock, client, operator, mint, escrow, pool });
  }

  async close(): Promise<void> {
    await this.net.close();
    this.net.remove();
  }

  /** The same escrow over another URL: through a proxy, say. */
  through(rpcUrl: string, options: { readonly callTimeoutMs?: number; readonly attempts?: number } = {}): Escrow {
    const client = createSolanaClient({ rpcUrl, sleep: this.clock.pass, ...options });
    return { ...this.escrow, client };
  }

  async wallet(tokens = 0n): Promise<KeyPairSigner> {
    const signer = await generateKeyPairSigner();
    if (tokens > 0n) await mintTo(this.client, this.operator, this.mint, signer.address, amount(tokens));
    return signer;
  }

  /** A market of a new requester with this much deposited. */
  async market(name: string, deposit: bigint): Promise<{ address: Address; requester: KeyPairSigner }> {
    const requester = await this.wallet(deposit);
    return { address: await this.marketOf(name, requester, deposit), requester };
  }

  async marketOf(name: string, requester: KeyPairSigner, deposit: bigint): Promise<Address> {
    const opening = { requester, id: testMarketId(name), specHash: named(`spec ${name}`) };
    const address = await ensureMarket(this.escrow, this.pool.at, opening);
    await payIn(this.escrow, this.pool.at, { market: address, owner: requester, amount: amount(deposit) });
    return address;
  }

  /** The same network, in another pool, which has no leaves yet. */
  inPool(pool: OpenPool): TestEscrow {
    const { net, clock, client, operator, mint, escrow } = this;
    return new TestEscrow({ net, clock, client, operator, mint, escrow, pool });
  }

  async allocate(market: Address, allocated: bigint): Promise<void> {
    const { openedAt } = await readMarket(this.escrow, market, "confirmed");
    const account = bytes32(fromBase58(market));
    const others = this.markets.filter((each) => toBase58(each.account) !== market);
    const leaf = { account, openedAt: Number(openedAt), allocated: amount(allocated) };
    this.markets = [...others, leaf].toSorted((a, b) => Buffer.compare(a.account, b.account));
  }

  /** The next leaf, of this wallet. */
  pay(wallet: Address, cumulative: bigint, held = 0n): PayoutLeaf {
    const destination = destinationOf(this.pool.at, wallet);
    const leaf = { index: this.payouts.length, destination, cumulative: amount(cumulative), held: amount(held) };
    this.payouts.push(leaf);
    return leaf;
  }

  /** From now on others sign: the present attestors propose them, and after the delay they take over. */
  async rotate(attestors: readonly TestAttestor[]): Promise<void> {
    const { network } = this.pool.at;
    const signed = (signers: readonly TestAttestor[], { message }: Rotation) =>
      signers.slice(0, 2).map((each) => ({ key: each.address, signature: each.sign(message).signature }));
    const validUntil = BigInt(Math.floor(this.clock.now() / 1000) + 100);
    const set = { threshold: 2, keys: attestors.map(({ address }) => address) };
    const rotation = await composeRotation(this.escrow, network, set, validUntil);
    await sendProposal(this.escrow, rotation, signed(this.attestors, rotation));
    await this.clock.pass(1_000 * (testDelays.rotationDelaySeconds + 5));
    await sendActivation(this.escrow, rotation, signed(attestors, rotation));
    this.attestors = attestors;
  }

  /** The token account that a leaf names. */
  destination(index: number): Address {
    return toBase58((this.payouts[index] as PayoutLeaf).destination) as Address;
  }

  /** As an attestor has it: the tree of the present payouts. */
  get source(): ClaimSource {
    const tree = payoutTree(testHash, this.#poolBytes, this.payouts);
    const leaves = [...this.payouts];
    return {
      root: tree.root(),
      depth: tree.depth,
      leaf: (index) => leaves[index] ?? null,
      proof: (index, height) => tree.proof(index, height),
    };
  }

  get #poolBytes(): Bytes32 {
    return bytes32(fromBase58(this.pool.at.pool));
  }

  get #marketTree(): MerkleTree {
    return marketTree(testHash, this.#poolBytes, this.markets);
  }

  marketProof(market: Address): MarketProof {
    const at = this.markets.findIndex((each) => toBase58(each.account) === market);
    const { position, siblings } = this.#marketTree.proof(at);
    return { allocated: (this.markets[at] as MarketLeaf).allocated, position, siblings };
  }

  /** The next epoch's message, signed by as many attestors as have to. */
  async message(change: Partial<CommitBody> = {}, signers = this.attestors.slice(0, 2)): Promise<SignedCommit> {
    const at = await readPoolNow(this.escrow, this.pool.at, "confirmed");
    const allocated = this.markets.reduce((sum, each) => sum + each.allocated, 0n) as Amount;
    const body: CommitBody = {
      epoch: at.pool.epoch + 1n,
      floor: at.pool.floor,
      asOf: at.now,
      validUntil: at.now + 120n,
      allocated,
      leafCount: BigInt(this.payouts.length),
      payoutRoot: this.source.root,
      marketRoot: this.#marketTree.root(),
      logRoot: named("log"),
      leafFileHash: named("leaf file"),
      ...change,
    };
    const digest = commitDigest(testHash, { context: commitContextOf(this.escrow, this.pool.at, at), body });
    return { body, digest, signatures: signers.map((each) => each.sign(signedBytes("commit", digest))) };
  }
}

export const testAttestors: readonly TestAttestor[] = ["ann", "bob", "cid"].map(testAttestor);

export const testTerms = (cluster: string, operator: Address) => ({
  id: 1n,
  operator,
  cluster: bytes32(fromBase58(cluster)),
  ...testDelays,
  attestors: { threshold: 2, keys: testAttestors.map((each) => each.address) },
});
