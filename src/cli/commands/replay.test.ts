import { sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../../../test/support/cli.ts";
import { cliServer } from "../../../test/support/cli-server.ts";
import {
  attest,
  control,
  execute,
  finished,
  laneOf,
  programHash,
  replays,
  submit,
} from "../../../test/support/executing-lane.ts";
import { bodyFields, commands, controlFor, openLane, signInOf, type TestLane } from "../../../test/support/market.ts";
import { named } from "../../../test/support/market-hash.ts";
import { logLinesOf, newSigner, signedHeadOf } from "../../../test/support/receipts.ts";
import { marketViewOf } from "../../api/testing-engine.ts";
import { type Bytes32, bytes32, fromBase58, fromBase64, toBase64, toHex, toUtf8 } from "../../core/bytes.ts";
import type { Json } from "../../core/json.ts";
import { logLeaf, logRoot, logTreeOf } from "../../core/log-tree.ts";
import { headStatement, submissionsStatement } from "../../core/statements.ts";
import { decodeEntry, type Entry, type EntryOf, encodeEntry } from "../../market/entries.ts";
import { specOf } from "../../market/state.ts";
import { sha256 } from "../crypto.ts";
import { lineBytesMax, pieceBytes } from "../lines.ts";

const signer = newSigner();

/** Numbers that look random and are always the same. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Lived {
  readonly choices?: number;
  readonly controls?: boolean;
  readonly tasks?: number;
  readonly members?: number;
}

/** A market in which everybody answers what they can, one in four of them wrongly, and time passes. */
function lived(seed: number, { choices = 2, controls = false, tasks = 40, members = 8 }: Lived = {}): TestLane {
  const random = numbers(seed);
  const answers = ["yes", "no", "maybe", "never"].slice(0, choices);
  const lane = openLane({
    tasks,
    members,
    deposit: 1_000_000n,
    controls: controls ? [0, 1, 2, 3].map((task) => controlFor(task, task % choices)) : [],
    spec: {
      terms: { answer: { type: "choice", choices: answers }, overlap: { min: 2, max: 5, targetPpm: 900_000 } },
      controls: { answeredMin: 2, accuracyPpmMin: 600_000 },
    },
  });
  for (let turn = 0; turn < tasks * members; turn++) {
    const contributor = 1 + random(members);
    const [outcome] = lane.batch([commands.assign(contributor, random(tasks))]);
    if (outcome === undefined || outcome instanceof Error) continue;
    const { slot } = outcome.offers[0] as { slot: { task: number; ordinal: number } };
    if (random(20) === 0) continue;
    const right = slot.task % choices;
    const answer = answers[random(4) === 0 ? random(choices) : right] as string;
    lane.submit(contributor, slot, answer);
    if (random(30) === 0) lane.wait(61_000);
  }
  lane.do(commands.input("closing", {}));
  for (let i = 0; i < 6; i++) lane.wait(120_000);
  return lane;
}

const replayLines = (lines: readonly string[], args: readonly string[] = []) =>
  replayContent(`${lines.join("\n")}\n`, args);

function replayContent(content: string | Uint8Array, args: readonly string[] = []) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "market.log"), content);
  // Whoever answers in these lives signs nothing.
  return runCli(["replay", "market.log", "--json", "--signatures", "none", ...args], { folder });
}

/** The lines with some of their entries changed, dropped or added, under a head that fits and that the signer signed. */
function forged(lane: TestLane, change: (records: { entry: Entry; attachment: string | null }[]) => void): string[] {
  const lines = logLinesOf(lane, signer);
  const records = lines.slice(1, -1).map((line) => {
    const { encoded, attachment } = JSON.parse(line) as { encoded: string; attachment: string | null };
    return { entry: decodeEntry(fromBase64(encoded)), attachment };
  });
  change(records);
  const encoded = records.map(({ entry }) => encodeEntry(entry));
  const root = logRoot(
    sha256,
    logTreeOf(
      sha256,
      encoded.map((bytes) => logLeaf(sha256, bytes)),
    ),
  );
  const statement = { market: lane.state.market, lane: 0, sequence: records.length, root, timeMs: lane.timeMs };
  const signature = toBase64(sign(null, headStatement(statement), signer.key));
  const head = { sequence: records.length, root: toHex(root), timeMs: lane.timeMs, signature };
  return [
    lines[0] as string,
    ...records.map(({ attachment }, i) =>
      JSON.stringify({ sequence: i + 1, encoded: toBase64(encoded[i] as Uint8Array), attachment }),
    ),
    JSON.stringify({ head }),
  ];
}

