import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { runCli, temporaryFolder } from "../../../test/support/cli.ts";
import { named, sha256 } from "../../../test/support/market-hash.ts";
import { newSigner } from "../../../test/support/receipts.ts";
import {
  commitReceipt,
  epochLeaves,
  headReceipt,
  judged,
  logInToken,
  logWith,
  market,
  network,
  slot,
} from "../../../test/support/settlement-receipt.ts";
import type { Network } from "../../contract/network.ts";
import { bytes32, fromBase58, toBase58, toBase64 } from "../../core/bytes.ts";
import { epochRoots, laneTree, leafCountOf, payoutTree } from "../../core/commit/epoch-trees.ts";
import { formatSlot } from "../../core/slot.ts";
import type { Entry } from "../../market/entries.ts";
import { encodeReceipt, type Receipt, type ReceiptCommit } from "../../market/settlement/receipt.ts";
import { readPoolNow } from "../../rails/solana/escrow/accounts.ts";
import { commitContextOf, sendCommit } from "../../rails/solana/escrow/commits.ts";
import { TestEscrow, testAttestor } from "../../rails/solana/escrow/fixture.ts";
import { writeProfile } from "../credentials.ts";

const acceptedLog = logWith(judged("accepted", "AGREES"));
const rejectedLog = logWith(judged("rejected", "DISAGREES"));
const base64Of = (receipt: Receipt): string => toBase64(encodeReceipt(receipt));
const row = (receipt: Receipt, beside: object = {}) => ({ ...beside, receipt: base64Of(receipt) });
const header = { format: "earnest-receipts/1", market: "00", network };

interface Parts {
  readonly args?: readonly string[];
  /** Kept in a file for --network. */
  readonly network?: unknown;
  readonly isLoggedIn?: boolean;
}

const verify = (rows: readonly unknown[], parts: Parts = {}) =>
  verifyText(rows.map((each) => `${JSON.stringify(each)}\n`).join(""), parts);

async function verifyText(text: string, parts: Parts) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "receipts.jsonl"), text);
  if (parts.network !== undefined) writeFileSync(join(folder, "network.json"), JSON.stringify(parts.network));
  if (parts.isLoggedIn === true) {
    const profile = { server: "http://x", apiKey: null, session: null, network };
    await writeProfile(join(folder, "data"), "default", profile);
  }
  const given = parts.network === undefined ? [] : ["--network", "network.json"];
  return runCli(["receipts", "verify", "receipts.jsonl", "--json", ...given, ...(parts.args ?? [])], { folder });
}

