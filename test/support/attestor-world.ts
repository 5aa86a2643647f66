import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address, KeyPairSigner } from "@solana/kit";
import { Attestor, type AttestorOptions } from "../../src/attestor/attestor.ts";
import { type ChainSource, solanaChain } from "../../src/attestor/chain-source.ts";
import type { AttestorEvent } from "../../src/attestor/events.ts";
import { AttestorFolder } from "../../src/attestor/folder.ts";
import { KeptCommits } from "../../src/attestor/kept-commits.ts";
import type { AskedRecords, LogSource, ShownCommit, SourceRecord } from "../../src/attestor/log-source.ts";
import type { Pins } from "../../src/attestor/pins.ts";
import { amount } from "../../src/core/amount.ts";
import {
  type Bytes32,
  bytes32,
  concatBytes,
  equalBytes,
  fromBase58,
  fromHex,
  toHex,
  toUtf8,
} from "../../src/core/bytes.ts";
import type { AttestorSignature } from "../../src/core/commit/attestors.ts";
import { type CommitMessage, commitDigest, signedBytes } from "../../src/core/commit/commit-message.ts";
import { epochRoots } from "../../src/core/commit/epoch-trees.ts";
import { type EpochLeaves, writeLeafFile } from "../../src/core/commit/leaf-file.ts";
import { jsonHash, tags } from "../../src/core/hash.ts";
import type { Json } from "../../src/core/json.ts";
import { type MarketId, marketId } from "../../src/core/market-id.ts";
import type { Slot } from "../../src/core/slot.ts";
import {
  type OutcomeStatement,
  outcomeStatement,
  payToStatement,
  submissionsStatement,
} from "../../src/core/statements.ts";
import { signerFromSeed, verifyEd25519 } from "../../src/main/crypto.ts";
import { buildCommit, epochLeavesOf } from "../../src/market/settlement/build-commit.ts";
import { cutOf } from "../../src/market/settlement/lane-cut.ts";
import { payoutsOf } from "../../src/market/settlement/pool-fold.ts";
import { type MarketSpec, specText, specToJson } from "../../src/market/spec.ts";
import { readMarket } from "../../src/rails/solana/escrow/accounts.ts";
import { sendCommit } from "../../src/rails/solana/escrow/commits.ts";
import { type TestAttestor, TestEscrow, testAttestors } from "../../src/rails/solana/escrow/fixture.ts";
import { ensureMarket, payIn } from "../../src/rails/solana/escrow/markets.ts";
import { localnetProgram, readProgramFile } from "../../src/rails/solana/program/program-file.ts";
import { testSandbox } from "./engine.ts";
import { bodyFields, commands, signInOf, specWith, TestLane } from "./market.ts";
import { named, sha256 } from "./market-hash.ts";

/** A real chain with a real pool on it, and an operator who may lie. */

const deposit = 1_000_000n;

export const contributorSigner = (contributor: number) => signerFromSeed(named(`contributor ${contributor}`));
const sessionSigner = (contributor: number) => signerFromSeed(named(`session ${contributor}`));

/** A lane whose contributors sign what they do, and whose requester has its money on chain. */
export class WorldLane {
  readonly market: MarketId;
  readonly lane = new TestLane();
  readonly requester: KeyPairSigner;
  readonly account: Address;
  /** What the operator shows, which may differ from what happened. */
  shown: SourceRecord[] = [];
  #task = 0;

  constructor(market: MarketId, requester: KeyPairSigner, account: Address) {
    this.market = market;
    this.requester = requester;
    this.account = account;
  }

  join(...contributors: readonly number[]): void {
    for (const contributor of contributors) {
      const { publicKey } = contributorSigner(contributor);
      const parts = { contributor, key: publicKey, owner: named(`owner ${contributor}`), automated: false, facts: "" };
      this.lane.do(commands.input("joined", parts));
    }
  }

  /** The next task, answered by these with yes. */
  work(...contributors: readonly number[]): void {
    const task = this.#task++;
    for (const contributor of contributors) this.submit(contributor, this.lane.take(contributor, task), "yes");
  }

  submit(contributor: number, slot: Slot, answer: Json, signer = sessionSigner(contributor)): void {
    const { timeMs } = this.lane;
    const { body, bodyHash } = bodyFields(answer);
    const statement = submissionsStatement(this.market, timeMs, [{ ...slot, body: bodyHash }]);
    this.lane.do({
      type: "submit",
      contributor,
      session: sessionSigner(contributor).publicKey,
      authorisation: this.#authorisation(contributor),
      signed: { timeMs, signature: signer.sign(statement) },
      submissions: [{ slot, body, bodyHash }],
      next: 0,
    });
  }

