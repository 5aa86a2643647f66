import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AttestorWorld, lastWord, type TestedAttestor, type WorldLane } from "../../test/support/attestor-world.ts";
import { named } from "../../test/support/market-hash.ts";
import type { Entry } from "../market/entries.ts";
import { decodeEntry, encodeEntry } from "../market/entries.ts";
import type { SourceRecord } from "./log-source.ts";

/** A dishonest operator, by what it changes in the log that it shows. */

let world: AttestorWorld;
let lane: WorldLane;
beforeAll(async () => {
  world = await AttestorWorld.start();
  lane = await world.market();
  lane.join(1, 2, 3, 4);
  lane.work(1, 2, 3);
  lane.work(1, 2, 3);
  await world.propose();
});
afterAll(() => world.close());

type Change = (shown: readonly SourceRecord[]) => SourceRecord[];

/** What an attestor says that is shown another log than the one the message was made of. */
async function told(change: Change): Promise<TestedAttestor> {
  const source = world.source();
  const altered = change(lane.shown).map((record, i) => ({ ...record, sequence: i + 1 }));
  const ann = await world.attestor(0, {
    source: { ...source, records: async ({ from, limit }) => altered.slice(from - 1, from - 1 + limit) },
  });
  await ann.attestor.step();
  ann.folder.close();
  return ann;
}

const where = (kind: Entry["kind"], nth = 0): number =>
  lane.shown.flatMap(({ encoded }, i) => (decodeEntry(encoded).kind === kind ? [i] : []))[nth] as number;

const altering =
  <Kind extends Entry["kind"]>(
    kind: Kind,
    nth: number,
    alter: (entry: Extract<Entry, { kind: Kind }>) => Entry,
  ): Change =>
  (shown) =>
    shown.map((record, i) => {
      if (i !== where(kind, nth)) return record;
      return { ...record, encoded: encodeEntry(alter(decodeEntry(record.encoded) as Extract<Entry, { kind: Kind }>)) };
    });

/** The entry that an attestor named, by its place in the array. */
const accused = ({ events }: TestedAttestor): number => {
  const event = events.at(-1);
  if (event === undefined || !("difference" in event) || event.difference.place.type !== "entry") return Number.NaN;
  return event.difference.place.sequence - 1;
};

describe("an attestor refuses, and names the entry, where the operator", () => {
  it("changed a verdict", async () => {
    const ann = await told(
      altering("settled", 0, (entry) => ({
        ...entry,
        rulings: entry.rulings.map((each, i) =>
          i === 0 ? { ...each, verdict: "rejected", reason: "DISAGREES" } : each,
        ),
      })),
    );
    expect(lastWord(ann)).toBe("refused ENTRY_DIFFERS");
    expect(accused(ann)).toBe(where("settled"));
    expect(world.outcomes.at(-1)).toMatchObject({ outcome: "refuse", code: "ENTRY_DIFFERS", isSigned: true });
  });

  it("changed a label", async () => {
    const ann = await told(altering("settled", 1, (entry) => ({ ...entry, label: 1 })));
    expect(lastWord(ann)).toBe("refused ENTRY_DIFFERS");
    expect(accused(ann)).toBe(where("settled", 1));
  });

  it("dropped an entry", async () => {
    const dropped = where("submitted", 1);
    const ann = await told((shown) => shown.filter((_, i) => i !== dropped));
    expect(lastWord(ann)).toBe("refused ENTRY_DIFFERS");
  });

  it("inserted an entry", async () => {
    const at = where("settled");
    const ann = await told((shown) => [...shown.slice(0, at), shown[at] as SourceRecord, ...shown.slice(at)]);
    expect(lastWord(ann)).toBe("refused ENTRY_DIFFERS");
    expect(accused(ann)).toBe(at + 1);
  });

  it("reordered two entries", async () => {
    const at = where("submitted");
    const [first, second] = [lane.shown[at - 1], lane.shown[at]] as [SourceRecord, SourceRecord];
    const ann = await told((shown) => shown.with(at - 1, second).with(at, first));
    expect(lastWord(ann)).toBe("refused ENTRY_DIFFERS");
    expect(accused(ann)).toBe(at - 1);
  });

  it("changed an answer", async () => {
    const ann = await told(altering("submitted", 0, (entry) => ({ ...entry, body: named("another body") })));
    expect(lastWord(ann)).toBe("refused ENTRY_DIFFERS");
    expect(accused(ann)).toBe(where("submitted"));
  });

  it("signed for a contributor by itself", async () => {
    const ann = await told(altering("signed", 2, (entry) => ({ ...entry, signature: new Uint8Array(64) })));
    expect(lastWord(ann)).toBe("refused ENTRY_DIFFERS");
    expect(accused(ann)).toBe(where("signed", 2));
  });

  it("shows a log that is none", async () => {
    const ann = await told((shown) => shown.map((record) => ({ ...record, encoded: Uint8Array.of(250) })));
    expect(lastWord(ann)).toBe("refused ENTRY_DIFFERS");
    expect(accused(ann)).toBe(0);
  });

  it("shows the log of another market", async () => {
    const other = await world.market();
    other.lane.do({ type: "input", record: { entry: { kind: "cut", epoch: 1 }, attachment: null } });
    other.show();
    world.lanes.pop();
    const ann = await told(() => other.shown);
    expect(lastWord(ann)).toBe("refused ENTRY_DIFFERS");
    expect(accused(ann)).toBe(0);
  });
});

