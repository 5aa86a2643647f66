import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect } from "vitest";
import { Earnest } from "../../src/client/earnest.ts";
import { signerFromSeed } from "../../src/client/keys.ts";
import type { MarketId } from "../../src/core/market-id.ts";
import { randomFill } from "../../src/main/crypto.ts";
import { readWarc, wrongDigests } from "../../src/verification/web/warc.ts";
import { checkAsWarcio } from "./check-as-warcio.ts";
import { runCli } from "./cli.ts";

/** Every record of a packed file; all digests are what they should be. */
export function recordsOf(file: Uint8Array) {
  const digestOf = (algorithm: "sha1" | "sha256", bytes: Uint8Array) => createHash(algorithm).update(bytes).digest();
  const reading = readWarc(gunzipSync(file));
  const records = [];
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) {
      expect(value).toBeNull();
      return records;
    }
    expect(wrongDigests(value, digestOf)).toEqual([]);
    records.push(value);
  }
}

/** The rules of warcio's checker hold on a file with pages in pieces, packed ones and revisits, and find what is wrong. */
export function checkByItsRules(file: Buffer): void {
  const { problems, records } = checkAsWarcio(file);
  expect(problems).toEqual([]);
  for (const { type, status } of records) expect([type, status]).toEqual([type, type === "revisit" ? null : true]);
  const response = (path: string) =>
    records.find(({ type, uri }) => type === "response" && uri === `http://plain.under-test.org${path}`);
  expect(response("/chunked")?.http?.has("transfer-encoding")).toBe(false);
  expect(response("/chunked")?.payload.toString()).toBe("a".repeat(1_000) + "b".repeat(1_000));
  expect(response("/packed")?.http?.get("content-encoding")).toBe("gzip");
  expect(gunzipSync(response("/packed")?.payload ?? "").equals(Buffer.alloc(20_000_000))).toBe(true);
  const whole = gunzipSync(file).toString("latin1");
  const problemsOf = (text: string) => checkAsWarcio(gzipSync(Buffer.from(text, "latin1"))).problems;
  expect(problemsOf(whole)).toEqual(["record 1: more than one record is packed together"]);
  const [info = ""] = whole.split("WARC/1.1").slice(1);
  for (const [from, to, problem] of [
    ["software", "SOFTWARE", "warc-block-digest is another"],
    ["Content-Length: ", "Content-Length: 5\r\nX-Length: ", "its length is another"],
    [/Content-Length: /, "Content-Length: 9", "it is cut short"],
    [/sha256:/, "sha255:", "Digest method not supported"],
    ["/1.1", "/2.0", "it begins with WARC/2.0"],
  ] as const)
    expect(problemsOf(`WARC/1.1${info}`.replace(from, to)).join()).toContain(problem);
  const first = whole.split("WARC/1.1").find((text) => text.includes("WARC-Type: response")) ?? "";
  const lost = `WARC/1.1${first}`.replace("WARC-Target-URI", "WARC-Target-URL");
  expect(problemsOf(lost)).toEqual(["record 0: it does not say of which address it is"]);
}

/** What its requester gets of a market, and nobody else: once, and again what is damaged. */
export async function takeAll(
  server: string,
  folder: string,
  market: MarketId,
  client: Earnest,
  file: Buffer,
): Promise<void> {
  const { secret } = await client.apiKeys.create({ name: "other" });
  const take = () =>
    runCli(["archives", market, "--out", "pages", "--json", "--server", server], {
      folder,
      settings: { apiKey: secret },
    });
  expect((await take()).json).toMatchObject({ ok: true, sessions: 1, pages: 8, bytes: file.length });
  const path = join(folder, "pages", `${market}-0.0.warc.gz`);
  expect((await readdir(join(folder, "pages"))).sort()).toEqual(["0.0.cdxj", "0.0.json", `${market}-0.0.warc.gz`]);
  await writeFile(path, file.subarray(1));
  await take();
  expect((await readFile(path)).equals(file)).toBe(true);
  const session = await Earnest.signIn({ server: server, signer: await signerFromSeed(randomFill(32)) });
  await expect(session.markets.archives(market).page()).rejects.toMatchObject({ code: "OWNER_MISMATCH" });
  await expect(session.markets.archive(market, "0.0", "warc")).rejects.toMatchObject({ code: "OWNER_MISMATCH" });
  await expect(client.markets.archive(market, "7.0", "warc")).rejects.toMatchObject({ code: "SLOT_NOT_FOUND" });
}