const indexOf = (records: readonly { entry: Entry }[], kind: Entry["kind"]): number => {
  const at = records.findIndex(({ entry }) => entry.kind === kind);
  if (at < 0) throw new Error(`no ${kind} in this log`);
  return at;
};

describe("a full log", () => {
  it.each([1, 2, 3])("is recomputed to the last bit (life %i)", async (seed) => {
    const lane = lived(seed, { choices: seed + 1, controls: seed > 1 });
    const { exitCode, json } = await replayLines(logLinesOf(lane, signer));
    expect(json.firstDifference).toBeNull();
    expect(json).toMatchObject({ ok: true, entries: lane.log.length, root: signedHeadOf(lane, signer).root });
    expect(json.tasks).toEqual({ settled: lane.entries("settled").length, notRecomputed: 0 });
    expect(json.entriesPerSecond).toBeGreaterThan(0);
    expect(json.signatures).toBeNull();
    expect(exitCode).toBe(0);
  });

  it("tells people in words", async () => {
    const lane = lived(1);
    const folder = temporaryFolder();
    writeFileSync(join(folder, "market.log"), logLinesOf(lane, signer).join("\n"));
    const { stdout } = await runCli(["replay", "market.log", "--signatures", "none"], { folder });
    expect(stdout).toMatch(/✓ \d+ entries replayed, \d+ a second; nothing differs\n {2}root [0-9a-f]{64}\n/);
  });
});

describe("a public log", () => {
  it.each([2, 3, 4])("without controls is recomputed: hashes show which of %i choices was given", async (choices) => {
    const lane = lived(choices, { choices });
    const lines = logLinesOf(lane, signer, { isPublic: true });
    expect(lines.join()).not.toBe(logLinesOf(lane, signer).join());
    const { json, exitCode } = await replayLines(lines);
    expect(json).toMatchObject({ ok: true, root: signedHeadOf(lane, signer).root, tasks: { notRecomputed: 0 } });
    expect(exitCode).toBe(0);
  });

  it.each([5, 6, 7, 8, 9, 10])(
    "of many choices and hidden controls says what it could not recompute (life %i)",
    async (seed) => {
      const lane = lived(seed, { choices: 2 + (seed % 3), controls: true, members: 12, tasks: 60 });
      const { exitCode, json } = await replayLines(logLinesOf(lane, signer, { isPublic: true }));
      expect(json.firstDifference).toBeNull();
      expect(json).toMatchObject({ ok: true, root: signedHeadOf(lane, signer).root });
      expect(json.tasks.notRecomputed).toBeGreaterThan(0);
      expect(json.tasks.notRecomputed).toBeLessThan(60);
      expect(exitCode).toBe(5);
    },
  );

  it("of which a task's known bodies contradict the verdict is refused", async () => {
    const lane = lived(7, { choices: 4, controls: true });
    const lines = forged(lane, (records) => {
      const at = records.findIndex(
        ({ entry }) => entry.kind === "settled" && new Set(entry.rulings.map(({ reason }) => reason)).size > 1,
      );
      const settled = records[at]?.entry as Extract<Entry, { kind: "settled" }>;
      const rulings = settled.rulings.map((ruling) =>
        ruling.reason === "DISAGREES" ? ({ ...ruling, verdict: "accepted", reason: "AGREES" } as const) : ruling,
      );
      (records[at] as { entry: Entry }).entry = { ...settled, rulings };
    });
    const { json } = await replayLines(withheld(lines, lane));
    expect(json.ok).toBe(false);
  });
});

