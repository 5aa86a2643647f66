import { describe, expect, it } from "vitest";
import { checkLane } from "../../test/support/check-lane.ts";
import {
  attest,
  bang,
  bodyOf,
  commit,
  control,
  execute,
  finished,
  laneOf,
  program,
  programHash,
  replays,
  submit,
} from "../../test/support/executing-lane.ts";
import { commands, controlFor, openLane, type TestLane } from "../../test/support/market.ts";
import { named, sha256 } from "../../test/support/market-hash.ts";
import { toHex, toUtf8 } from "../core/bytes.ts";
import type { Json } from "../core/json.ts";
import type { Slot } from "../core/slot.ts";
import { bodyHashOf, commitmentOf } from "../core/statements.ts";
import { type Ended, executedEntry } from "./executed.ts";
import { heldReason, type WantedExecution, wantedExecution, wantedExecutions, wantsDraw } from "./executions.ts";
import { usualLimits } from "./known.ts";

const word = (lane: TestLane, slot: Slot): string | undefined => lane.verdicts(slot).at(-1);

describe("a market of bugs", () => {
  const signature: Json = { match: { type: "digest", name: "signature" } };
  const composition: Json = {
    all: [
      attest,
      replays("proof", "fires"),
      replays("control", "silent", 1),
      signature,
      { match: { type: "crash", name: "proof" } },
    ],
  };
  const runs: Json = {
    proof: { program: { hash: programHash }, input: { content: "proof" } },
    control: { program: { hash: programHash }, input: { hash: toHex(sha256(control)) } },
  };
  const open = (tasks?: number): TestLane =>
    laneOf(composition, { terms: { overlap: { min: 4, max: 4, targetPpm: 0 } } }, runs, tasks);
  const signatureOf = (...frames: string[]): string => {
    const slot = { task: 0, ordinal: 0 };
    const wanted = { ...slot, name: "proof", program: { hash: named("a") }, input: { hash: named("b") } };
    return toHex(executedEntry(sha256, wanted as WantedExecution, bang(...frames)).crash?.signature as Uint8Array);
  };
  const proofOf = (text: string, ...frames: string[]): Json =>
    bodyOf("an unchecked length", { proof: toUtf8(text) }, { digests: { signature: signatureOf(...frames) } });
  const crashing =
    (...frames: string[]) =>
    ({ name }: WantedExecution): Ended =>
      name === "proof" ? bang(...frames) : finished();
  const claim = (lane: TestLane, contributor: number, body: Json, task = 0): Slot => {
    const slot = lane.take(contributor, task);
    lane.do(commit(contributor, slot, body));
    return slot;
  };

  it("pays for a crash that comes three times, and not on the control input", () => {
    const lane = open();
    const body = proofOf("!", "parse", "main");
    const slot = claim(lane, 1, body);
    expect(submit(lane, 1, slot, body)).toMatchObject({ state: "held", reason: "WAITING" });
    expect(heldReason(lane.state, slot)).toBe("WAITING");
    expect(wantedExecution(lane.state, slot)).toMatchObject({
      name: "proof",
      times: 3,
      language: "javascript",
      program: { hash: sha256(program), place: { at: "program" } },
      input: { hash: sha256(toUtf8("!")), place: { at: "submission", name: "proof" } },
      limits: { fuelMax: 1_000, outputBytesMax: 100 },
    });
    execute(lane, slot, crashing("parse", "main"));
    expect(lane.entries("executed").map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      "proof trapped",
      "proof trapped",
      "proof trapped",
      "control finished",
    ]);
    expect(word(lane, slot)).toBe("accepted CHECKS_PASSED");
    expect(lane.earned(1)).toBe(1_000n);
    expect([lane.state.executing.size, lane.state.claims.size, lane.state.crashes.size]).toEqual([0, 0, 1]);
    checkLane(lane);
  });

  it.each<[string, (wanted: WantedExecution) => Ended, string]>([
    ["does not crash", () => finished(), "rejected NOT_REPRODUCED"],
    ["crashes on everything", () => bang("parse", "main"), "rejected FIRES_ON_CONTROLS"],
    ["uses up its fuel", () => ({ outcome: "fuelUsedUp", fuel: 1_000 }), "rejected FUEL_USED_UP"],
    ["wants more memory", () => ({ outcome: "memoryUsedUp", fuel: 5 }), "rejected MEMORY_USED_UP"],
    ["says too much", () => ({ outcome: "outputTooLarge", outputBytes: 101, fuel: 5 }), "rejected OUTPUT_TOO_LARGE"],
    ["crashes elsewhere than it says", crashing("other", "main"), "rejected DIGEST_DIFFERS"],
  ])("rejects what %s", (_, how, verdict) => {
    const lane = open();
    const body = proofOf("!", "parse", "main");
    const slot = claim(lane, 1, body);
    submit(lane, 1, slot, body);
    execute(lane, slot, how);
    expect(word(lane, slot)).toBe(verdict);
    expect(lane.state.crashes.size).toBe(0);
    checkLane(lane);
  });

  it("rejects what depends on chance", () => {
    const lane = open();
    const body = proofOf("!", "parse", "main");
    const slot = claim(lane, 1, body);
    submit(lane, 1, slot, body);
    let fuel = 0;
    execute(lane, slot, () => ({ ...bang("parse", "main"), fuel: ++fuel }));
    expect(word(lane, slot)).toBe("rejected NOT_DETERMINISTIC");
    checkLane(lane);
  });

  it("tries again after a fault of ours, and ends as void after too many", () => {
    const lane = open();
    const fault: Ended = { outcome: "fault", fuel: 0 };
    const body = proofOf("!", "parse", "main");
    const [slot, other] = [claim(lane, 1, body), claim(lane, 2, proofOf("!!", "other", "main"), 1)];
    submit(lane, 1, slot, body);
    let faults = 1;
    execute(lane, slot, (wanted) => (faults-- > 0 ? fault : crashing("parse", "main")(wanted)));
    expect(word(lane, slot)).toBe("accepted CHECKS_PASSED");
    submit(lane, 2, other, proofOf("!!", "other", "main"));
    execute(lane, other, () => fault);
    expect(word(lane, other)).toBe("faulted");
    expect([lane.state.voids, lane.state.books.held, lane.state.executing.size]).toEqual([1, 0n, 0]);
    checkLane(lane);
  });

  it("pays whoever committed first, whoever shows first", () => {
    const lane = open();
    const [mine, theirs] = [proofOf("!", "parse", "main"), proofOf("!?", "parse", "main")];
    const first = claim(lane, 1, mine);
    const second = claim(lane, 2, theirs);
    submit(lane, 2, second, theirs);
    execute(lane, second, crashing("parse", "main"));
    expect([word(lane, second), heldReason(lane.state, second)]).toEqual([undefined, null]);
    submit(lane, 1, first, mine);
    execute(lane, first, crashing("parse", "main"));
    expect([word(lane, first), word(lane, second)]).toEqual(["accepted CHECKS_PASSED", "rejected DUPLICATE"]);
    expect(JSON.parse(lane.entries("verified").at(-1)?.findings ?? "")).toEqual([
      { code: "DUPLICATE", actual: toHex(commitmentOf(sha256, named("key 1"), bodyHashOf(sha256, mine))) },
    ]);
    checkLane(lane);
  });

  it("waits for a commitment no longer than its slot lasts", () => {
    const lane = open();
    const theirs = proofOf("!", "parse", "main");
    claim(lane, 1, proofOf("?", "never", "shown"));
    const second = claim(lane, 2, theirs);
    submit(lane, 2, second, theirs);
    execute(lane, second, crashing("parse", "main"));
    expect(word(lane, second)).toBeUndefined();
    lane.wait(60_000);
    expect(word(lane, second)).toBe("accepted CHECKS_PASSED");
    checkLane(lane);
  });

  it("takes no claim that was copied, nor one that was not committed to", () => {
    const lane = open();
    const body = proofOf("!", "parse", "main");
    const commitment = commitmentOf(sha256, named("key 1"), bodyHashOf(sha256, body));
    const copied = lane.take(2, 0);
    lane.do(commands.input("committed", { ...copied, contributor: 2, commitment }));
    const slot = claim(lane, 1, body);
    expect(() => submit(lane, 2, copied, body)).toThrow(/is something else/);
    // Who saw the proof can only commit to it now, and has a duplicate.
    lane.do(commit(2, copied, body));
    expect(() => submit(lane, 3, lane.take(3, 1), body)).toThrow(/not committed to before/);
    for (const [contributor, each] of [
      [1, slot],
      [2, copied],
    ] as const) {
      submit(lane, contributor, each, body);
      execute(lane, each, crashing("parse", "main"));
    }
    expect([word(lane, slot), word(lane, copied)]).toEqual(["accepted CHECKS_PASSED", "rejected DUPLICATE"]);
    checkLane(lane);
  });

  it("tells two bugs of one program apart, across its tasks", () => {
    const lane = open();
    const bodies = [proofOf("!", "parse", "main"), proofOf("!!", "render", "paint"), proofOf("!!!", "parse", "main")];
    const slots = bodies.map((body, i) => claim(lane, i + 1, body, i % 2));
    for (const [i, slot] of slots.entries()) submit(lane, i + 1, slot, bodies[i] as Json);
    expect(wantedExecutions(lane.state, 10)).toHaveLength(3);
    expect(wantedExecutions(lane.state, 2)).toHaveLength(2);
    for (const [i, slot] of slots.entries())
      execute(lane, slot, crashing(...(i === 1 ? ["render", "paint"] : ["parse", "main"])));
    expect(slots.map((slot) => word(lane, slot))).toEqual([
      "accepted CHECKS_PASSED",
      "accepted CHECKS_PASSED",
      "rejected DUPLICATE",
    ]);
    checkLane(lane);
  });

  it("rejects what lacks its proof, and refuses what is no base64", () => {
    const lane = open();
    const empty = bodyOf("nothing", {});
    expect(submit(lane, 1, claim(lane, 1, empty), empty)).toMatchObject({
      state: "rejected",
      reason: "EVIDENCE_MISSING",
    });
    const odd = { answer: "x", content: { proof: "?" } };
    const slot = claim(lane, 2, odd);
    expect(() => submit(lane, 2, slot, odd)).toThrow(/content.proof must be base64/);
    checkLane(lane);
  });

  it("admits no execution that nothing waits for, nor one of something else", () => {
    const lane = open();
    const body = proofOf("!", "parse", "main");
    const slot = claim(lane, 1, body);
    submit(lane, 1, slot, body);
    const wanted = wantedExecution(lane.state, slot) as WantedExecution;
    const refused = (changes: object, ended = bang("parse")): string => {
      const { kind, ...fields } = executedEntry(sha256, wanted, ended);
      return lane.refuse(commands.input(kind, { ...fields, ...changes }), "MALFORMED_REQUEST").message;
    };
    expect(refused({ name: "control" })).toMatch(/another program or input/);
    expect(refused({ program: named("x") })).toMatch(/another program or input/);
    expect(refused({ input: named("x") })).toMatch(/another program or input/);
    expect(refused({ crash: null })).toMatch(/must be there where it trapped/);
    expect(refused({ crash: { type: "a", state: ["b"], signature: named("x") } })).toMatch(/not that of the crash/);
    expect(refused({ fuel: 1_001 })).toMatch(/more than was allowed/);
    execute(lane, slot, crashing("parse", "main"));
    expect(refused({})).toMatch(/of no submission that waits for it/);
    checkLane(lane);
  });

  it("takes programs by their hash, and tasks only of programs that are there", () => {
    const lane = open();
    const entry = { hash: sha256(program), language: "javascript", bytes: program.length } as const;
    expect(lane.refuse(commands.input("programAdded", entry, program)).message).toMatch(/that the market has/);
    expect(lane.refuse(commands.input("programAdded", { ...entry, bytes: 1 }, program)).message).toMatch(/not that of/);
    expect(lane.refuse(commands.input("programAdded", entry, toUtf8("x"))).message).toMatch(/is not that of/);
    const large = new Uint8Array(6_000_001);
    const added = commands.input("programAdded", { ...entry, hash: sha256(large), bytes: large.length }, large);
    expect(lane.refuse(added, "LIMIT_EXCEEDED").message).toMatch(/6000000 bytes in a program/);
    const one = (i: number) => {
      const bytes = new Uint8Array(6_000_000).fill(i);
      return commands.input("programAdded", { ...entry, hash: sha256(bytes), bytes: bytes.length }, bytes);
    };
    for (const i of [1, 2]) lane.do(one(i));
    expect(lane.refuse(one(3), "LIMIT_EXCEEDED").message).toMatch(/16777216 bytes in a market's programs/);
    const unknown = {
      ...(runs as object),
      proof: { program: { hash: toHex(named("x")) }, input: { content: "proof" } },
    };
    const batch = (known: Json): string => lane.refuse(commands.batch(2, 1, { known }), "MALFORMED_SPEC").message;
    expect(batch({ runs: unknown })).toMatch(/runs.proof.program.hash: is of no program/);
    expect(batch({ runs: { proof: (runs as { proof: Json }).proof } })).toMatch(/runs.control: is missing/);
    const brought = { program: { content: "fix", language: "javascript" }, input: { content: "proof" } };
    expect(batch({ runs: { ...(runs as object), proof: brought } })).toMatch(/only crashes of one program/);
    expect(lane.refuse(commit(1, { task: 0, ordinal: 0 }, null), "SLOT_NOT_FOUND").message).toMatch(/0.0/);
  });
});

