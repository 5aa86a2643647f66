import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AttestorWorld, lastWord, type TestedAttestor, type WorldLane } from "../../test/support/attestor-world.ts";
import { named } from "../../test/support/market-hash.ts";
import { equalBytes, toHex } from "../core/bytes.ts";
import { testAttestors } from "../rails/solana/escrow/fixture.ts";
import { SignedMessages } from "./delivery.ts";
import { AttestorFolder } from "./folder.ts";
import type { LogSource } from "./log-source.ts";

let world: AttestorWorld;
let lane: WorldLane;
const begin = async (): Promise<void> => {
  world = await AttestorWorld.start();
  lane = await world.market();
  lane.join(1, 2, 3, 4);
  lane.work(1, 2, 3);
};
const end = (): Promise<void> => world.close();
const anew = (): void => {
  beforeEach(begin);
  afterEach(end);
};

const signers = (place = 0): string[] => (world.published[place]?.signatures ?? []).map(({ key }) => toHex(key));

const ownKey = (place: number): string => toHex((testAttestors[place] as (typeof testAttestors)[0]).key);

describe("an attestor that is killed", () => {
  // Nothing lands here, and each attestor is a new one.
  beforeAll(begin);
  afterAll(end);
  const points = ["storeLeafFile", "storeCommit", "storeSigned", "sign", "keepSignature", "post"] as const;

  /** Runs into the point and stays there; what was written before is on the disk. */
  async function killedAt(point: (typeof points)[number]): Promise<TestedAttestor> {
    const source = world.source();
    const self = testAttestors[0] as (typeof testAttestors)[0];
    let commits = 0;
    let reach = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const never = <T>(): Promise<T> => {
      reach();
      return new Promise<T>(() => undefined);
    };
    const ann = await world.attestor(0, {
      source: point === "post" ? { ...source, sign: never } : source,
      ...(point === "sign" && { signer: { publicKey: self.key, sign: never } }),
    });
    const { folder } = ann;
    if (point === "storeLeafFile" || point === "storeSigned") folder[point] = never;
    const storeCommit = folder.storeCommit.bind(folder);
    folder.storeCommit = (digest, kept) => {
      commits++;
      const isPoint = (point === "storeCommit" && commits === 1) || (point === "keepSignature" && commits === 2);
      return isPoint ? never() : storeCommit(digest, kept);
    };
    await Promise.race([reached, ann.attestor.step()]);
    folder.close();
    return ann;
  }

  it.each(points)("at %s goes on where it was, and signs one message", async (point) => {
    await world.propose();
    const { path } = await killedAt(point);
    const again = await world.attestor(0, { path });
    await again.attestor.step();
    expect(signers()).toContain(ownKey(0));
    await again.attestor.step();
    expect(new Set(signers())).toEqual(new Set([ownKey(0)]));
  });

  it.each(points)("at %s signs no other message of the epoch once it may have signed one", async (point) => {
    await world.propose();
    const { path } = await killedAt(point);
    lane.work(1, 2, 4);
    await world.propose();
    const again = await world.attestor(0, { path });
    await again.attestor.step();
    const mayHaveSigned = ["sign", "keepSignature", "post"].includes(point);
    expect(lastWord(again)).toBe(mayHaveSigned ? "refused SIGNED_ANOTHER" : "signed");
    // Until the first one cannot land any more.
    await world.escrow.clock.pass(400_000);
    lane.work(2, 3, 4);
    await world.propose();
    await again.attestor.step();
    expect(lastWord(again)).toBe("signed");
  });
});

describe("an attestor's folder", () => {
  anew();

  it("is used by one process at a time", async () => {
    const { path } = await world.attestor(0);
    await expect(AttestorFolder.open(path)).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
  });

  it("without its record of signatures signs nothing", async () => {
    const { path, folder } = await world.attestor(0);
    folder.close();
    writeFileSync(join(path, "signed"), Uint8Array.of(1, 2, 3));
    await expect(world.attestor(0, { path })).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
  });

  it("on a full disk makes it abstain, until there is room", async () => {
    await world.propose();
    const ann = await world.attestor(0);
    const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    const storeLeafFile = ann.folder.storeLeafFile.bind(ann.folder);
    const storeSigned = ann.folder.storeSigned.bind(ann.folder);
    ann.folder.storeLeafFile = () => Promise.reject(full);
    await ann.attestor.step();
    expect(lastWord(ann)).toBe("abstained LEAF_FILE_NOT_STORED");
    ann.folder.storeLeafFile = storeLeafFile;
    ann.folder.storeSigned = () => Promise.reject(full);
    await world.escrow.clock.pass(60_000);
    await ann.attestor.step();
    expect(lastWord(ann)).toBe("abstained OWN_MACHINE_FAILED");
    expect(signers()).toEqual([]);
    expect(world.outcomes.map(({ code }) => code)).toEqual(["LEAF_FILE_NOT_STORED", "OWN_MACHINE_FAILED"]);
    ann.folder.storeSigned = storeSigned;
    await world.escrow.clock.pass(60_000);
    await ann.attestor.step();
    expect(signers()).toEqual([ownKey(0)]);
  });
});

