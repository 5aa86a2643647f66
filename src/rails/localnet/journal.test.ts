import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Journal } from "./journal.ts";
import { listSegments, scanSegment, segmentHeaderSize, segmentPath } from "./segment.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "earnest-journal-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fresh = (segmentBytes = 1 << 20) => new Journal(folder, segmentBytes, { number: 1, size: segmentHeaderSize });
const payload = (n: number) => new TextEncoder().encode(`record ${n}`);

function scan(segment = 1): { texts: string[]; end: number } {
  const texts: string[] = [];
  const end = scanSegment(folder, segment, (bytes) => texts.push(new TextDecoder().decode(bytes)));
  return { texts, end };
}

describe("Journal", () => {
  it("holds what was appended, in order, once it says so", async () => {
    const journal = fresh();
    for (let n = 0; n < 100; n++) journal.append(payload(n));
    await journal.durable();
    expect(scan().texts).toEqual(Array.from({ length: 100 }, (_, n) => `record ${n}`));
    await journal.close();
  });

  it("says where each record stands", async () => {
    const journal = fresh();
    journal.append(payload(1));
    const place = journal.append(payload(2));
    await journal.close();
    const file = readFileSync(segmentPath(folder, place.segment));
    expect(file.subarray(place.offset, place.offset + place.length).toString()).toBe("record 2");
  });

  it("writes what arrives during a write together in the next", async () => {
    const journal = fresh();
    journal.append(payload(0));
    const first = journal.durable();
    for (let n = 1; n < 50; n++) journal.append(payload(n));
    const rest = journal.durable();
    await first;
    expect(scan().texts.length).toBeGreaterThanOrEqual(1);
    await rest;
    expect(scan().texts).toHaveLength(50);
    await journal.close();
  });

  it("begins a new segment when one is full", async () => {
    const journal = fresh(200);
    for (let n = 0; n < 100; n++) {
      journal.append(payload(n));
      if (n % 7 === 0) await journal.durable();
    }
    await journal.close();
    const segments = listSegments(folder);
    expect(segments.length).toBeGreaterThan(5);
    expect(segments.flatMap((segment) => scan(segment).texts)).toEqual(
      Array.from({ length: 100 }, (_, n) => `record ${n}`),
    );
    for (const segment of segments) expect(statSync(segmentPath(folder, segment)).size).toBeLessThan(250);
  });

  it("keeps every whole record of a file that ends anywhere", async () => {
    const journal = fresh();
    const ends = [1, 2, 3].map((n) => {
      const { offset, length } = journal.append(payload(n));
      return offset + length;
    });
    await journal.close();
    const whole = readFileSync(segmentPath(folder, 1));
    for (let size = whole.length; size >= 0; size--) {
      truncateSync(segmentPath(folder, 1), size);
      const { texts, end } = scan();
      expect(texts).toHaveLength(ends.filter((each) => each <= size).length);
      expect(end).toBe(
        size < segmentHeaderSize ? 0 : (ends.filter((each) => each <= size).at(-1) ?? segmentHeaderSize),
      );
    }
  });

  it("stops at a record whose bytes were changed, and at garbage", async () => {
    const journal = fresh();
    const first = journal.append(payload(1));
    journal.append(payload(2));
    await journal.close();
    const path = segmentPath(folder, 1);
    const whole = readFileSync(path);
    appendFileSync(path, Buffer.alloc(100, 0xff));
    expect(scan()).toEqual({ texts: ["record 1", "record 2"], end: whole.length });
    const changed = Buffer.from(whole);
    changed[first.offset] = 0;
    writeFileSync(path, changed);
    expect(scan().texts).toEqual([]);
  });

  it("refuses a segment under a wrong name", async () => {
    const journal = fresh();
    journal.append(payload(1));
    await journal.close();
    writeFileSync(segmentPath(folder, 2), readFileSync(segmentPath(folder, 1)));
    expect(() => scan(2)).toThrow(expect.objectContaining({ code: "DATA_FOLDER_UNAVAILABLE" }));
  });

  it("fails for ever once a write has failed: memory is ahead of the disk", async () => {
    const journal = new Journal(join(folder, "missing"), 1 << 20, { number: 1, size: segmentHeaderSize });
    journal.append(payload(1));
    await expect(journal.durable()).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    await expect(journal.durable()).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    expect(() => journal.append(payload(2))).toThrow();
  });
});
