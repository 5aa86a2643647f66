import { Attestor } from "#src/attestor/attestor";
import type { ChainSource } from "#src/attestor/chain-source";
import { SignedMessages } from "#src/attestor/delivery";
import { eventText } from "#src/attestor/events";
import type { AttestorFolder } from "#src/attestor/folder";
import { decodeKept, encodeKept, type KeptCommit } from "#src/attestor/kept-commit";
import { KeptCommits } from "#src/attestor/kept-commits";
import type { CommitSource, LogSource, ShownCommit } from "#src/attestor/log-source";
import { decodeLane, encodeLane, type StoredLane } from "#src/attestor/stored-lane";
import { type Bytes32, bytes32, toHex } from "#src/core/bytes";
import { commitDigest, decodeCommit } from "#src/core/commit/commit-message";
import { isEarnestError } from "#src/core/errors";
import type { MarketId } from "#src/core/market-id";
import type { Signer } from "#src/engine/context";
import type { CommitView } from "#src/engine/types";
import { decodeSigned, encodeSigned, type SignedMessage } from "#src/market/settlement/signed-once";
import { Random } from "../../crash/random.ts";
import { SimulatedRail } from "../chain/rail.ts";
import { noSandbox, sha256, verify } from "./crypto.ts";
import type { ApiNode } from "./node.ts";
import type { World } from "./parts.ts";

type Folder = Pick<
  AttestorFolder,
  | "signed"
  | "storeSigned"
  | "leafFile"
  | "lane"
  | "storeLane"
  | "commits"
  | "storeCommit"
  | "storeLeafFile"
  | "removeCommit"
>;

/** A folder whose files are durable once they are said to be, and which outlives its process. */
class Disk {
  readonly #files = new Map<string, Uint8Array>();

  folder(world: World, isAlive: () => boolean): Folder {
    const files = this.#files;
    const work = async <T>(what: () => T): Promise<T> => {
      await world.scheduler.sleep(world.random.between(0, 8));
      // Whose process is gone writes nothing, and hears of nothing.
      if (!isAlive()) return await new Promise(() => undefined);
      return what();
    };
    const write = (name: string, bytes: Uint8Array): Promise<void> => work(() => void files.set(name, bytes));
    const laneName = (market: MarketId, lane: number): string => `lanes/${market}-${lane}`;
    return {
      signed: () => work(() => decodeSigned(files.get("signed") ?? encodeSigned([]))),
      storeSigned: (signed: readonly SignedMessage[]) => write("signed", encodeSigned(signed)),
      leafFile: (digest) => work(() => files.get(`${toHex(digest)}.leaves`) ?? null),
      storeLeafFile: (digest, bytes) => write(`${toHex(digest)}.leaves`, bytes),
      storeCommit: (digest, kept) => write(`${toHex(digest)}.commit`, encodeKept(kept)),
      lane: (market, lane) =>
        work(() => {
          const bytes = files.get(laneName(market, lane));
          return bytes === undefined ? null : decodeLane(bytes);
        }),
      storeLane: (stored: StoredLane) => write(laneName(stored.state.market, stored.state.lane), encodeLane(stored)),
      commits: () =>
        work(() =>
          [...files].flatMap(([name, bytes]): KeptCommit[] => {
            const kept = name.endsWith(".commit") ? decodeKept(bytes) : null;
            return kept === null ? [] : [kept];
          }),
        ),
      removeCommit: (digest) =>
        work(() => {
          for (const kind of ["commit", "leaves"]) files.delete(`${toHex(digest)}.${kind}`);
        }),
    };
  }
}

const pollMs = 1_500;
const graceMs = 20_000;

/** An attestor: what it replays, checks, keeps and signs is the real one; its disk, its node and its way are simulated. */
export class AttestorNode {
  readonly name: string;
  readonly signer: Signer;
  readonly #world: World;
  readonly #nodes: readonly ApiNode[];
  readonly #disk = new Disk();
  readonly #peers: AttestorNode[] = [];
  #kept: KeptCommits | null = null;
  #start = 0;

  constructor(world: World, place: number, signer: Signer, nodes: readonly ApiNode[]) {
    this.name = `attestor ${place}`;
    this.signer = signer;
    this.#world = world;
    this.#nodes = nodes;
  }

  get isUp(): boolean {
    return this.#kept !== null;
  }

  meet(peers: readonly AttestorNode[]): void {
    this.#peers.push(...peers.filter((peer) => peer !== this));
  }

