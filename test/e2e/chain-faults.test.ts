import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address } from "@solana/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toBase58 } from "../../src/core/bytes.ts";
import { attestCommand } from "../../src/main/attest-command.ts";
import { randomFill, signerFromSeed } from "../../src/main/crypto.ts";
import { readEnvironment } from "../../src/main/environment.ts";
import { networkCommand } from "../../src/main/network-command.ts";
import { serveCommand } from "../../src/main/serve-command.ts";
import { startTestLocalnet, type TestLocalnet } from "../../src/rails/localnet/fixture.ts";
import { TestEscrow } from "../../src/rails/solana/escrow/fixture.ts";
import { requestSol } from "../../src/rails/solana/tokens.ts";
import { useTestDatabase } from "../../src/store/testing.ts";
import { runCli } from "../support/cli.ts";
import { writeKeypair } from "../support/keypair-file.ts";

/** What somebody is told who names the wrong chain, key or program: one line, and what to do about it. */

const database = useTestDatabase();
let escrow: TestEscrow;
let other: TestLocalnet;
let notNode: Server;
let folder: string;
const keys = { rich: randomFill(32), empty: randomFill(32) };
const addressOf = (seed: Uint8Array): Address => toBase58(signerFromSeed(seed).publicKey) as Address;
const tokenProgram = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";

/** What is right, of which each test changes one thing. */
interface Named {
  readonly rpc: string;
  readonly keypair: string;
  readonly pool: string;
  readonly network: string;
  readonly program: string;
  readonly mint: string;
}
let right: Named;

/** A limit in words of the provider's own, which name a code that no client knows. */
const limit = { code: -32429, message: "Too many requests for your plan" };
const answers: Readonly<Record<string, readonly [status: number, body: string]>> = {
  "/busy": [429, "{}"],
  "/page": [200, "<html>Welcome</html>"],
  "/json": [200, '{"hello":1}'],
  "/locked": [401, "no"],
  "/limit": [200, JSON.stringify({ jsonrpc: "2.0", id: 1, error: limit })],
};

const keypairFile = (name: string, seed: Uint8Array): string => writeKeypair(join(folder, name), seed);