describe("portable receipts", () => {
  it("are verified on a head and on a commit, accepted and rejected, each slot counted once", async () => {
    const rows = [row(headReceipt(acceptedLog)), row(commitReceipt(acceptedLog)), row(commitReceipt(acceptedLog))];
    const { json, exitCode } = await verify(rows, { network });
    expect(json).toMatchObject({ ok: true, verified: 3, failed: [], trust: "network file" });
    const paidIn = [{ mint: network.mint, paid: "1000" }];
    expect(json.submissions).toEqual({
      completed: 0,
      first: 1,
      verdicts: { accepted: 1 },
      reasons: {},
      paid: "1000",
      paidIn,
    });
    expect(exitCode).toBe(0);
    const rejected = await verify([row(commitReceipt(rejectedLog))], { network });
    expect(rejected.json.submissions).toEqual({
      completed: 1,
      first: 0,
      verdicts: { rejected: 1 },
      reasons: { DISAGREES: 1 },
      paid: "0",
      paidIn: [{ mint: network.mint, paid: "0" }],
    });
  });

  it("say in words what they came to, and whom that trusts", async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, "r.jsonl"),
      [header, row(commitReceipt(rejectedLog))].map((r) => JSON.stringify(r)).join("\n"),
    );
    const { stdout, stderr } = await runCli(["receipts", "verify", "r.jsonl"], { folder });
    expect(stdout).toContain("1 receipts are good");
    expect(stdout).toContain("1 under a commit, 0 under a signed head; 1 rejected (1 DISAGREES); 0 paid");
    expect(stderr).toContain("Nobody but the receipts says whom to trust");
  });

  it("may be trusted by the profile, or by their own word, which is said", async () => {
    const rows = [header, row(commitReceipt(acceptedLog)), row(headReceipt(acceptedLog))];
    expect((await verify(rows)).json).toMatchObject({ ok: true, verified: 2, trust: "receipts" });
    expect((await verify(rows.slice(1), { isLoggedIn: true })).json).toMatchObject({ ok: true, trust: "profile" });
    // What the profile kept goes before what a file says of itself.
    const stranger = { ...network, pool: toBase58(named("another pool")) };
    const foreign = [{ ...header, network: stranger }, ...rows.slice(1)];
    expect((await verify(foreign, { isLoggedIn: true })).json).toMatchObject({ ok: true, trust: "profile" });
    expect((await verify(foreign)).json).toMatchObject({ ok: false, failures: 1 });
  });

  it("on a head need no more than a signing key", async () => {
    const args = ["--signer", network.signer];
    expect((await verify([row(headReceipt(acceptedLog))], { args })).json).toMatchObject({ ok: true, trust: "none" });
    const { json } = await verify([row(commitReceipt(acceptedLog))], { args });
    expect(json.failed[0].reason).toMatch(/neither a head nor a commit/);
    const other = ["--signer", newSigner().address];
    expect((await verify([row(headReceipt(acceptedLog))], { args: other, network })).json.failed[0].reason).toBe(
      "slot 3.1: its head is not signed by the network's signer (head of entry 9)",
    );
  });

  it("must say what stands beside them", async () => {
    const said = { slot: formatSlot(slot), verdict: "rejected", reason: "DISAGREES", epoch: "2" };
    const receipt = commitReceipt(rejectedLog);
    expect((await verify([row(receipt, said)], { network })).json.ok).toBe(true);
    for (const [name, wrong] of Object.entries({ slot: "3.0", verdict: "accepted", reason: "AGREES", epoch: null })) {
      const { json } = await verify([row(receipt, { ...said, [name]: wrong })], { network });
      expect(json.failed).toEqual([
        { where: "receipts.jsonl:1", reason: expect.stringContaining(`beside it stands the ${name} ${wrong}`) },
      ]);
    }
  });

  it.each([
    ["no base64", { receipt: "?" }, "its receipt is not base64"],
    ["base64 of nothing", { receipt: "AAAA" }, "its receipt cannot be decoded"],
    ["no receipt at all", { slot: "3.1" }, "it is not a receipt"],
  ])("are refused where they are %s, and the others still checked", async (_, bad, reason) => {
    const { json, exitCode } = await verify([row(commitReceipt(acceptedLog)), bad], { network });
    expect(json).toMatchObject({ ok: false, verified: 1, failures: 1 });
    expect(json.failed).toEqual([{ where: "receipts.jsonl:2", reason: expect.stringContaining(reason) }]);
    expect(exitCode).toBe(1);
  });

  it("come to no other facts, whichever letter of the file is altered, and each that is no good is named", async () => {
    const said = { slot: formatSlot(slot), verdict: "rejected", reason: "DISAGREES", epoch: "2" };
    const good = JSON.stringify(row(commitReceipt(rejectedLog), said));
    const place = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 32, max: 126 }));
    const rows = fc.sample(place, { numRuns: 300, seed: 4 }).map(([at, code]) => {
      const altered = good.slice(0, at) + String.fromCharCode(code) + good.slice(at + 1);
      return altered === good ? `${altered} ` : altered;
    });
    const { json } = await verifyText([good, ...rows].join("\n"), { network });
    expect(json.verified + json.failures).toBe(rows.length + 1);
    expect(json.submissions).toMatchObject({ completed: 1, first: 0, verdicts: { rejected: 1 }, paid: "0" });
    expect(json.failures).toBeGreaterThan(250);
    expect(json.failed).toHaveLength(json.failures);
    for (const each of json.failed) {
      expect(each).toEqual({
        where: expect.stringMatching(/^receipts\.jsonl:\d+$/),
        reason: expect.stringMatching(/./),
      });
      expect(each.where).not.toBe("receipts.jsonl:1");
    }
  });

  it.each([
    ["not there", [], "FILE_NOT_FOUND"],
    ["no network", { hello: 1 }, "MALFORMED_FILE"],
  ])("need a network's file that is one: %s", async (_, wrong, code) => {
    const parts = Array.isArray(wrong) ? { args: ["--network", "none.json"] } : { network: wrong };
    expect((await verify([row(commitReceipt(acceptedLog))], parts)).json.error.code).toBe(code);
  });

  it("need somebody to trust", async () => {
    const { json, exitCode } = await verify([row(commitReceipt(acceptedLog))]);
    expect(json.error.code).toBe("MALFORMED_COMMAND");
    expect(json).toMatchObject({ ok: false, verified: 0, failed: [] });
    expect(exitCode).toBe(2);
    const { json: rpc } = await verify([row(commitReceipt(acceptedLog))], { args: ["--rpc", "http://127.0.0.1:9"] });
    expect(rpc.error.message).toMatch(/Which network's receipts/);
  });
});