  start(): void {
    this.#run(++this.#start).catch((error: unknown) => {
      this.#world.trace.fail(this.name, `ended: ${String(error)}`);
    });
  }

  kill(): void {
    this.#start++;
    this.#kept = null;
    this.#world.trace.say(this.name, "dies");
  }

  async #run(start: number): Promise<void> {
    const { chain, scheduler, trace } = this.#world;
    const isAlive = (): boolean => start === this.#start;
    const folder = this.#disk.folder(this.#world, isAlive);
    const { place } = chain;
    const kept = await KeptCommits.open({ folder, hash: sha256, verify, pool: place.pool, keep: 100 });
    this.#kept = kept;
    const shared = {
      chain: this.#chain(isAlive),
      kept,
      peers: this.#peers.map((peer) => peer.#shown(isAlive)),
      clock: () => Math.floor(scheduler.nowMs),
      tell: (event: Parameters<typeof eventText>[0]) => {
        trace.say(this.name, eventText(event));
        // An honest operator gives nobody a reason: a message that passed its time meanwhile is none of its own.
        if (event.type === "refused" && !/EXPIRED|SIGNED_ANOTHER|WRONG_EPOCH/.test(event.difference.code)) {
          trace.fail(this.name, eventText(event));
        }
      },
    };
    const pins = { ...place, programHash: place.program, key: this.signer.publicKey };
    const source = this.#source(isAlive);
    const attestor = await Attestor.open({
      ...shared,
      source,
      folder,
      sandbox: noSandbox,
      pins,
      signer: this.signer,
      hash: sha256,
      verify,
    });
    const messages = new SignedMessages({ ...shared, graceMs });
    while (isAlive()) {
      await this.#attempt(async () => {
        const seen = await attestor.step();
        await messages.step(seen);
      });
      await scheduler.sleep(pollMs);
    }
  }

  async #attempt(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      const isOfTheWay = error instanceof Error && (error.name === "Unanswered" || isEarnestError(error));
      if (isOfTheWay) this.#world.trace.say(this.name, `waits: ${error.message}`);
      else this.#world.trace.fail(this.name, `fails: ${String(error)} ${(error as Error).stack}`);
    }
  }

  #chain(isAlive: () => boolean): ChainSource {
    const { chain, weather, random } = this.#world;
    const rail = new SimulatedRail(chain, {
      random: new Random(random.between(0, 2 ** 31)),
      isAlive,
      delayMs: () => weather.delayMs(),
      get lossShare() {
        return weather.chainLoss;
      },
    });
    return {
      async view() {
        const view = await rail.readPool();
        return { view, marketOf: new Map(view.markets.map(({ account, market }) => [toHex(account), market])) };
      },
      async poolNow() {
        const { clock, pool, network } = await rail.readPool();
        return { clock, epoch: pool.epoch, digest: pool.digest, attestors: network.attestors };
      },
      blockHash: async () => null,
      tokenAccountOf: (wallet) => chain.tokenAccountOf(wallet),
      send: (message) => rail.deliver(message),
    };
  }

  /** The operator's server, whichever of its processes answers. */
  #source(isAlive: () => boolean): LogSource {
    const { random } = this.#world;
    const node = (): ApiNode => random.pick(this.#nodes);
    const living = async <T>(asked: Promise<T>): Promise<T> => {
      const answer = await asked;
      return isAlive() ? answer : await new Promise(() => undefined);
    };
    const orNull = async <T>(asked: Promise<T>): Promise<T | null> => {
      try {
        return await living(asked);
      } catch (error) {
        if (isEarnestError(error, "COMMIT_NOT_FOUND")) return null;
        throw error;
      }
    };
    return {
      commits: async () =>
        (await living(node().call(this.name, "commits", ({ engine }) => engine.listCommits({ limit: 8 })))).items.map(
          shown,
        ),
      commit: async (digest) => {
        const found = await orNull(node().call(this.name, "commit", ({ engine }) => engine.commit(digest)));
        return found === null ? null : shown(found);
      },
      leafFile: (digest) => orNull(node().call(this.name, "leaf file", ({ engine }) => engine.leafFile(digest))),
      records: async ({ market, lane, from, limit }) => {
        const asked = node().call(this.name, "log", ({ engine }) => engine.wholeLog(market, lane, from, limit));
        return (await living(asked)).records;
      },
      content: async (market, task) => {
        return (await living(node().call(this.name, "task", ({ engine }) => engine.task(market, task)))).content;
      },
      sign: async (digest, signature) => {
        await living(node().call(this.name, "signature", ({ engine }) => engine.signCommit(digest, signature)));
      },
      refuse: async (said, signature) => {
        await living(node().call(this.name, "outcome", ({ engine }) => engine.refuseCommit(said, signature)));
      },
    };
  }

  /** What this one shows the others. */
  #shown(isAlive: () => boolean): CommitSource {
    const { scheduler, weather } = this.#world;
    const away = async (): Promise<KeptCommits> => {
      await scheduler.sleep(weather.delayMs());
      if (!isAlive()) return await new Promise(() => undefined);
      if (this.#kept === null) throw new Error(`${this.name} is away`);
      return this.#kept;
    };
    const shownOf = async (digest: Bytes32): Promise<ShownCommit | null> => {
      const found = (await away()).get(digest);
      return found === null ? null : { ...found, state: "proposed" };
    };
    return {
      commits: async () => (await away()).list().map((each) => ({ ...each, state: "proposed" })),
      commit: shownOf,
      leafFile: async () => {
        await away();
        return null;
      },
    };
  }
}

function shown({ message, state, signatures }: CommitView): ShownCommit {
  const decoded = decodeCommit(message);
  return {
    digest: commitDigest(sha256, decoded),
    message: decoded,
    state,
    signatures: signatures.map(({ key, signature }) => ({ key: bytes32(key), signature })),
  };
}