describe("a market of fixes", () => {
  const regression = toUtf8("good");
  const runs: Json = {
    proof: {
      program: { content: "fix", language: "javascript" },
      input: { hash: toHex(sha256(control)) },
    },
    regression: {
      program: { content: "fix", language: "javascript" },
      input: { hash: toHex(sha256(regression)) },
      output: { hash: toHex(sha256(toUtf8("right"))) },
    },
  };
  const composition: Json = { all: [attest, replays("proof", "silent", 1), replays("regression", "output", 1)] };
  const open = (): TestLane => laneOf(composition, { terms: { overlap: { min: 1, max: 1, targetPpm: 0 } } }, runs);
  const fix = bodyOf("guard the length", { fix: toUtf8("const main = () => 'right'") });

  it.each<[string, (wanted: WantedExecution) => Ended, string]>([
    ["pays for one that stops the crash and keeps the rest", () => finished(toUtf8("right")), "accepted CHECKS_PASSED"],
    ["rejects one that still crashes", () => bang("parse"), "rejected FIRES_ON_CONTROLS"],
    ["rejects one that is no program", () => ({ outcome: "refused", fuel: 0 }), "rejected FIRES_ON_CONTROLS"],
    ["rejects one that breaks something else", () => finished(toUtf8("wrong")), "rejected OUTPUT_DIFFERS"],
  ])("%s", (_, how, verdict) => {
    const lane = open();
    const slot = lane.take(1, 0);
    submit(lane, 1, slot, fix);
    execute(lane, slot, how);
    expect(word(lane, slot)).toBe(verdict);
    checkLane(lane);
  });
});