/** The forged lines without the attachments that the true public log withholds. */
function withheld(lines: readonly string[], lane: TestLane): string[] {
  const hidden = new Set(
    logLinesOf(lane, signer, { isPublic: true }).flatMap((line) => {
      const { encoded, attachment } = JSON.parse(line) as { encoded?: string; attachment?: string | null };
      return encoded !== undefined && attachment === null ? [encoded] : [];
    }),
  );
  return lines.map((line) => {
    const record = JSON.parse(line) as { encoded?: string };
    return hidden.has(record.encoded ?? "") ? JSON.stringify({ ...record, attachment: null }) : line;
  });
}

async function expectDifference(lines: readonly string[]): Promise<void> {
  const { exitCode, json } = await replayLines(lines);
  expect({ exitCode, ok: json.ok }).toEqual({ exitCode: 1, ok: false });
  expect(json.firstDifference).toMatchObject({ lane: 0, sequence: expect.any(Number), what: expect.any(String) });
}

describe("a tampered log, with a head that fits it, shows where it differs", () => {
  const lane = lived(11, { controls: true });
  type Records = { entry: Entry; attachment: string | null }[];

  const cases: readonly (readonly [string, (records: Records) => unknown])[] = [
    ["a verdict turned around", (records) => turn(records)],
    ["a settlement left out", (records) => records.splice(indexOf(records, "settled"), 1)],
    ["an expiry left out", (records) => records.splice(indexOf(records, "expired"), 1)],
    ["a deposit made larger than what is refunded", (records) => enlarge(records)],
    ["an answer that was never assigned", (records) => double(records, "submitted")],
    ["an answer left out", (records) => records.splice(indexOf(records, "submitted"), 1)],
    ["a settlement told twice", (records) => double(records, "settled")],
    ["time turned back", (records) => back(records)],
    ["no beginning", (records) => records.shift()],
    ["a model that is another", (records) => model(records)],
    ["the refund raised", (records) => refund(records)],
  ];

  const attachments: typeof cases = [
    ["a body exchanged", (records) => exchange(records)],
    [
      "a body that is missing an answer",
      (records) =>
        Object.assign(records[indexOf(records, "submitted")] ?? {}, {
          attachment: toBase64(new Uint8Array([123, 125])),
        }),
    ],
    [
      "a control's answer exchanged",
      (records) =>
        Object.assign(records[indexOf(records, "batchAdded")] ?? {}, {
          attachment: toBase64(new TextEncoder().encode("[]")),
        }),
    ],
  ];

  const turn = (records: Records): void => {
    const at = indexOf(records, "settled");
    const settled = records[at]?.entry as Extract<Entry, { kind: "settled" }>;
    const rulings = settled.rulings.map((each) => ({ ...each, verdict: "accepted", reason: "AGREES" }) as const);
    const label = settled.label === 0 ? 1 : 0;
    (records[at] as { entry: Entry }).entry = { ...settled, label, rulings };
  };
  const enlarge = (records: Records): void => {
    const at = indexOf(records, "funded");
    const funded = records[at]?.entry as Extract<Entry, { kind: "funded" }>;
    (records[at] as { entry: Entry }).entry = { ...funded, amount: (funded.amount + 1n) as typeof funded.amount };
  };
  const double = (records: Records, kind: Entry["kind"]): void => {
    const at = indexOf(records, kind);
    records.splice(at, 0, records[at] as Records[number]);
  };
  const exchange = (records: Records): void => {
    const record = records[indexOf(records, "submitted")] as Records[number];
    const other = records.find(
      ({ entry, attachment }) => entry.kind === "submitted" && attachment !== record.attachment,
    );
    record.attachment = other?.attachment ?? null;
  };
  const back = (records: Records): void => {
    const last = records.findLastIndex(({ entry }) => entry.kind === "timed");
    (records[last] as { entry: Entry }).entry = { kind: "timed", timeMs: 1 };
  };
  const model = (records: Records): void => {
    const at = indexOf(records, "modelAdopted");
    const adopted = records[at]?.entry as Extract<Entry, { kind: "modelAdopted" }>;
    (records[at] as { entry: Entry }).entry = { ...adopted, version: adopted.version + 1 };
  };
  const refund = (records: Records): void => {
    const at = indexOf(records, "closed");
    const closed = records[at]?.entry as Extract<Entry, { kind: "closed" }>;
    (records[at] as { entry: Entry }).entry = { ...closed, refund: (closed.refund + 1n) as typeof closed.refund };
  };

  it.each(cases)("%s", async (_, change) => {
    await expectDifference(forged(lane, change));
    await expectDifference(withheld(forged(lane, change), lane));
  });

  it.each(attachments)("%s", async (_, change) => {
    await expectDifference(forged(lane, change));
  });

  it("the same, untouched, does not differ", async () => {
    const same = forged(lane, () => {});
    expect((await replayLines(same)).json.firstDifference).toBeNull();
    expect((await replayLines(withheld(same, lane))).json.firstDifference).toBeNull();
  });
});

