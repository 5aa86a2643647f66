import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Address, generateKeyPairSigner } from "@solana/kit";
import { getCreateAccountInstruction } from "@solana-program/system";
import { getInitializeMint2Instruction, getMintSize, TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Attesting, attest } from "../../src/attestor/attest.ts";
import { Contributor } from "../../src/client/contributor.ts";
import { Earnest } from "../../src/client/earnest.ts";
import { signerFromSeed as clientSigner } from "../../src/client/keys.ts";
import { toBase58 } from "../../src/core/bytes.ts";
import { randomFill, sha256, signerFromSeed, verifyEd25519 } from "../../src/main/crypto.ts";
import { readEnvironment } from "../../src/main/environment.ts";
import { networkCommand } from "../../src/main/network-command.ts";
import { serveCommand } from "../../src/main/serve-command.ts";
import { startTestLocalnet, type TestLocalnet } from "../../src/rails/localnet/fixture.ts";
import { createSolanaClient } from "../../src/rails/solana/client.ts";
import { token2022Program } from "../../src/rails/solana/escrow/pools.ts";
import { tokenAddress } from "../../src/rails/solana/program/derived-addresses.ts";
import { requestSol } from "../../src/rails/solana/tokens.ts";
import { createEmptyDatabase } from "../../src/store/testing.ts";
import { type CliRun, runCli } from "../support/cli.ts";
import { testSandbox } from "../support/engine.ts";
import { writeKeypair } from "../support/keypair-file.ts";

/**
 * A network on a chain that somebody else runs, by the commands that an operator and a requester give: a token, a network,
 * a server, a deposit. Nothing of it knows that the chain is a localnet.
 */

let chain: TestLocalnet;
let folder: string;
let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
/** For another token. */
let other: typeof database;
let attestors: readonly Attesting[] = [];
const servings: Promise<CliRun>[] = [];
const stopping = new AbortController();
/** What the first test makes, by the flags' names. */
let made: Record<"rpc" | "keypair" | "network" | "mint", string>;
const seeds = { operator: randomFill(32), requester: randomFill(32), attestors: [1, 2, 3].map(() => randomFill(32)) };
const addressOf = (seed: Uint8Array): Address => toBase58(signerFromSeed(seed).publicKey) as Address;

const keypairFile = (name: string, seed: Uint8Array): string => writeKeypair(join(folder, name), seed);

beforeAll(async () => {
  chain = await startTestLocalnet({});
  folder = mkdtempSync(join(tmpdir(), "earnest-cluster-"));
  database = await createEmptyDatabase();
  other = await createEmptyDatabase();
  const client = createSolanaClient({ rpcUrl: chain.rpcUrl });
  for (const seed of [seeds.operator, seeds.requester]) await requestSol(client, addressOf(seed), 5_000_000_000n);
});