const tokenOf = ({ mint, decimals, pool, vault }: Network) => ({ mint, decimals, pool, vault });

describe("receipts of several tokens", () => {
  const [mint, pool] = [toBase58(named("other mint")), named("other pool")];
  const token = (of: Partial<Network["tokens"][number]>) => ({
    mint: network.mint,
    name: null,
    symbol: null,
    decimals: 6,
    canFreeze: false,
    pool: network.pool,
    vault: network.vault,
    ...of,
  });
  const tokens = [token({}), token({ mint, pool: toBase58(pool), decimals: 2 })];
  /** What `receipts export` writes of a market in the other token. */
  const inOther = { ...network, mint, pool: toBase58(pool), decimals: 2, tokens };
  const otherLog = logInToken(acceptedLog, mint);
  const [home, other] = [commitReceipt(acceptedLog), commitReceipt(otherLog, { pool })];

  function files(...each: readonly (readonly [Network, Receipt])[]) {
    const folder = temporaryFolder();
    const names = each.map(([of, receipt], i) => {
      const lines = [{ ...header, network: of }, row(receipt)].map((line) => `${JSON.stringify(line)}\n`);
      writeFileSync(join(folder, `${i}.jsonl`), lines.join(""));
      return `${i}.jsonl`;
    });
    return (...args: readonly string[]) => runCli(["receipts", "verify", ...names, ...args], { folder });
  }

  it("are each verified against its own token's pool, in whatever order, and never added up", async () => {
    const inHome = { ...network, tokens };
    for (const run of [files([inHome, home], [inOther, other]), files([inOther, other], [inHome, home])]) {
      const { json, exitCode } = await run("--json");
      expect(json).toMatchObject({ ok: true, verified: 2, failed: [], submissions: { completed: 2, paid: null } });
      expect(json.submissions.paidIn).toHaveLength(2);
      expect(json.submissions.paidIn).toContainEqual({ mint: network.mint, paid: "1000" });
      expect(json.submissions.paidIn).toContainEqual({ mint, paid: "1000" });
      expect(exitCode).toBe(0);
    }
    const { stdout } = await files([inHome, home], [inOther, other])();
    expect(stdout).toContain(`0.001 of ${network.mint}, 10 of ${mint} paid`);
  });

  it("are refused under the commit of another token's pool, or of a pool that the network has not", async () => {
    const foreign = { ...inOther, tokens: tokens.slice(0, 1) };
    const cases: readonly (readonly [Network, Receipt, string])[] = [
      [inOther, commitReceipt(acceptedLog, { pool }), "its commit is of another token than its market pays in"],
      [inOther, commitReceipt(otherLog), "its commit is of another token than its market pays in"],
      [foreign, other, "its commit is for another program, cluster, network or pool (pool)"],
    ];
    for (const [of, receipt, reason] of cases) {
      const { json } = await files([of, receipt])("--json");
      expect(json).toMatchObject({ ok: false, failures: 1 });
      expect(json.failed[0].reason).toContain(reason);
    }
  });

  it("on a head alone count under the token that their market names", async () => {
    const { json } = await files([inOther, headReceipt(otherLog)], [inOther, headReceipt(acceptedLog)])("--json");
    const paidIn = [
      { mint, paid: "1000" },
      { mint: network.mint, paid: "1000" },
    ];
    expect(json).toMatchObject({ ok: true, verified: 2, submissions: { first: 2, paid: null, paidIn } });
  });

  it("need no network to be told apart", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "r.jsonl"), `${JSON.stringify(row(headReceipt(otherLog)))}\n`);
    const { json } = await runCli(["receipts", "verify", "r.jsonl", "--signer", network.signer, "--json"], { folder });
    expect(json.submissions).toMatchObject({ paid: "1000", paidIn: [{ mint, paid: "1000" }] });
  });
});