describe("a damaged file", () => {
  const lane = lived(1, { tasks: 5 });
  const lines = logLinesOf(lane, signer);

  it.each([
    ["a line left out", lines.filter((_, i) => i !== 7), /stands in its place/],
    ["two lines exchanged", [...lines.slice(0, 5), lines[6], lines[5], ...lines.slice(7)], /stands in its place/],
    ["cut off", lines.slice(0, -1), /without its signed head/],
    ["the last entry left out", [...lines.slice(0, -2), lines.at(-1)], /ends/],
    [
      "an entry that is none",
      lines.map((line, i) => (i === 3 ? line.replace(/"encoded":"[^"]*"/, '"encoded":"/w=="') : line)),
      /cannot be decoded/,
    ],
    [
      "another market's header",
      [(lines[0] ?? "").replace(lane.state.market, "f".repeat(32)), ...lines.slice(1)],
      /another market/,
    ],
  ])("%s", async (_, damaged, what) => {
    const { exitCode, json } = await replayLines(damaged as string[]);
    expect(exitCode).toBe(1);
    expect(json.firstDifference.what).toMatch(what);
  });

  it("signed by somebody else", async () => {
    const { json } = await replayLines(lines, ["--signer", newSigner().address]);
    expect(json.firstDifference.what).toContain("not signed");
    expect((await replayLines(lines, ["--signer", signer.address])).json.ok).toBe(true);
  });

  it.each([
    ["not a log", ["hello"], "not a log"],
    ["results instead of a log", ['{"id":"a"}'], "not a log"],
    ["empty", [""], "empty"],
    ["a log packed by gzip", gzipSync(lines.join("\n")), "packed by gzip"],
    ["bytes without any line", Buffer.alloc(lineBytesMax + 1, "x"), "line 1 is longer"],
  ])("%s is no log: one clear line, and a result all the same", async (_, content, problem) => {
    const { exitCode, json, stderr } = await replayContent(Array.isArray(content) ? content.join("\n") : content);
    expect(exitCode).toBe(2);
    expect(json.error.message).toContain(problem);
    expect(stderr.trim().split("\n")).toHaveLength(3);
    expect(json).toMatchObject({ ok: false, entries: 0, entriesPerSecond: 0, root: null, firstDifference: null });
  });

  it.each([
    ["a folder", ".", "is a folder"],
    ["nothing", "none.log", "There is no file"],
  ])("%s is no log either", async (_, name, problem) => {
    const { exitCode, json } = await runCli(["replay", name, "--json"], { folder: temporaryFolder() });
    expect(exitCode).toBe(2);
    expect(json.error.message).toContain(problem);
    expect(json).toMatchObject({ ok: false, entries: 0, root: null, firstDifference: null });
  });

  it.each([
    ["a line that is not JSON", [...lines.slice(0, 6), "{", ...lines.slice(6)], 6, /^line 7 is damaged$/],
    ["base64 that is none", lines.with(3, '{"sequence":3,"encoded":"A","attachment":null}'), 3, /^line 4 is damaged$/],
    ["base64 with bits left over", lines.with(3, '{"sequence":3,"encoded":"AB==","attachment":null}'), 3, /^line 4/],
    ["a sequence that is no number", lines.with(3, '{"sequence":"3","encoded":"AA=="}'), 3, /^line 4 is damaged$/],
    [
      "a line of garbage without end",
      [...lines.slice(0, 5), "x".repeat(lineBytesMax + pieceBytes)],
      5,
      /^line 6 is longer/,
    ],
  ])("%s differs there", async (_, damaged, sequence, what) => {
    const { exitCode, json } = await replayLines(damaged);
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ ok: false, root: null, firstDifference: { lane: 0, sequence } });
    expect(json.firstDifference.what).toMatch(what);
  });

  it("cut off anywhere has a result that names the entry", async () => {
    const whole = Buffer.from(`${lines.join("\n")}\n`);
    const first = (lines[0] as string).length;
    const cuts = [first, first + 1, first + 9, Math.floor(whole.length / 2), whole.length - 200, whole.length - 3];
    for (const at of cuts) {
      const { exitCode, json } = await replayContent(whole.subarray(0, at));
      const entries = whole.subarray(0, at).toString().split("\n").slice(1, -1).length;
      expect({ at, exitCode, ok: json.ok, root: json.root }).toEqual({ at, exitCode: 1, ok: false, root: null });
      expect(json.firstDifference.what).toMatch(/cut off|without its signed head/);
      expect(json.firstDifference.sequence - entries).toBeOneOf([0, 1]);
    }
  });
});

