import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Address, generateKeyPairSigner, type KeyPairSigner } from "@solana/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliRun, runCli } from "../../../test/support/cli.ts";
import { fromBase58, toHex } from "../../core/bytes.ts";
import { startTestLocalnet, type TestLocalnet } from "../../rails/localnet/fixture.ts";
import { createSolanaClient } from "../../rails/solana/client.ts";
import { requestSol, signerFromSecret } from "../../rails/solana/tokens.ts";

let net: TestLocalnet;
let folder = "";
let issuer: KeyPairSigner;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "earnest-token-"));
  net = await startTestLocalnet();
  issuer = await keyFile("issuer.json", 1);
  await keyFile("poor.json", 2);
  await requestSol(createSolanaClient({ rpcUrl: net.rpcUrl }), issuer.address, 10_000_000_000n);
});
afterAll(async () => {
  await net.close();
  net.remove();
  rmSync(folder, { recursive: true });
});

/** In the form of solana-keygen, of a seed that is this byte all over. */
async function keyFile(name: string, byte: number): Promise<KeyPairSigner> {
  const seed = new Uint8Array(32).fill(byte);
  const signer = await signerFromSecret(seed);
  writeFileSync(join(folder, name), JSON.stringify([...seed, ...fromBase58(signer.address)]), { mode: 0o600 });
  return signer;
}

const run = (...args: string[]): Promise<CliRun> => runCli(["token", ...args, "--rpc", net.rpcUrl], { folder });
const create = (...args: string[]): Promise<CliRun> => run("create", "--keypair", "issuer.json", ...args);
const somebody = async (): Promise<Address> => (await generateKeyPairSigner()).address;

/** What is said where nothing works: one line of what happened, one of what to do. */
const told = ({ exitCode, stdout, stderr }: CliRun) => ({ exitCode, stdout, lines: stderr.trimEnd().split("\n") });