describe("earnest receipts export", () => {
  const receipts = [commitReceipt(acceptedLog), headReceipt(rejectedLog)];

  /** A server that knows its network and the receipts of one market. */
  async function serving(lines: readonly string[]): Promise<string> {
    const server = createServer(({ url = "" }, response) => {
      if (url === "/v1/network") response.end(JSON.stringify(network));
      else if (url === `/v1/markets/${market}`) response.end(JSON.stringify({ token: tokenOf(network) }));
      else if (url === `/v1/markets/${market}/receipts`) response.end(lines.join(""));
      else response.writeHead(404).end();
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const lines = receipts.map((each) => `${JSON.stringify({ slot: formatSlot(slot), receipt: base64Of(each) })}\n`);

  it("writes a file that verifies, with why a submission was rejected", async () => {
    const folder = temporaryFolder();
    const args = ["receipts", "export", market, "-o", "receipts.jsonl", "--json", "--server", await serving(lines)];
    expect((await runCli(args, { folder })).json).toEqual({ ok: true, receipts: 2, file: "receipts.jsonl" });
    const rows = readFileSync(join(folder, "receipts.jsonl"), "utf8").trimEnd().split("\n");
    expect(rows.map((each) => JSON.parse(each) as object)).toMatchObject([
      { format: "earnest-receipts/1", market, network },
      { slot: "3.1", verdict: "accepted", reason: "AGREES", epoch: "2" },
      { slot: "3.1", verdict: "rejected", reason: "DISAGREES", epoch: null },
    ]);
    const verified = await runCli(["receipts", "verify", "receipts.jsonl", "--json"], { folder });
    expect(verified.json).toMatchObject({ ok: true, verified: 2, trust: "receipts" });
  });

  it("goes to standard output as well", async () => {
    const { stdout, stderr } = await runCli(["receipts", "export", market, "--server", await serving(lines)]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(3);
    expect(stderr).toContain("2 receipts");
  });

  it("leaves no file behind that is not whole", async () => {
    const folder = temporaryFolder();
    const cut = [...lines, '{"slot":"3.1","receipt":"AAAA"}\n'];
    const args = ["receipts", "export", market, "-o", "receipts.jsonl", "--json", "--server", await serving(cut)];
    expect((await runCli(args, { folder })).exitCode).not.toBe(0);
    expect(readdirSync(folder)).not.toContain("receipts.jsonl");
  });
});

describe("portable receipts by the chain's word", () => {
  let test: TestEscrow;
  let onChain: Network;
  beforeAll(async () => {
    test = await TestEscrow.start();
    const { program, pool } = test.pool.at;
    const places = { cluster: test.escrow.cluster, program, network: test.pool.at.network, pool };
    onChain = { ...network, ...places, attestors: { threshold: 1, keys: [newSigner().address] } };
  });
  afterAll(() => test.close());

  /** Completed by a commit that may go to the chain. */
  async function completed(log: readonly Entry[]) {
    const leaves = epochLeaves(log);
    const pool = bytes32(fromBase58(test.pool.at.pool));
    const roots = epochRoots(sha256, pool, { ...leaves, markets: [] });
    const commit = await test.message({ ...roots, leafCount: BigInt(leafCountOf(leaves.payouts)) });
    const at = await readPoolNow(test.escrow, test.pool.at, "confirmed");
    const inReceipt: ReceiptCommit = {
      message: { context: commitContextOf(test.escrow, test.pool.at, at), body: commit.body },
      signatures: commit.signatures,
      lane: leaves.lanes[0] as ReceiptCommit["lane"],
      laneProof: laneTree(sha256, pool, leaves.lanes).proof(0),
      payout: leaves.payouts[2] as ReceiptCommit["payout"],
      payoutProof: payoutTree(sha256, pool, leaves.payouts).proof(2),
    };
    return { commit, receipt: { ...headReceipt(log), head: null, commit: inReceipt } };
  }

  it("are good once their commit is there, whatever the file says of attestors", async () => {
    const { commit, receipt } = await completed(acceptedLog);
    const args = ["--rpc", test.net.rpcUrl];
    const early = await verify([row(receipt)], { network: onChain, args });
    expect(early.json.failed[0].reason).toContain("its commit is not the one that is on chain (epoch 1)");
    await sendCommit(test.escrow, test.pool.at, commit);
    const { json } = await verify([row(receipt)], { network: onChain, args });
    expect(json).toMatchObject({ ok: true, verified: 1, trust: "chain", submissions: { completed: 1 } });
    const { receipt: other } = await completed(rejectedLog);
    expect((await verify([row(other)], { network: onChain, args })).json.ok).toBe(false);
    expect((await verify([row(receipt)], { network: onChain })).json.failed[0].reason).toMatch(
      /no attestor of this set/,
    );
  });

  it("stay good when other attestors take over, by who they were then", async () => {
    const args = ["--rpc", test.net.rpcUrl];
    const before = { ...onChain, attestors: { threshold: 2, keys: test.attestors.map(({ address }) => address) } };
    const own = [{ ...header, network: before }];
    const { commit, receipt } = await completed(acceptedLog);
    await sendCommit(test.escrow, test.pool.at, commit);
    await test.rotate(["dan", "eve", "fay"].map(testAttestor));
    // The program took it by the set of its time.
    expect((await verify([...own, row(receipt)], { args })).json).toMatchObject({ ok: true, trust: "chain" });
    await sendCommit(test.escrow, test.pool.at, (await completed(rejectedLog)).commit);
    expect((await verify([row(receipt)], { network: before, args })).json).toMatchObject({ ok: true, trust: "chain" });
    const forged = { ...receipt, commit: { ...receipt.commit, signatures: [] } };
    const { json } = await verify([row(forged)], { network: before, args });
    expect(json.failed[0].reason).toContain("fewer attestors signed");
    // Their own word on who signed then is none, and the present set is no older one.
    const after = { ...onChain, attestors: { threshold: 2, keys: test.attestors.map(({ address }) => address) } };
    for (const unknown of [
      await verify([...own, row(receipt)], { args }),
      await verify([row(receipt)], { network: after, args }),
    ]) {
      expect(unknown.json.failed[0].reason).toContain("by a set of attestors that is not known here");
    }
  });

  it("are not asked of another chain, or of none", async () => {
    const args = ["--rpc", test.net.rpcUrl];
    const wrong = await verify([row(commitReceipt(acceptedLog))], { network, args });
    expect(wrong.json.error.code).toBe("CLUSTER_MISMATCH");
  });
});
