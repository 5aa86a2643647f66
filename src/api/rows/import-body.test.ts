import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ImportBody } from "./import-body.ts";

async function* cut(bytes: Uint8Array, places: readonly number[]): AsyncGenerator<Uint8Array> {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  for (const [i, from] of sorted.entries()) yield await Promise.resolve(bytes.subarray(from, sorted[i + 1] ?? from));
}

async function readAll(body: ImportBody, source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body.read(source)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const opened = (): ImportBody => new ImportBody("POST /imports csv\n", "key");

/** Where a body stood when it had given so many pieces. */
async function markAfter(source: AsyncIterable<Uint8Array>, pieces: number): Promise<string> {
  const body = opened();
  const reading = body.read(source);
  for (let i = 0; i < pieces; i++) await reading.next();
  return body.mark();
}

const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 });
const places = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 6 });

describe("the body of an import that goes on", () => {
  it("passes whole and has the same hash, however it is cut this time", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, places, places, fc.nat(6), async (sent, before, now, pieces) => {
        const body = opened();
        body.goOn(await markAfter(cut(sent, before), pieces), 7);
        expect(await readAll(body, cut(sent, now))).toEqual(Buffer.from(sent));
        expect(body.rowsDone).toBe(7);
        const whole = opened();
        await readAll(whole, cut(sent, []));
        expect(body.digest()).toEqual(whole.digest());
      }),
    );
  });

  it("is refused where it is another one as far as it came, or ends before that", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, places, fc.nat(1_000), async (sent, now, place) => {
        const mark = await markAfter(cut(sent, []), 2);
        const other = Uint8Array.from(sent);
        other[place % sent.length] = (sent[place % sent.length] as number) ^ 1;
        for (const wrong of [other, sent.subarray(0, place % sent.length)]) {
          const body = opened();
          body.goOn(mark, 1);
          await expect(readAll(body, cut(wrong, now))).rejects.toMatchObject({ code: "IDEMPOTENCY_MISMATCH" });
        }
      }),
    );
  });
});