describe("token create", () => {
  it("makes a classic mint, and writes its address alone to standard output", async () => {
    const { exitCode, stdout, stderr } = await create("--supply", "1000000");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("1000000 tokens are in ");
    expect(stderr).toContain("You can make more of them.");
    const { json } = await run("show", stdout.trim(), "--wallet", issuer.address, "--json");
    expect(json).toMatchObject({
      mint: stdout.trim(),
      supply: "1000000",
      decimals: 6,
      held: "1000000",
      mintAuthority: issuer.address,
      freezeAuthority: null,
      metadata: null,
      refusal: null,
    });
  });

  it("keeps names in a Token-2022 mint", async () => {
    const names = ["--name", "Shelf Photos", "--symbol", "SHELF", "--metadata-uri", "https://example.com/a.json"];
    const { json } = await create("--supply", "2.5", "--decimals", "2", ...names, "--json");
    expect(json).toMatchObject({ ok: true, supply: "2.5", metadata: { name: "Shelf Photos", symbol: "SHELF" } });
    const { stdout } = await run("show", json.mint);
    expect(stdout).toMatch(/name +Shelf Photos \(SHELF\)\n/);
    expect(stdout).toMatch(/supply +2\.5, with 2 decimals\n/);
    expect(stdout).toMatch(/pools take it +yes\n/);
  });

  it("gives minting to somebody else, or to nobody", async () => {
    const other = await somebody();
    const given = await create("--supply", "1", "--mint-authority", other, "--json");
    expect(given.json).toMatchObject({ mintAuthority: other });
    const burnt = await create("--supply", "1", "--mint-authority", "burn");
    expect(burnt.stderr).toContain("Nobody can ever make more.");
    expect((await run("show", burnt.stdout.trim())).stdout).toMatch(/can make more +nobody\n/);
  });

  it.each([
    [["--supply", "1", "--name", "A"], "a name and a symbol"],
    [["--supply", "1", "--symbol", "A"], "a name and a symbol"],
    [["--supply", "1", "--name", "A", "--symbol", "ABCDEFGHIJK"], "longer than 10 bytes"],
    [["--supply", "1", "--decimals", "19"], "at most 18 decimals"],
    [["--supply", "0", "--mint-authority", "burn"], "of no use"],
    [["--supply", "1", "--mint-authority", "me"], '"me" is not a wallet\'s address'],
  ])("refuses %j before anything is sent", async (args, problem) => {
    const { exitCode, stderr, stdout } = await create(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(problem);
  });
});

describe("token send", () => {
  it("lets an earner without SOL spend, where somebody else pays the fee", async () => {
    const { json: made } = await create("--supply", "10", "--json");
    const poor = await signerFromSecret(new Uint8Array(32).fill(2));
    const first = await run("send", made.mint, "--keypair", "issuer.json", "--to", poor.address, "--amount", "4");
    expect(first.stdout).toBe(`✓ 4 tokens to ${poor.address}; 6 are left.\n`);
    const to = await somebody();
    const spend = ["send", made.mint, "--keypair", "poor.json", "--to", to, "--amount", "1.5"];
    const alone = told(await run(...spend));
    expect(alone).toMatchObject({ exitCode: 4, stdout: "" });
    expect(alone.lines[0]).toContain(`The wallet ${poor.address} has too little SOL`);
    const paid = await run(...spend, "--fee-payer", "issuer.json", "--json");
    expect(paid.json).toMatchObject({ ok: true, amount: "1.5", left: "2.5", to, from: poor.address });
    const beyond = await run("send", made.mint, "--keypair", "issuer.json", "--to", to, "--amount", "7");
    expect(told(beyond).lines[0]).toContain("holds too little");
  });

  it("refuses a token account in place of a wallet, and amounts that the token cannot have", async () => {
    const { json: made } = await create("--supply", "10", "--decimals", "1", "--json");
    const send = (...args: string[]) => run("send", made.mint, "--keypair", "issuer.json", ...args);
    const toAccount = await send("--to", made.account, "--amount", "1");
    expect(told(toAccount)).toMatchObject({ exitCode: 2 });
    expect(toAccount.stderr).toContain("is a token account or a mint, not a wallet");
    const tooFine = await send("--to", await somebody(), "--amount", "0.15");
    expect(told(tooFine)).toMatchObject({
      exitCode: 2,
      lines: [expect.stringContaining("0.15"), expect.anything(), "MALFORMED_AMOUNT"],
    });
  });
});

describe("what cannot be used", () => {
  it("says that a mint is not on this chain", async () => {
    const mint = await somebody();
    const { exitCode, lines } = told(await run("show", mint));
    expect({ exitCode, code: lines[2] }).toEqual({ exitCode: 1, code: "MINT_NOT_FOUND" });
    expect(lines[0]).toContain(`${mint} is not a mint`);
    expect((await run("show", "no address")).stderr).toContain("MINT_NOT_FOUND");
  });

  it("says that no node answers, whatever else does", async () => {
    const other = createServer((_, response) => response.writeHead(404).end("{}"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { exitCode, stderr } = await runCli(["token", "show", issuer.address, "--rpc", url], { folder });
    other.close();
    expect(exitCode).toBe(1);
    expect(stderr).toContain("CHAIN_UNAVAILABLE");
    expect((await runCli(["token", "show", issuer.address, "--rpc", "nowhere"], { folder })).exitCode).toBe(2);
  });

  it("tells a wrong key file from a missing one, and knows a seed as servers keep them", async () => {
    writeFileSync(join(folder, "bad.json"), "[1,2,3]");
    const seed = new Uint8Array(32).fill(1);
    writeFileSync(join(folder, "operator.key"), `${toHex(seed)}\n`, { mode: 0o600 });
    const crossed = [...seed, ...new Uint8Array(32).fill(9)];
    writeFileSync(join(folder, "crossed.json"), JSON.stringify(crossed));
    const by = (file: string) => run("create", "--keypair", file, "--supply", "1", "--json");
    expect((await by("bad.json")).json.error).toMatchObject({ code: "MALFORMED_FILE" });
    expect((await by("crossed.json")).json.error.message).toContain("its public key is not that of its seed");
    expect((await by("none.json")).json.error).toMatchObject({ code: "FILE_NOT_FOUND" });
    expect((await by("operator.key")).json).toMatchObject({ ok: true, mintAuthority: issuer.address });
  });
});
