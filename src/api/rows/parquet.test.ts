import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import type { Result } from "../../contract/results.ts";
import { parquetBytes } from "./parquet.ts";

const row = (task: number): Result =>
  ({
    id: `r${task} — 猫`,
    task,
    lane: 0,
    label: task % 2 === 0 ? "good" : { x: [1, 2] },
    confidence: 0.875,
    decided: task % 3 === 0,
    control: false,
    votes: { good: 2 },
    cost: "0.000001",
    paid: [],
    receipt: { market: "ab".repeat(16), lane: 0 },
  }) as unknown as Result;

async function fileOf(count: number): Promise<{ readonly file: ArrayBuffer; readonly pieces: number }> {
  async function* rows() {
    for (let task = 0; task < count; task++) yield row(task);
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of parquetBytes(rows())) pieces.push(piece);
  const whole = Buffer.concat(pieces);
  return { file: whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.length), pieces: pieces.length };
}

describe("a Parquet file of results", () => {
  it.each([0, 1, 2_000, 4_001])("holds %i rows as they are", async (count) => {
    const { file, pieces } = await fileOf(count);
    const read = await parquetReadObjects({ file });
    expect(read).toHaveLength(count);
    for (const each of [0, 1, count - 1].filter((at) => at >= 0 && at < count)) expect(read[each]).toEqual(row(each));
    // A group goes out before the next one is made.
    expect(parquetMetadata(file).row_groups).toHaveLength(Math.ceil(count / 2_000));
    expect(pieces).toBe(Math.floor(count / 2_000) + 1);
  });
});