afterAll(async () => {
  stopping.abort();
  await Promise.all(servings);
  await other.drop();
  await Promise.all(attestors.map((each) => each.close()));
  await chain.close();
  chain.remove();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function run(...args: string[]): Promise<CliRun["json"]> {
  const done = await runCli([...args, "--json"], { folder, extraCommands: { network: async () => networkCommand } });
  expect(done.exitCode, done.stderr).toBe(0);
  return done.json;
}

/** `earnest serve` until the tests end; resolves with its address. */
function serve(...args: string[]): Promise<string> {
  return serveOn(database.url, ...args);
}

function serveOn(databaseUrl: string, ...args: string[]): Promise<string> {
  const environment = { ...readEnvironment({ EARNEST_DATA: join(folder, "data") }, undefined), databaseUrl };
  return new Promise((resolve, reject) => {
    const serving = runCli(["serve", "--port", "0", ...args], {
      folder,
      extraCommands: { serve: async () => serveCommand(environment) },
      interrupted: stopping.signal,
      onOutput: (text) => {
        const url = /Serving (\S+),/.exec(text)?.[1];
        if (url !== undefined) resolve(url);
      },
    });
    servings.push(serving);
    serving.then((ended) => reject(new Error(ended.stderr)), reject);
  });
}

const startAttestor = (server: string, seed: Uint8Array, place: number): Promise<Attesting> =>
  attest({
    server,
    rpcUrl: chain.rpcUrl,
    seed,
    folder: join(folder, `attestor-${place}`),
    listen: null,
    pollMs: 100,
    sandbox: testSandbox,
    hash: sha256,
    verify: verifyEd25519,
    clock: Date.now,
    tell: () => undefined,
    say: () => undefined,
    signal: stopping.signal,
  });

/** A token of the operator's, of which the requester has some. */
async function issue(name: string, symbol: string): Promise<Address> {
  const operator = ["--rpc", chain.rpcUrl, "--keypair", join(folder, "operator.json")];
  const named = ["--name", name, "--symbol", symbol, "--decimals", "6", "--supply", "1000"];
  const { mint } = await run("token", "create", ...named, ...operator);
  await run("token", "send", mint, "--to", addressOf(seeds.requester), "--amount", "100", ...operator);
  return mint;
}

function describeMarket(file: string, named: { readonly mint?: string } = {}): void {
  const description = {
    title: "Cats",
    answer: { choices: ["cat", "dog"] },
    reward: "0.5",
    overlap: { min: 1, max: 1 },
    policy: null,
    ...named,
  };
  writeFileSync(join(folder, file), JSON.stringify(description));
}

/** A market of the requester's, with two tasks. */
async function openMarket(file: string): Promise<string> {
  const { market } = await run("markets", "create", file);
  const paid = ["--keypair", join(folder, "id.json"), "--rpc", chain.rpcUrl];
  await run("markets", "deposit", market.id, "10", ...paid);
  await run("markets", "open", market.id);
  writeFileSync(join(folder, "tasks.csv"), "id,photo\n1,1.jpg\n2,2.jpg\n");
  await run("tasks", "add", market.id, "tasks.csv");
  return market.id;
}

async function answerOne(person: Contributor, market: string): Promise<void> {
  const [offer] = await person.assign(market);
  await person.submit(market, { slot: (offer as NonNullable<typeof offer>).slot, body: { answer: "cat" } });
}

/** What a wallet's token account holds, in base units. */
async function heldBy(seed: Uint8Array, mint: Address): Promise<string> {
  const account = tokenAddress(addressOf(seed), mint, token2022Program);
  const { value } = await chain.rpc.getTokenAccountBalance(account).send();
  return value.amount;
}

const paidWait = { timeout: 60_000, interval: 100 } as const;
const worker = randomFill(32);
let serverUrl: string;
let home: Address;
let further: Address;

it("runs on a cluster, in a token of its own, from its mint to a contributor's account", {
  timeout: 120_000,
}, async () => {
  const [operator, requester] = [keypairFile("operator.json", seeds.operator), keypairFile("id.json", seeds.requester)];
  const rpc = ["--rpc", chain.rpcUrl];
  home = await issue("Work", "WRK");
  further = await issue("Shelf Photos", "SHELF");
  const keys = seeds.attestors.map(addressOf).join(",");
  const created = ["network", "create", ...rpc, "--keypair", operator, "--attestors", keys, "--threshold", "2"];
  const { network } = await run(...created);
  expect((await run(...created)).network).toBe(network);

  made = { rpc: chain.rpcUrl, keypair: operator, network, mint: home };
  const flags = Object.entries(made).flatMap(([name, value]) => [`--${name}`, value]);
  serverUrl = await serve("--epoch", "1", "--sponsor-min", "0.5", "--permit-mints", further, ...flags);
  attestors = await Promise.all(seeds.attestors.slice(0, 2).map((seed, i) => startAttestor(serverUrl, seed, i)));

  await run("login", "--server", serverUrl, "--keypair", requester);
  describeMarket("market.json");
  const market = await openMarket("market.json");
  await answerOne(new Contributor({ server: serverUrl, signer: await clientSigner(worker) }), market);
  await expect.poll(() => heldBy(worker, home).catch(() => "none yet"), paidWait).toBe("500000");
  await expect.poll(() => new Earnest({ server: serverUrl }).totals()).toMatchObject({ earned: "0.5", settled: "0.5" });
});

it("pays in a further token that its operator permits, and in no other one", { timeout: 120_000 }, async () => {
  const said = async (...args: string[]) => (await runCli([...args, "--json"], { folder })).json;
  const refused = (reason: string) => ({ ok: false, error: { code: "TOKEN_REFUSED", context: { reason } } });
  const foreign = await issue("Another", "OTHER");
  expect(await said("token", "add", foreign)).toMatchObject(refused("notPermitted"));
  describeMarket("further.json", { mint: further });
  expect(await said("markets", "create", "further.json")).toMatchObject({ error: { code: "TOKEN_NOT_FOUND" } });

  expect(await run("token", "add", further)).toMatchObject({ token: { mint: further, symbol: "SHELF", decimals: 6 } });
  expect(await said("token", "add", further)).toMatchObject({ ok: true });
  const client = new Earnest({ server: serverUrl });
  expect((await client.network()).tokens.map(({ mint }) => mint)).toEqual([home, further]);
  const market = await openMarket("further.json");
  await answerOne(new Contributor({ server: serverUrl, signer: await clientSigner(worker) }), market);
  await expect.poll(() => heldBy(worker, further).catch(() => "none yet"), paidWait).toBe("500000");
  expect(await heldBy(worker, home)).toBe("500000");
  expect(await heldBy(seeds.requester, further)).toBe("90000000");

  // With a list, the network issues none.
  const issued = { name: "Mine", symbol: "MINE", decimals: 2, supply: "5", to: addressOf(seeds.requester) };
  const owner = await Earnest.signIn({ server: serverUrl, signer: await clientSigner(seeds.requester) });
  await expect(owner.addToken({ issue: issued })).rejects.toMatchObject({ code: "TOKEN_REFUSED" });
});

it("takes a token whose issuer can freeze accounts where it is told to, and says so", { timeout: 60_000 }, async () => {
  const [issuer, mint] = [await chain.funded(), await generateKeyPairSigner()];
  const space = BigInt(getMintSize());
  const lamports = await chain.rpc.getMinimumBalanceForRentExemption(space).send();
  const terms = { mint: mint.address, decimals: 6, mintAuthority: issuer.address, freezeAuthority: issuer.address };
  const programAddress = TOKEN_PROGRAM_ADDRESS;
  const transaction = await chain.sign(issuer, [
    getCreateAccountInstruction({ payer: issuer, newAccount: mint, lamports, space, programAddress }),
    getInitializeMint2Instruction(terms),
  ]);
  await chain.sendAndConfirm(transaction, { commitment: "confirmed" });
  const flags = Object.entries({ ...made, mint: mint.address }).flatMap(([name, value]) => [`--${name}`, value]);
  await expect(serveOn(other.url, ...flags)).rejects.toThrow("can freeze");
  const server = await serveOn(other.url, ...flags, "--allow-freezing");
  expect(await new Earnest({ server }).network()).toMatchObject({ mint: mint.address, canFreeze: true });
  const told = await runCli(["login", "--server", server, "--keypair", made.keypair], { folder });
  expect(told.stderr).toContain("can freeze accounts");
});

it.each([
  ["another operator's key", () => ({ keypair: keypairFile("other.json", seeds.requester) }), "ESCROW_TERMS_MISMATCH"],
  ["a network that is none", () => ({ network: made.mint }), "ESCROW_ACCOUNT_NOT_FOUND"],
  ["a mint that is none", () => ({ mint: made.network }), "MINT_NOT_FOUND"],
  ["a program that is none", () => ({ program: made.mint }), "PROGRAM_NOT_FOUND"],
  ["no key", () => ({ keypair: undefined }), "MALFORMED_COMMAND"],
])("says in one line that it was given %s", { timeout: 30_000 }, async (_, change, code) => {
  const flags = Object.entries({ ...made, ...change() }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );
  const environment = {
    ...readEnvironment({ EARNEST_DATA: join(folder, "data") }, undefined),
    databaseUrl: database.url,
  };
  const { exitCode, json, stderr } = await runCli(["serve", "--port", "0", ...flags, "--json"], {
    folder,
    extraCommands: { serve: async () => serveCommand(environment) },
    interrupted: stopping.signal,
  });
  expect([exitCode === 0, json.error.code]).toEqual([false, code]);
  expect(stderr.split("\n").filter((line) => line.startsWith("✗"))).toHaveLength(1);
});