  #authorisation(contributor: number) {
    const { publicKey, sign } = contributorSigner(contributor);
    const text = signInOf(publicKey, sessionSigner(contributor).publicKey);
    return { text, signature: sign(toUtf8(text)) };
  }

  payTo(pool: Bytes32, contributor: number, wallet: Bytes32, signer = contributorSigner(contributor)): void {
    const number = 1;
    const signature = signer.sign(payToStatement({ pool, number, wallet }));
    this.lane.do(commands.input("payTo", { contributor, number, wallet, signature }));
  }

  /** Shows all that happened since the last time. */
  show(): void {
    for (const { sequence, encoded, attachment } of this.lane.log.slice(this.shown.length)) {
      this.shown.push({ sequence, encoded, attachment });
    }
  }
}

interface Published {
  readonly message: CommitMessage;
  readonly digest: Bytes32;
  readonly leafFile: Uint8Array;
  readonly leaves: EpochLeaves;
  state: ShownCommit["state"];
  signatures: AttestorSignature[];
}

export interface PostedOutcome extends OutcomeStatement {
  readonly key: Bytes32;
  readonly isSigned: boolean;
}

export class AttestorWorld {
  readonly escrow: TestEscrow;
  readonly chain: ChainSource;
  readonly pins: Omit<Pins, "key">;
  readonly lanes: WorldLane[] = [];
  readonly published: Published[] = [];
  readonly outcomes: PostedOutcome[] = [];
  /** What the server does not answer any more. */
  isAway = false;
  epoch = 0;
  #markets = 0;
  readonly #folders: string[] = [];
  readonly #open: AttestorFolder[] = [];

  private constructor(escrow: TestEscrow) {
    this.escrow = escrow;
    this.chain = this.chainFor(escrow);
    this.pins = {
      cluster: key(escrow.escrow.cluster),
      program: key(localnetProgram),
      programHash: bytes32(fromHex(readProgramFile().sha256)),
      network: key(escrow.pool.at.network),
      pool: key(escrow.pool.at.pool),
    };
  }

  static async start(): Promise<AttestorWorld> {
    return new AttestorWorld(await TestEscrow.start());
  }

