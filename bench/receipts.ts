import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build } from "vite";
import { type Bytes32, toHex } from "#src/core/bytes";
import { sha256, signerFromSeed, verifyEd25519 } from "#src/main/crypto";
import { decodeReceipt } from "#src/market/settlement/receipt";
import { ReceiptVerifier } from "#src/market/settlement/verify-receipt";
import { defineBench, type Say } from "./options.ts";
import { type BuiltReceipts, buildReceipts } from "./receipts/build-receipts.ts";
import type { TrustInHex } from "./receipts/in-browser.ts";

/**
 * Verifying portable receipts of one market, from their bytes: decoded, every path and signature, every entry read. First
 * ones stand on the lane's signed head, completed ones on a commit that two of three attestors signed, with 100,000
 * payouts and 1,000 lanes. In Node processor time, in the page wall time; median of rounds, one thread. Nothing is known
 * from the round before.
 */
export const benchReceipts = defineBench({}, bench);

async function bench(_options: object, say: Say): Promise<object> {
  const built = buildReceipts(receiptsInNode);
  const bytes = { first: meanBytes(built.first), completed: meanBytes(built.completed) };
  say("receipts     bytes each   a second in Node   in Chromium");
  const inNode = { first: rateInNode(built, "first"), completed: rateInNode(built, "completed") };
  const inBrowser = await ratesInBrowser(built);
  for (const name of ["first", "completed"] as const) {
    const browser = inBrowser === null ? "no Chromium here" : `${inBrowser[name]}`;
    say(`${name.padEnd(13)}${`${bytes[name]}`.padEnd(13)}${`${inNode[name]}`.padEnd(19)}${browser}`);
  }
  const bare = bareInNode();
  say(`by themselves in Node, a second: ${bare.signatures} signatures checked, ${bare.hashes} nodes of a tree hashed`);
  return { receipts: receiptsInNode, bytes, perSecond: { node: inNode, browser: inBrowser }, bare, rounds };
}

/** What this machine's cryptography does by itself: no verifier is faster than what it has to check and hash. */
function bareInNode(): { readonly signatures: number; readonly hashes: number } {
  const signer = signerFromSeed(new Uint8Array(32).fill(3));
  const message = new Uint8Array(100);
  const signature = signer.sign(message);
  const node = new Uint8Array(65);
  const rate = (count: number, work: () => unknown): number => {
    const times = Array.from({ length: rounds }, () => {
      const start = process.cpuUsage();
      for (let i = 0; i < count; i++) work();
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1_000;
    });
    return rateOf(times, count);
  };
  return {
    signatures: rate(1_000, () => verifyEd25519(signer.publicKey, message, signature)),
    hashes: rate(100_000, () => sha256(node)),
  };
}

type Sort = "first" | "completed";

const receiptsInNode = 10_000;
const receiptsInBrowser = 2_000;
const rounds = 5;

const meanBytes = (receipts: readonly Uint8Array[]): number =>
  Math.round(receipts.reduce((sum, each) => sum + each.length, 0) / receipts.length);

function rateInNode({ trust, ...receipts }: BuiltReceipts, sort: Sort): number {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage();
    const verifier = new ReceiptVerifier(trust, sha256, verifyEd25519);
    for (const encoded of receipts[sort]) {
      const found = verifier.verify(decodeReceipt(encoded));
      if (!found.ok) throw new Error(`${found.reason} ${found.where}`);
    }
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / 1_000);
  }
  return rateOf(times, receipts[sort].length);
}

const rateOf = (times: readonly number[], count: number): number =>
  Math.round((count * 1_000) / (times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] as number));

const browserPath = process.env["EARNEST_CHROMIUM"] ?? "/usr/bin/chromium";

async function ratesInBrowser(built: BuiltReceipts): Promise<Record<Sort, number> | null> {
  if (!existsSync(browserPath)) return null;
  const script = await pageScript();
  const server = createServer(
    (_, response) => void response.setHeader("content-type", "text/html").end("<!doctype html>"),
  );
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.addScriptTag({ content: script });
    const rate = async (sort: Sort): Promise<number> => {
      const receipts = built[sort].slice(0, receiptsInBrowser).map((each) => Buffer.from(each).toString("base64"));
      const times = await page.evaluate(inPage, { receipts, trust: trustInHex(built), rounds });
      return rateOf(times, receipts.length);
    };
    return { first: await rate("first"), completed: await rate("completed") };
  } finally {
    await browser.close();
    server.close();
  }
}

interface PageInput {
  readonly receipts: readonly string[];
  readonly trust: TrustInHex;
  readonly rounds: number;
}

/** Runs in the page, which has nothing but the script. */
const inPage = ({ receipts, trust, rounds: count }: PageInput): Promise<readonly number[]> => {
  const { receiptsBench } = globalThis as unknown as { receiptsBench: typeof import("./receipts/in-browser.ts") };
  return receiptsBench.verifyInPage(receipts, trust, count);
};

async function pageScript(): Promise<string> {
  const entry = fileURLToPath(new URL("./receipts/in-browser.js", import.meta.url));
  const built = await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, lib: { entry, formats: ["iife"], name: "receiptsBench" } },
  });
  const [bundle] = [built].flat() as { output: readonly { code?: string }[] }[];
  return bundle?.output[0]?.code ?? "";
}

function trustInHex({ trust }: BuiltReceipts): TrustInHex {
  const { signer, commits } = trust;
  const set = commits?.sets.get(1);
  if (signer === null || commits === null || set === undefined) throw new Error("there is nobody to trust");
  const hex = (bytes: Bytes32): string => toHex(bytes);
  const { program, cluster, network, pool } = commits;
  return {
    signer: hex(signer),
    program: hex(program),
    cluster: hex(cluster),
    network: hex(network),
    pool: hex(pool),
    attestors: set.keys.map(hex),
    threshold: set.threshold,
  };
}
