import { describe, expect, it } from "vitest";
import type { MarketEvent } from "../../../contract/events.ts";
import { toHex } from "../../../core/bytes.ts";
import type { Json } from "../../../core/json.ts";
import { bodyHashOf } from "../../../core/statements.ts";
import { sha256 } from "../../crypto.ts";
import { simulatedAnswer, slips } from "./people.ts";
import { openedAnswers, type PublicRecord, recordedAnswers } from "./recorded.ts";

let sequence = 0;
const entry = (kind: string, data: Json): MarketEvent => ({ lane: 0, sequence: ++sequence, kind, task: null, data });
const hashOf = (answer: string, salt: string): string => toHex(bodyHashOf(sha256, { answer, salt }));
const submitted = (task: number, contributor: number, body: string): MarketEvent =>
  entry("submitted", { task, contributor, body });

const salt = (number: number): string => `${number}`.repeat(32);

const tasks: PublicRecord["tasks"] = ["x", "y"].map((id, task) => ({ task, id, content: null, choices: ["a", "b"] }));

describe("the public record", () => {
  it("tells who answered what, by the hashes under which the answers were kept", () => {
    const kept = new Map([
      [hashOf("a", salt(1)), "a"],
      [hashOf("b", salt(2)), "b"],
    ]);
    const entries = [
      entry("joined", { contributor: 7, key: "aa" }),
      submitted(1, 7, hashOf("b", salt(2))),
      submitted(0, 7, hashOf("a", salt(1))),
    ];
    expect(recordedAnswers({ tasks, entries }, kept)).toEqual([
      { task: "y", contributor: "aa", answer: "b" },
      { task: "x", contributor: "aa", answer: "a" },
    ]);
  });

  it("leaves out what the log lacks, what nobody kept, and a task it does not know", () => {
    const kept = new Map([1, 2].map((i) => [hashOf("a", salt(i)), "a"]));
    const entries = [
      submitted(0, 7, hashOf("a", salt(3))),
      submitted(9, 7, hashOf("a", salt(1))),
      entry("timed", { timeMs: 1 }),
    ];
    expect(recordedAnswers({ tasks, entries }, kept)).toEqual([]);
  });

  it("has the answers of retired control tasks, and no others", () => {
    const entries = [
      entry("controlRetired", { task: 1, answer: 0, salt: "00" }),
      entry("controlRetired", { task: 9, answer: 0, salt: "00" }),
      entry("batchAdded", { first: 0, count: 2 }),
    ];
    expect([...openedAnswers({ tasks, entries })]).toEqual([["y", "a"]]);
  });
});

describe("a simulated person", () => {
  const answers = Array.from({ length: 2_000 }, (_, i) => simulatedAnswer("person 1", `t${i}`, ["a", "b", "c"], "b"));

  it("slips as often as it is said, to every other choice", () => {
    const wrong = answers.filter((answer) => answer !== "b");
    expect(wrong.length / answers.length).toBeCloseTo(slips / 256, 1);
    expect(new Set(wrong)).toEqual(new Set(["a", "c"]));
  });

  it("gives the same answer to the same task, and others than somebody else", () => {
    const again = answers.map((_, i) => simulatedAnswer("person 1", `t${i}`, ["a", "b", "c"], "b"));
    const other = answers.map((_, i) => simulatedAnswer("person 2", `t${i}`, ["a", "b", "c"], "b"));
    expect(again).toEqual(answers);
    expect(other).not.toEqual(answers);
    expect(simulatedAnswer("person 1", "t", ["a"], "a")).toBe("a");
  });
});