/** A lane whose contributors sign what they submit, two answers to a request. */
function signedLane(): { readonly lane: TestLane; readonly lines: string[] } {
  const lane = openLane({ tasks: 6, members: 0 });
  const { market } = lane.state;
  for (const contributor of [1, 2, 3]) {
    const [wallet, session] = [newSigner(), newSigner()];
    const [key, sessionKey] = [wallet, session].map(({ address }) => bytes32(fromBase58(address))) as [
      Bytes32,
      Bytes32,
    ];
    const owner = named(`owner ${contributor}`);
    lane.do(commands.input("joined", { contributor, key, owner, automated: false, facts: "" }));
    const text = signInOf(key, sessionKey);
    const authorisation = { text, signature: sign(null, toUtf8(text), wallet.key) };
    for (const first of [0, 2, 4]) {
      const slots = [lane.take(contributor, first), lane.take(contributor, first + 1)];
      const submissions = slots.map((slot) => ({ slot, ...bodyFields("yes") }));
      const signed = submissions.map(({ slot, bodyHash }) => ({ ...slot, body: bodyHash }));
      const { timeMs } = lane;
      const signature = sign(null, submissionsStatement(market, timeMs, signed), session.key);
      const request = { type: "submit", contributor, session: sessionKey, authorisation } as const;
      lane.do({ ...request, signed: { timeMs, signature }, submissions, next: 0 });
    }
  }
  return { lane, lines: logLinesOf(lane, signer) };
}