  async close(): Promise<void> {
    for (const folder of this.#open) folder.close();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
    await this.escrow.close();
  }

  chainFor({ escrow, pool }: TestEscrow): ChainSource {
    return solanaChain({ escrow, at: pool.at, sends: true });
  }

  get pool(): Bytes32 {
    return this.pins.pool;
  }

  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), "earnest-attestor-"));
    this.#folders.push(folder);
    return folder;
  }

  /** A funded market with its account on chain, open, with tasks for three answers each. */
  async market(parts: { readonly isEscrowed?: boolean; readonly id?: MarketId } = {}): Promise<WorldLane> {
    const market = parts.id ?? marketId(toHex(named(`market ${this.#markets++}`)).slice(0, 32));
    const spec = specWith();
    const requester = await this.escrow.wallet(deposit);
    const account = await this.onChain(market, requester, spec);
    const lane = await this.openLane(market, requester, account, parts.isEscrowed);
    this.lanes.push(lane);
    return lane;
  }

  /** A log of the market that begins: a second one is another history of it. */
  async openLane(market: MarketId, requester: KeyPairSigner, account: Address, isEscrowed = true): Promise<WorldLane> {
    const lane = new WorldLane(market, requester, account);
    const spec = specText(specWith());
    lane.lane.do(commands.input("created", { market, lane: 0, requester: named("requester"), spec }));
    lane.lane.do(commands.funded(deposit));
    if (isEscrowed) await this.enterEscrow(lane, account);
    lane.lane.do(commands.input("opened", {}));
    lane.lane.do(commands.batch(0, 60));
    return lane;
  }

  async onChain(id: MarketId, requester: KeyPairSigner, spec: MarketSpec): Promise<Address> {
    const { escrow, pool } = this.escrow;
    const specHash = jsonHash(sha256, tags.spec, specToJson(spec));
    const account = await ensureMarket(escrow, pool.at, { requester, id, specHash });
    await payIn(escrow, pool.at, { market: account, owner: requester, amount: amount(deposit) });
    return account;
  }

  async enterEscrow(lane: WorldLane, account: Address): Promise<void> {
    const { openedAt } = await readMarket(this.escrow.escrow, account, "finalized");
    lane.lane.do(commands.input("escrowed", { account: key(account), openedAt: Number(openedAt) }));
  }

  /** Cuts all lanes, and shows what attestors are to sign. */
  async propose(change: (message: CommitMessage) => CommitMessage = (message) => message): Promise<Published> {
    this.epoch++;
    for (const lane of this.lanes) {
      lane.lane.do(commands.input("cut", { epoch: this.epoch }));
      lane.show();
    }
    const published = await this.build(change);
    for (const each of this.published) if (each.state === "proposed") each.state = "expired";
    this.published.unshift(published);
    return published;
  }

  async build(change: (message: CommitMessage) => CommitMessage = (message) => message): Promise<Published> {
    const { view } = await this.chain.view();
    const { tokenAccountOf } = this.chain;
    const cuts = this.lanes.map((lane) => cutOf(sha256, lane.lane.state));
    const folded = payoutsOf(cuts, { operator: view.network.operator, tokenAccountOf });
    if ("code" in folded) throw new Error(folded.code);
    const escrows = this.lanes.flatMap(({ market, lane: { state } }) =>
      state.escrow === null ? [] : [{ market, ...state.escrow }],
    );
    const before = this.published.find(({ digest }) => equalBytes(digest, view.pool.digest))?.leaves;
    const previous = before?.markets ?? [];
    const asOf = view.clock;
    const leaves = epochLeavesOf(folded, { escrows, markets: view.markets, previous, asOf });
    if ("code" in leaves) throw new Error(leaves.code);
    const leafFile = concatBytes(...writeLeafFile(this.pool, Number(view.pool.epoch) + 1, leaves));
    const roots = epochRoots(sha256, this.pool, leaves);
    const parts = { pinned: this.pins, chain: view, leaves, roots, before: before?.payouts ?? [], asOf };
    const message = change(buildCommit({ ...parts, leafFileHash: sha256(leafFile) }));
    return { message, digest: commitDigest(sha256, message), leafFile, leaves, state: "proposed", signatures: [] };
  }

  /** Sends the newest message with the signatures it has. */
  async land(published = this.published[0] as Published): Promise<void> {
    const { message, digest, signatures } = published;
    await sendCommit(this.escrow.escrow, this.escrow.pool.at, { body: message.body, digest, signatures });
    published.state = "committed";
  }

  /** A message signed by attestors that are not looked at here. */
  signBy(published: Published, ...places: readonly number[]): void {
    const signers = testAttestors.filter((_, place) => places.includes(place));
    published.signatures.push(...signers.map((each) => each.sign(signedBytes("commit", published.digest))));
  }

  /** What the operator's server shows. */
  source(): LogSource {
    const up = (): void => {
      if (this.isAway) throw new Error("the server is away");
    };
    const found = (digest: Bytes32): Published | null =>
      this.published.find((each) => equalBytes(each.digest, digest)) ?? null;
    return {
      commits: async () => {
        up();
        return this.published.map((each) => ({ ...each, signatures: [...each.signatures] }));
      },
      commit: async (digest) => {
        up();
        return found(digest);
      },
      leafFile: async (digest) => {
        up();
        return found(digest)?.leafFile ?? null;
      },
      records: async ({ market, lane, from, limit }: AskedRecords) => {
        up();
        const shown = this.lanes.find((each) => each.market === market && lane === 0)?.shown ?? [];
        // Fewer than asked for, as a server may.
        return shown.slice(from - 1, from - 1 + Math.min(limit, 7));
      },
      content: async () => {
        up();
        return null;
      },
      sign: async (digest, signature) => {
        up();
        found(digest)?.signatures.push(signature);
      },
      refuse: async (said, { key: by, signature }) => {
        up();
        this.outcomes.push({ ...said, key: by, isSigned: verifyEd25519(by, outcomeStatement(said), signature) });
      },
    };
  }

  async attestor(
    place: number,
    parts: Partial<AttestorOptions> & { readonly path?: string } = {},
  ): Promise<TestedAttestor> {
    const { path = this.folder(), ...changed } = parts;
    const self = testAttestors[place] as TestAttestor;
    const pins: Pins = { ...this.pins, key: self.key, ...changed.pins };
    const folder = await AttestorFolder.open(path);
    this.#open.push(folder);
    if ((await folder.pins()) === null) await folder.storePins(pins);
    const kept = await KeptCommits.open({ folder, hash: sha256, verify: verifyEd25519, pool: this.pool, keep: 3 });
    const events: AttestorEvent[] = [];
    const attestor = await Attestor.open({
      source: this.source(),
      sandbox: testSandbox,
      chain: this.chain,
      folder,
      kept,
      signer: { publicKey: self.key, sign: (message) => self.sign(message).signature },
      hash: sha256,
      verify: verifyEd25519,
      clock: this.escrow.clock.now,
      tell: (event) => events.push(event),
      ...changed,
      pins,
    });
    return { attestor, events, kept, folder, path, key: self.key };
  }
}

export interface TestedAttestor {
  readonly attestor: Attestor;
  readonly events: AttestorEvent[];
  readonly kept: KeptCommits;
  readonly folder: AttestorFolder;
  readonly path: string;
  readonly key: Bytes32;
}

/** What was told last, in short. */
export function lastWord({ events }: TestedAttestor): string {
  const event = events.at(-1);
  if (event === undefined) return "nothing";
  return "difference" in event ? `${event.type} ${event.difference.code}` : event.type;
}

const key = (address: string): Bytes32 => bytes32(fromBase58(address));