describe("an attestor", () => {
  anew();

  it("goes on after the server was away in the middle of a lane", async () => {
    await world.propose();
    const source = world.source();
    let calls = 0;
    const records: LogSource["records"] = (asked) =>
      calls++ === 1 ? Promise.reject(new Error("the server is away")) : source.records(asked);
    const ann = await world.attestor(0, { source: { ...source, records } });
    await ann.attestor.step();
    expect(lastWord(ann)).toBe("abstained LOG_NOT_SHOWN");
    expect(world.outcomes.at(-1)).toMatchObject({ outcome: "abstain", what: "the server is away" });
    await world.escrow.clock.pass(1_000);
    await ann.attestor.step();
    expect(lastWord(ann)).toBe("signed");
  });

  it("posts its signature again where the server did not get it", async () => {
    await world.propose();
    const source = world.source();
    let isAway = true;
    const sign: LogSource["sign"] = (...given) =>
      isAway ? Promise.reject(new Error("the server is away")) : source.sign(...given);
    const ann = await world.attestor(0, { source: { ...source, sign } });
    await expect(ann.attestor.step()).rejects.toThrow("away");
    isAway = false;
    await ann.attestor.step();
    expect(signers()).toEqual([ownKey(0)]);
  });

  it("goes on from stored lanes after a restart, without the entries before", async () => {
    await world.propose();
    const ann = await world.attestor(0);
    await ann.attestor.step();
    world.signBy(world.published[0] as (typeof world.published)[0], 1);
    await world.land();
    await ann.attestor.replay.storeLanes(true);
    ann.folder.close();
    lane.work(1, 2, 4);
    await world.propose();
    const source = world.source();
    const asked: number[] = [];
    const records: LogSource["records"] = (given) => {
      asked.push(given.from);
      return source.records(given);
    };
    const again = await world.attestor(0, { path: ann.path, source: { ...source, records } });
    await again.attestor.step();
    expect(lastWord(again)).toBe("signed");
    expect(Math.min(...asked)).toBe((world.published[1]?.leaves.lanes[0]?.size ?? 0) + 1);
  });

  it("that comes late takes the last commit's leaves from the server, and believes their hash", async () => {
    await world.propose();
    world.signBy(world.published[0] as (typeof world.published)[0], 0, 1);
    await world.land();
    lane.work(1, 2, 4);
    await world.propose();
    const source = world.source();
    const first = (world.published[1] as (typeof world.published)[0]).digest;
    const lying: LogSource = {
      ...source,
      leafFile: async (digest) => {
        const bytes = (await source.leafFile(digest)) as Uint8Array;
        return equalBytes(digest, first) ? bytes.map((byte, i) => (i === 100 ? byte ^ 1 : byte)) : bytes;
      },
    };
    const cid = await world.attestor(2, { source: lying });
    await cid.attestor.step();
    expect(lastWord(cid)).toBe("abstained PREVIOUS_UNKNOWN");
    const dan = await world.attestor(2);
    await dan.attestor.step();
    expect(lastWord(dan)).toBe("signed");
    // It can prove that commit now, too.
    expect(dan.kept.get(first)).not.toBeNull();
  });

  it("refuses an old message that is shown again", async () => {
    const old = await world.propose();
    const ann = await world.attestor(0);
    await ann.attestor.step();
    world.signBy(old, 1);
    await world.land();
    lane.work(1, 2, 4);
    const next = await world.propose();
    world.signBy(next, 0, 1);
    await world.land(next);
    old.state = "proposed";
    world.published.reverse();
    const cid = await world.attestor(2);
    await cid.attestor.step();
    expect(lastWord(cid)).toBe("refused WRONG_EPOCH");
  });

  it("refuses what is credited without a deposit, and what is paid from another's escrow", async () => {
    lane.lane.do({
      type: "input",
      record: { entry: { kind: "funded", amount: 5n as never, deposit: "none" }, attachment: null },
    });
    await world.propose();
    const ann = await world.attestor(0);
    await ann.attestor.step();
    expect(lastWord(ann)).toBe("refused DEPOSIT_NOT_ON_CHAIN");
  });

  it("takes no market's account for another one's", async () => {
    const thief = await world.market({ isEscrowed: false });
    await world.enterEscrow(thief, lane.account);
    thief.join(3, 4, 5);
    thief.work(3, 4, 5);
    await world.propose();
    const ann = await world.attestor(0);
    await ann.attestor.step();
    expect(lastWord(ann)).toBe("refused MARKET_WITHOUT_ESCROW");
  });

  it("pays nobody elsewhere without the contributor's own signature", async () => {
    const publicKey = named("another wallet");
    lane.payTo(world.pool, 1, publicKey);
    await world.propose();
    const ann = await world.attestor(0);
    await ann.attestor.step();
    expect(lastWord(ann)).toBe("signed");
    const forger = { publicKey, sign: () => new Uint8Array(64) };
    lane.payTo(world.pool, 2, publicKey, forger);
    await world.escrow.clock.pass(400_000);
    await world.propose();
    await ann.attestor.step();
    expect(lastWord(ann)).toBe("refused ENTRY_DIFFERS");
  });
});