beforeAll(async () => {
  [escrow, other] = await Promise.all([TestEscrow.start(), startTestLocalnet()]);
  folder = mkdtempSync(join(tmpdir(), "earnest-faults-"));
  notNode = createServer(({ url = "" }, response) => {
    const [status, body] = answers[url] as readonly [number, string];
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  await new Promise<void>((resolve) => notNode.listen(0, "127.0.0.1", resolve));
  await requestSol(escrow.client, addressOf(keys.rich), 5_000_000_000n);
  keypairFile("empty.json", keys.empty);
  right = {
    rpc: escrow.net.rpcUrl,
    keypair: keypairFile("rich.json", keys.rich),
    pool: escrow.pool.at.pool,
    network: escrow.pool.at.network,
    program: escrow.escrow.program,
    mint: escrow.mint.address,
  };
}, 60_000);

afterAll(async () => {
  await Promise.all([escrow.close(), other.close()]);
  other.remove();
  notNode.close();
  rmSync(folder, { recursive: true, force: true });
});

const rpc = ({ rpc: url }: Named) => ["--rpc", url];
const paid = (named: Named) => [...rpc(named), "--keypair", named.keypair];
const inPool = (named: Named) => [...paid(named), "--pool", named.pool, "--mint", named.mint];
const attestors = [1, 2, 3].map((n) => addressOf(new Uint8Array(32).fill(n))).join();

const commands = {
  claim: (named) => ["claim", ...inPool(named)],
  refund: (named) => ["refund", "00112233445566778899aabbccddeeff", ...inPool(named)],
  "wind-down": (named) => ["wind-down", "--yes", ...inPool(named)],
  "token create": (named) => ["token", "create", "--supply", "5", ...paid(named)],
  "token show": (named) => ["token", "show", named.mint, ...rpc(named)],
  "token send": (named) => ["token", "send", named.mint, "--to", named.pool, "--amount", "1", ...paid(named)],
  "network create": (named) =>
    ["network", "create", "--attestors", attestors, "--threshold", "2", "--program", named.program].concat(paid(named)),
  attest: ({ network, pool, program, ...named }) => [
    "attest",
    "--network",
    network,
    "--pool",
    pool,
    "--program",
    program,
    ...paid({ network, pool, program, ...named }),
  ],
  serve: (named) =>
    ["serve", "--port", "0", "--network", named.network, "--program", named.program, "--mint", named.mint].concat(
      paid(named),
    ),
} satisfies Record<string, (named: Named) => string[]>;
type CommandName = keyof typeof commands;

async function tellOf(name: CommandName, change: Partial<Named>) {
  const environment = {
    ...readEnvironment({ EARNEST_DATA: join(folder, "data") }, undefined),
    databaseUrl: database().url,
  };
  const data = ["--data", mkdtempSync(join(folder, "data-"))];
  const run = await runCli(
    [...commands[name]({ ...right, ...change }), ...data, "--server", "http://127.0.0.1:1", "--json"],
    {
      folder,
      extraCommands: {
        network: async () => networkCommand,
        attest: async () => attestCommand,
        serve: async () => serveCommand(environment),
      },
    },
  );
  const lines = run.stderr.trimEnd().split("\n");
  const first = lines.findIndex((line) => line.startsWith("✗"));
  return { ...run, code: run.json.error.code as string, said: lines.slice(first), before: lines.slice(0, first) };
}

/** One line of what happened, one of what to do, and the code to look up. */
async function expectTold(name: CommandName, change: Partial<Named>, code: string, words: string): Promise<void> {
  const { exitCode, said, before, code: told } = await tellOf(name, change);
  expect([told, exitCode === 0], said.join("\n")).toEqual([code, false]);
  expect(said).toEqual([expect.stringContaining(words), expect.stringMatching(/^→ [A-Z].*\.$/), code]);
  expect(before.join("\n")).not.toMatch(/ at .*\.[jt]s:\d+|Error:/);
}

const all = Object.keys(commands) as CommandName[];
/** An attestor waits for its node, and says so: it starts by itself with the machine, maybe before the node does. */
const impatient = all.filter((name) => name !== "attest");
const ofPool: readonly CommandName[] = ["claim", "refund", "wind-down"];

describe("one line, and what to do", { timeout: 60_000 }, () => {
  const nodeAt = (path: string) => `http://127.0.0.1:${(notNode.address() as AddressInfo).port}${path}`;

  it.each(impatient)("%s: where nothing, or no node, answers", async (name) => {
    await expectTold(name, { rpc: "http://127.0.0.1:9" }, "CHAIN_UNAVAILABLE", "does not answer: ");
    await expectTold(name, { rpc: nodeAt("/page") }, "CHAIN_UNAVAILABLE", "what it answers is not JSON.");
    await expectTold(name, { rpc: nodeAt("/json") }, "CHAIN_UNAVAILABLE", "it may be no Solana node");
    await expectTold(name, { rpc: nodeAt("/locked") }, "CHAIN_UNAVAILABLE", "(401)");
  });

  it.each(impatient)("%s: where a node has a limit", async (name) => {
    await expectTold(name, { rpc: nodeAt("/busy") }, "CHAIN_UNAVAILABLE", "(429)");
    await expectTold(name, { rpc: nodeAt("/limit") }, "CHAIN_UNAVAILABLE", `${limit.message} (code -32429)`);
  });

  it.each([...ofPool, "attest"] as const)(
    "%s: on another cluster, or with an address of something else",
    async (name) => {
      const none = "There is no pool of the escrow program at ";
      await expectTold(name, { rpc: other.rpcUrl }, "ESCROW_ACCOUNT_NOT_FOUND", none + right.pool);
      for (const pool of [right.mint, right.network, tokenProgram]) {
        await expectTold(name, { pool }, "ESCROW_ACCOUNT_NOT_FOUND", none + pool);
      }
      const words = name === "attest" ? "base58" : "not a pool's address";
      await expectTold(name, { pool: "xyz" }, "MALFORMED_COMMAND", words);
    },
  );

  it.each(ofPool)("%s: with the pool of one token and the mint of another", async (name) => {
    const words = `The pool ${right.pool} has the mint ${right.mint} on chain, not ${tokenProgram}`;
    await expectTold(name, { mint: tokenProgram }, "ESCROW_TERMS_MISMATCH", words);
  });

  it.each(["token show", "token send"] as const)("%s: with a mint of another cluster", async (name) => {
    await expectTold(name, { rpc: other.rpcUrl }, "MINT_NOT_FOUND", right.mint);
  });

  it.each(["network create", "attest", "serve"] as const)("%s: where the program is not deployed", async (name) => {
    await expectTold(name, { program: right.mint }, "PROGRAM_NOT_FOUND", `no escrow program at ${right.mint}`);
  });

  it.each(["network create", "serve"] as const)("%s: where another program, or version, is", async (name) => {
    await expectTold(
      name,
      { program: tokenProgram },
      "PROGRAM_MISMATCH",
      `The program at ${tokenProgram} has the SHA-256`,
    );
  });

  it.each(["wind-down", "token create", "token send", "network create"] as const)("%s: without SOL", async (name) => {
    const words = `The wallet ${addressOf(keys.empty)} has too little SOL`;
    await expectTold(name, { keypair: "empty.json" }, "LAMPORTS_INSUFFICIENT", words);
  });

  it.each(all.filter((name) => name !== "token show"))("%s: without a key", async (name) => {
    await expectTold(name, { keypair: "none.json" }, "FILE_NOT_FOUND", "There is no file");
    writeFileSync(join(folder, "bad.json"), "[1,2,3]");
    await expectTold(name, { keypair: "bad.json" }, "MALFORMED_FILE", "it is not a keypair file");
  });
});