describe("signatures of requests", () => {
  const { lines, lane } = signedLane();
  const altered = (change: (entry: EntryOf<"signed">) => Entry, at = 0): string[] =>
    forged(lane, (records) => {
      const signed = records.filter(({ entry }) => entry.kind === "signed")[at] as { entry: Entry };
      signed.entry = change(signed.entry as EntryOf<"signed">);
    });
  const sequenceOf = (at: number): number => lane.log.filter(({ entry }) => entry.kind === "signed")[at]?.sequence ?? 0;

  it("are all checked unless somebody says otherwise, apart from the replay", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "market.log"), lines.join("\n"));
    const { json } = await runCli(["replay", "market.log", "--json"], { folder });
    expect(json.signatures).toMatchObject({ share: "all", requests: 9, authorisations: 3, checked: 12, wrong: 0 });
    expect(json.signatures.perSecond).toBeGreaterThan(0);
    const { stdout } = await runCli(["replay", "market.log"], { folder });
    expect(stdout).toMatch(/12 of 12 signatures checked, \d+ a second/);
  });

  it("that are no signatures show, which no verdict does", async () => {
    const signature = new Uint8Array(64).fill(3);
    const wrong = altered((entry) => ({ ...entry, signature }), 4);
    expect((await replayLines(wrong)).json.ok).toBe(true);
    const { json, exitCode } = await replayLines(wrong, ["--signatures", "all"]);
    expect(json.firstDifference).toEqual({
      lane: 0,
      sequence: sequenceOf(4),
      what: "the session did not sign the submissions that follow",
    });
    expect(json.signatures).toMatchObject({ checked: 12, wrong: 1, first: { lane: 0, sequence: sequenceOf(4) } });
    expect(exitCode).toBe(1);
  });

  it.each([
    ["another session", (entry: EntryOf<"signed">): Entry => ({ ...entry, session: named("nobody") })],
    ["another time", (entry: EntryOf<"signed">): Entry => ({ ...entry, timeMs: entry.timeMs + 1 })],
    ["more submissions than follow", (entry: EntryOf<"signed">): Entry => ({ ...entry, count: 3 })],
    ["fewer submissions than follow", (entry: EntryOf<"signed">): Entry => ({ ...entry, count: 1 })],
  ])("are of %s than the request", async (_, change) => {
    const { json } = await replayLines(altered(change), ["--signatures", "all"]);
    expect(json.signatures).toMatchObject({ wrong: 1, first: { lane: 0, sequence: sequenceOf(0) } });
  });

  it("are worth nothing where the contributor did not let the session sign", async () => {
    const wrong = forged(lane, (records) => {
      const record = records.filter(({ entry }) => entry.kind === "authorised")[1] as { entry: Entry };
      record.entry = { ...(record.entry as EntryOf<"authorised">), signature: new Uint8Array(64).fill(3) };
    });
    const sequence = lane.log.filter(({ entry }) => entry.kind === "authorised")[1]?.sequence;
    expect((await replayLines(wrong)).json.ok).toBe(true);
    for (const share of ["all", "sample"]) {
      const { json } = await replayLines(wrong, ["--signatures", share]);
      expect(json.signatures).toMatchObject({ wrong: 1, first: { type: "authorisation", lane: 0, sequence } });
      expect(json.firstDifference.what).toBe("the contributor did not sign the leave of this session");
    }
  });

  it("may be sampled, or left out", async () => {
    const { json } = await replayLines(lines, ["--signatures", "sample"]);
    expect(json.signatures).toMatchObject({ share: "sample", requests: 9, wrong: 0 });
    expect(json.signatures.checked).toBeGreaterThanOrEqual(3);
    expect(json.signatures.checked).toBeLessThanOrEqual(12);
    expect((await replayLines(lines, ["--signatures", "some"])).exitCode).toBe(2);
  });
});

describe("a file of many lanes", () => {
  const lanes = [1, 2, 3].map((seed) => lived(seed, { controls: seed === 2, tasks: 12 }));
  const isPublic = (at: number): boolean => at === 1;
  const parts = lanes.map((lane, at) => logLinesOf(numbered(lane, at), signer, { isPublic: isPublic(at) }));

  it("is replayed lane by lane, and a lane under another's header refused", async () => {
    const { json } = await replayLines(parts.flat());
    expect(json.firstDifference?.what).toBe("the log is of another market or lane than its header says");
    expect(json.entries).toBe(lanes.reduce((sum, { log }) => sum + log.length, 0));
    expect(json.roots.map(({ root }: { root: string | null }) => root !== null)).toEqual([true, false, false]);
  });
});

/** The same log under the header of another lane. */
function numbered(lane: TestLane, at: number): TestLane {
  lane.state.lane = at;
  return lane;
}