describe("two histories", () => {
  anew();

  it("shown to two attestors get at most one of them enough signatures", async () => {
    const first = await world.propose();
    const ann = await world.attestor(0);
    await ann.attestor.step();
    // To everybody else the operator shows a past in which another one worked.
    const other = await world.openLane(lane.market, lane.requester, lane.account);
    other.join(1, 2, 3, 4);
    other.work(1, 2, 4);
    world.lanes[0] = other;
    world.epoch = 0;
    const second = await world.propose();
    const bob = await world.attestor(1);
    await bob.attestor.step();
    expect(first.digest).not.toEqual(second.digest);
    expect([first.signatures.length, second.signatures.length]).toEqual([1, 1]);
    for (const each of [first, second]) {
      await expect(world.land(each)).rejects.toMatchObject({ context: { error: "SIGNATURES_TOO_FEW" } });
    }
    // The third decides, and only once.
    const cid = await world.attestor(2);
    await cid.attestor.step();
    world.published.reverse();
    [first.state, second.state] = ["proposed", "expired"];
    world.lanes[0] = lane;
    await cid.attestor.step();
    expect(lastWord(cid)).toBe("refused LANE_DIFFERS");
    expect([first.signatures.length, second.signatures.length]).toEqual([1, 2]);
    await world.land(second);
    // Whoever followed the other history says from now on where it goes another way.
    world.lanes[0] = other;
    world.published.reverse();
    other.work(2, 3, 4);
    await world.propose();
    await ann.attestor.step();
    expect(lastWord(ann)).toMatch(/^refused (LANE|ENTRY)_DIFFERS$/);
  });
});

describe("a signed message that the operator does not send", () => {
  anew();

  const graceMs = 30_000;

  async function signedByAll(): Promise<readonly [TestedAttestor, TestedAttestor]> {
    const ann = await world.attestor(0);
    const bob = await world.attestor(1);
    await ann.attestor.step();
    await bob.attestor.step();
    return [ann, bob];
  }

  const messagesOf = (self: TestedAttestor, peers: readonly TestedAttestor[]): SignedMessages =>
    new SignedMessages({
      chain: world.chain,
      kept: self.kept,
      peers: peers.map(({ kept }) => ({
        commits: async () => [],
        commit: async (digest) => {
          const found = kept.get(digest);
          return found === null ? null : { ...found, state: "proposed" };
        },
        leafFile: async () => null,
      })),
      graceMs,
      clock: world.escrow.clock.now,
      tell: (event) => self.events.push(event),
    });

  it("is sent by an attestor that asked another one for its signature", async () => {
    await world.propose();
    const [ann, bob] = await signedByAll();
    world.isAway = true;
    const messages = messagesOf(ann, [bob]);
    await messages.step(await world.chain.poolNow());
    expect((await world.chain.poolNow()).epoch).toBe(0n);
    await world.escrow.clock.pass(graceMs);
    await messages.step(await world.chain.poolNow());
    expect(ann.events.at(-1)).toMatchObject({ type: "sent", epoch: 1n });
    expect((await world.chain.poolNow()).epoch).toBe(1n);
    // The other one finds it done.
    const others = messagesOf(bob, [ann]);
    await others.step(await world.chain.poolNow());
    expect(lastWord(bob)).toBe("signed");
  });

  it("stays where it is with too few signatures", async () => {
    await world.propose();
    const ann = await world.attestor(0);
    await ann.attestor.step();
    const messages = messagesOf(ann, []);
    for (let i = 0; i < 3; i++) {
      await messages.step(await world.chain.poolNow());
      await world.escrow.clock.pass(graceMs);
    }
    expect((await world.chain.poolNow()).epoch).toBe(0n);
  });
});