describe("a market of compute", () => {
  const composition: Json = {
    all: [
      attest,
      { audit: { type: "canary", name: "result" } },
      { agree: { type: "quorum", name: "result", ownersMin: 2 } },
    ],
  };
  const run = {
    program: { hash: programHash },
    input: { hash: toHex(sha256(control)) },
    output: { content: "result" },
  };
  const open = (tasks = 2): TestLane =>
    laneOf(composition, { terms: { overlap: { min: 1, max: 3, targetPpm: 900_000 } } }, { result: run }, tasks);
  const resultOf = (text: string): Json => bodyOf(toHex(sha256(toUtf8(text))), { result: toUtf8(text) });
  const answer = (lane: TestLane, contributor: number, task: number, text: string): Slot => {
    const slot = lane.take(contributor, task);
    submit(lane, contributor, slot, resultOf(text));
    return slot;
  };

  it("pays two owners with the same result, and executes nothing", () => {
    const lane = open();
    const slots = [answer(lane, 1, 0, "42"), answer(lane, 2, 0, "42")];
    expect(slots.map((slot) => word(lane, slot))).toEqual(["accepted AGREES", "accepted AGREES"]);
    expect(wantedExecutions(lane.state, 10)).toEqual([]);
    checkLane(lane);
  });

  it("asks a third owner where two differ", () => {
    const lane = open();
    const slots = [answer(lane, 1, 0, "42"), answer(lane, 2, 0, "41"), answer(lane, 3, 0, "42")];
    expect(slots.map((slot) => word(lane, slot))).toEqual([
      "accepted AGREES",
      "rejected QUORUM_DIFFERS",
      "accepted AGREES",
    ]);
    checkLane(lane);
  });

  it("computes itself where no two are alike, once for all of them: garbage is no honest split", () => {
    const lane = open();
    const slots = [answer(lane, 1, 0, "42"), answer(lane, 2, 0, "41"), answer(lane, 3, 0, "40")];
    expect(slots.map((slot) => word(lane, slot))).toEqual([undefined, undefined, undefined]);
    expect(wantedExecutions(lane.state, 10)).toMatchObject([
      { name: "result", times: 1, input: { place: { at: "task", task: 0 } }, limits: usualLimits },
    ]);
    execute(lane, slots[0] as Slot, () => finished(toUtf8("41")));
    expect(slots.map((slot) => word(lane, slot))).toEqual([
      "rejected QUORUM_DIFFERS",
      "accepted AGREES",
      "rejected QUORUM_DIFFERS",
    ]);
    expect([1, 2, 3].map((each) => lane.earned(each))).toEqual([0n, 1_000n, 0n]);
    checkLane(lane);
  });

  it("lets them all be where the sandbox cannot say", () => {
    const lane = open();
    const slots = [answer(lane, 1, 0, "42"), answer(lane, 2, 0, "41"), answer(lane, 3, 0, "40")];
    execute(lane, slots[0] as Slot, () => ({ outcome: "fault", fuel: 0 }));
    expect(slots.map((slot) => word(lane, slot))).toEqual(Array(3).fill("accepted UNDECIDED"));
    checkLane(lane);
  });

  it("takes the word of an owner alone after ten good results, until the first that is none", () => {
    const lane = open(14);
    for (let task = 0; task < 10; task++) for (const each of [1, 2]) answer(lane, each, task, `result ${task}`);
    expect(word(lane, answer(lane, 1, 10, "alone"))).toBe("accepted UNDECIDED");
    // A newcomer's is not enough, and contradicts it where it differs.
    const theirs = answer(lane, 3, 11, "made up");
    expect(word(lane, theirs)).toBeUndefined();
    const mine = answer(lane, 2, 11, "computed");
    expect(word(lane, mine)).toBeUndefined();
    expect(word(lane, answer(lane, 4, 11, "made up"))).toBe("accepted AGREES");
    expect(word(lane, mine)).toBe("rejected QUORUM_DIFFERS");
    expect(word(lane, answer(lane, 2, 12, "alone"))).toBeUndefined();
    checkLane(lane);
  });

  it("finds by control tasks who makes results up", () => {
    const lane = open(0);
    const known = { runs: { result: run } };
    const hidden = toHex(sha256(toUtf8("42")));
    lane.do(commands.batch(0, 1, { known }, [controlFor(0, hidden)]));
    const slots = [answer(lane, 1, 0, "42"), answer(lane, 2, 0, "41")];
    expect(slots.map((slot) => word(lane, slot))).toEqual(["accepted CHECKS_PASSED", "rejected CANARY_MISSED"]);
    expect([1, 2].map((each) => lane.member(each).controlsRight)).toEqual([1, 0]);
    checkLane(lane);
  });

  describe("that is audited", () => {
    const drawing = (sharePpm: number): Json => ({
      all: [
        attest,
        { audit: { type: "recheck", sharePpm, faultsMax: 2 } },
        { agree: { type: "quorum", name: "result", ownersMin: 2 } },
      ],
    });
    const opened = (sharePpm = 1_000_000, tasks = 2): TestLane =>
      laneOf(drawing(sharePpm), { terms: { overlap: { min: 1, max: 3, targetPpm: 900_000 } } }, { result: run }, tasks);
    const draw = (lane: TestLane, chainSlot: number, upTo = lane.log.length) =>
      commands.input("drawn", { chainSlot, chainHash: named(`slot ${chainSlot}`), upTo });

    it("waits for a hash that came later, and computes again what it draws", () => {
      const lane = opened();
      const slots = [answer(lane, 1, 0, "41"), answer(lane, 2, 0, "41")];
      expect(slots.map((slot) => heldReason(lane.state, slot))).toEqual(["WAITING", "WAITING"]);
      expect([wantsDraw(lane.state), wantedExecutions(lane.state, 9)]).toEqual([true, []]);
      lane.do(draw(lane, 100));
      expect([wantsDraw(lane.state), wantedExecutions(lane.state, 9).length]).toEqual([false, 2]);
      execute(lane, slots[0] as Slot, () => finished(toUtf8("42")));
      expect(slots.map((slot) => word(lane, slot))).toEqual(Array(2).fill("rejected RECHECK_DIFFERS"));
      // Who agreed with each other was not right for that.
      expect([1, 2].map((each) => lane.member(each))).toMatchObject(Array(2).fill({ judged: 1, agreed: 0 }));
      checkLane(lane);
    });

    it("pays what was computed to the same, and at once where nothing is drawn", () => {
      const lane = opened();
      const slots = [answer(lane, 1, 0, "42"), answer(lane, 2, 0, "42")];
      lane.do(draw(lane, 100));
      execute(lane, slots[1] as Slot, () => finished(toUtf8("42")));
      expect(slots.map((slot) => word(lane, slot))).toEqual(Array(2).fill("accepted AGREES"));
      const none = opened(0);
      const other = [answer(none, 1, 0, "42"), answer(none, 2, 0, "42")];
      expect(other.map((slot) => word(none, slot))).toEqual(Array(2).fill("accepted AGREES"));
      expect([wantsDraw(none.state), wantedExecutions(none.state, 9)]).toEqual([false, []]);
      checkLane(lane);
      checkLane(none);
    });

    it("draws about the share that was asked for, whoever they are of", () => {
      const lane = opened(300_000, 60);
      for (let task = 0; task < 60; task++) for (const each of [1, 2]) answer(lane, each, task, `${task}`);
      lane.do(draw(lane, 100));
      const drawn = wantedExecutions(lane.state, 120).length;
      expect(drawn).toBeGreaterThan(20);
      expect(drawn).toBeLessThan(55);
      expect(lane.member(1).judged + lane.member(2).judged).toBe(120 - drawn);
    });

    it("draws nothing that came when the hash was known, and takes no slot twice", () => {
      const lane = opened();
      const asked = lane.log.length;
      const slots = [answer(lane, 1, 0, "42"), answer(lane, 2, 0, "42")];
      lane.do(draw(lane, 100, asked));
      expect([wantsDraw(lane.state), word(lane, slots[0] as Slot)]).toEqual([true, undefined]);
      expect(lane.refuse(draw(lane, 100)).message).toMatch(/must be above 100/);
      expect(lane.refuse(draw(lane, 101, lane.log.length + 1)).message).toMatch(/is not there yet/);
      checkLane(lane);
    });

    it("ends as void what our own sandbox cannot say", () => {
      const lane = opened();
      const slots = [answer(lane, 1, 0, "42"), answer(lane, 2, 0, "42")];
      lane.do(draw(lane, 100));
      execute(lane, slots[0] as Slot, () => ({ outcome: "fault", fuel: 0 }));
      expect(slots.map((slot) => lane.state.tasks.get(slot.task)?.slots[slot.ordinal]?.state ?? "gone")).not.toContain(
        "held",
      );
      checkLane(lane);
    });

    it("judges control tasks by what is known of them", () => {
      const lane = opened(1_000_000, 0);
      const hidden = toHex(sha256(toUtf8("42")));
      expect(
        lane.refuse(commands.batch(0, 1, { known: { runs: { result: run } } }, [controlFor(0, hidden)])).message,
      ).toMatch(/audit canary/);
    });
  });

  it("takes no answer that is not the hash of its result", () => {
    const lane = open();
    const slot = lane.take(1, 0);
    const other = bodyOf(toHex(sha256(toUtf8("42"))), { result: toUtf8("41") });
    expect(() => submit(lane, 1, slot, other)).toThrow(/must be the SHA-256 of the content "result"/);
    expect(submit(lane, 1, slot, bodyOf("42", {}))).toMatchObject({ state: "rejected", reason: "EVIDENCE_MISSING" });
    checkLane(lane);
  });
});

it("a lane without programs has nothing to execute", () => {
  const lane = openLane();
  lane.answer(1, 0, "yes");
  expect([lane.state.executing.size, wantedExecutions(lane.state, 10)]).toEqual([0, []]);
});