describe("a file with a lane twice", () => {
  it("counts neither its entries as more nor its root as another's", async () => {
    const lines = logLinesOf(lived(1, { tasks: 5 }), signer);
    const { exitCode, json } = await replayLines([...lines, ...lines]);
    const what = "the lane stands in the file twice";
    expect({ exitCode, first: json.firstDifference }).toEqual({ exitCode: 1, first: { lane: 0, sequence: 1, what } });
    const after = await replayLines([...lines, lines[3] as string]);
    const last = { lane: 0, sequence: lines.length - 1, what: "the log goes on after its head" };
    expect(after.json.firstDifference).toEqual(last);
  });
});

describe("earnest log", () => {
  const life = lived(3, { controls: true });

  const serving = (lane = life, content: Json = null) =>
    cliServer({
      network: async () => ({
        cluster: "test",
        mint: signer.address,
        decimals: 6,
        canFreeze: false,
        testTokens: false,
        program: signer.address,
        network: signer.address,
        pool: signer.address,
        vault: signer.address,
        tokens: [],
        attestors: { threshold: 1, keys: [bytes32(fromBase58(signer.address))] },
        signer: bytes32(fromBase58(signer.address)),
        feeBasisPoints: 200,
        domain: "earnest.test",
        timeMs: 1,
      }),
      market: async () => marketViewOf({ market: lane.state.market }),
      task: async (_, task) => ({ lane: 0, task, externalId: `${task}`, content, terms: specOf(lane.state).terms }),
      log: async (_market, _lane, from, limit) => {
        const head = signedHeadOf(lane, signer);
        return {
          records: lane.log.slice(from - 1, from - 1 + Math.min(limit, 100)),
          head: { ...head, root: logRoot(sha256, lane.state.tree), signature: fromBase64(head.signature) },
        };
      },
    });

  it("exports what replay takes, page by page", async () => {
    const server = await serving();
    const folder = temporaryFolder();
    const args = ["log", life.state.market, "-o", "market.log", "--json"];
    expect((await server.run(args, { folder })).json).toMatchObject({ ok: true, entries: life.log.length });
    expect(readFileSync(join(folder, "market.log"), "utf8").split("\n")).toHaveLength(life.log.length + 3);
    const { json } = await runCli(["replay", "market.log", "--json", "--signatures", "none"], { folder });
    expect(json).toMatchObject({ ok: true, entries: life.log.length });
  });

  it("goes to standard output as well", async () => {
    const server = await serving();
    const { stdout, stderr } = await server.run(["log", life.state.market]);
    expect(JSON.parse(stdout.split("\n")[0] ?? "")).toMatchObject({ format: "earnest-log/1", lane: 0 });
    expect(stderr).toContain(`${life.log.length} entries`);
  });

  it("has the inputs of executions that lie in tasks, before the first that is of them", async () => {
    const composition: Json = { all: [attest, replays("control", "silent", 2)] };
    const runs = { control: { program: { hash: programHash }, input: { hash: toHex(sha256(control)) } } };
    const lane = laneOf(composition, { terms: { overlap: { min: 4, max: 4, targetPpm: 0 } } }, runs);
    const slot = lane.take(1, 0);
    submit(lane, 1, slot, { answer: "fine" });
    execute(lane, slot, () => finished());
    const inputs = { other: toBase64(toUtf8("other")), control: toBase64(control) };
    const server = await serving(lane, { inputs });
    const { stdout } = await server.run(["log", lane.state.market]);
    const lines = stdout.trim().split("\n");
    const at = lane.log.findIndex(({ entry }) => entry.kind === "executed") + 1;
    expect(lane.entries("executed")).toHaveLength(2);
    expect(JSON.parse(lines[at] ?? "")).toEqual({ task: 0, inputs: [toBase64(control)] });
    expect(lines).toHaveLength(lane.log.length + 3);
    const { json } = await replayLines(lines, ["--executions", "none"]);
    expect(json).toMatchObject({ ok: true, executions: null });
  });
});