describe("an attestor refuses where all follows from the rules, and", () => {
  it("the message is of another history", async () => {
    const ann = await told(altering("created", 0, (entry) => ({ ...entry, requester: named("somebody else") })));
    expect(lastWord(ann)).toBe("refused LANE_DIFFERS");
  });

  it("a key has an earlier entry than the message has", async () => {
    const ann = await told(altering("joined", 3, (entry) => ({ ...entry, key: named("another key") })));
    expect(lastWord(ann)).toBe("refused LANE_DIFFERS");
  });
});

describe("an attestor abstains, and accuses nobody, where", () => {
  it("the log is not shown as far as the message goes", async () => {
    const ann = await told((shown) => shown.slice(0, -1));
    expect(lastWord(ann)).toBe("abstained LOG_NOT_SHOWN");
  });

  it("the leaf file is not to be had", async () => {
    const source = world.source();
    const ann = await world.attestor(0, { source: { ...source, leafFile: async () => null } });
    await ann.attestor.step();
    expect(lastWord(ann)).toBe("abstained LEAF_FILE_NOT_STORED");
  });
});

describe("an attestor refuses a message", () => {
  const proposing = async (field: string, value: unknown): Promise<TestedAttestor> => {
    world.published.unshift(await world.build(({ context, body }) => ({ context, body: { ...body, [field]: value } })));
    const ann = await world.attestor(0);
    await ann.attestor.step();
    world.published.shift();
    return ann;
  };

  it.each([
    ["payoutRoot", named("a root nobody came to"), "PAYOUT_ROOT_DIFFERS"],
    ["marketRoot", named("a root nobody came to"), "MARKET_ROOT_DIFFERS"],
    ["logRoot", named("a root nobody came to"), "LOG_ROOT_DIFFERS"],
    ["leafFileHash", named("another file"), "LEAF_FILE_DIFFERS"],
    ["allocated", 1n, "ALLOCATED_DIFFERS"],
    ["leafCount", 99n, "LEAF_COUNT_DIFFERS"],
    ["epoch", 0n, "WRONG_EPOCH"],
    ["floor", 1n, "WRONG_FLOOR"],
    ["validUntil", 1n, "EXPIRED"],
  ])("whose %s is not what it came to", async (field, value, code) => {
    const ann = await proposing(field, value);
    expect(lastWord(ann)).toBe(`refused ${code}`);
    expect(ann.kept.list()).toEqual([]);
  });
});
