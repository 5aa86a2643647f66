import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Address, generateKeyPairSigner } from "@solana/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../../test/support/cli.ts";
import { depositInto } from "../../test/support/deposit-into.ts";
import { useWholeServer } from "../../test/support/whole-server.ts";
import { amount, formatAmount } from "../core/amount.ts";
import { toBase58 } from "../core/bytes.ts";
import { startTestRail, type TestRail } from "../rails/rail-fixture.ts";
import { Contributor } from "./contributor.ts";
import { Earnest } from "./earnest.ts";
import { signerFromKeyPair, signerFromSeed } from "./keys.ts";
import { UnaskedTransfer } from "./withdrawals.ts";

/** First crypto: from a fresh key to tokens somewhere else, through SDK, command line, API, engine and chain. */

let rail: TestRail;
const used = useWholeServer(async () => {
  rail = await startTestRail();
  return rail;
});
let folder = "";
let market = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "earnest-withdraw-"));
  const wallet = await rail.requester(10_000_000n);
  const server = used().url;
  const signedIn = await Earnest.signIn({ server, signer: await signerFromKeyPair(wallet.keyPair) });
  const { secret } = await signedIn.apiKeys.create({ name: "tests" });
  const client = new Earnest({ server, apiKey: secret });
  const overlap = { min: 1, max: 1, target: 0 };
  const answer = { choices: ["cat", "dog"] };
  ({ id: market } = await client.markets.create({ title: "Cats", answer, reward: "0.02", overlap, policy: null }));
  await client.markets.fund(market, await depositInto(rail, wallet, client, market, amount(5_000_000n)));
  await client.markets.open(market);
  await client.markets.addTasks(
    market,
    Array.from({ length: 9 }, (_, i) => ({ id: `t${i}`, content: { image: `${i}.jpg` } })),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const lamportsOf = async (address: string): Promise<bigint> =>
  (await rail.client.call((rpc) => rpc.getBalance(address as Address, { commitment: "finalized" }))).value;
const heldBy = async (wallet: string): Promise<string> =>
  formatAmount((await rail.rail.heldBy([wallet])).get(wallet) ?? 0n, rail.rail.decimals);

/** Somebody with a key that the chain has never seen, who did a task and was paid. */
async function earner(byte: number) {
  const seed = new Uint8Array(32).fill(byte);
  const signer = await signerFromSeed(seed);
  const contributor = new Contributor({ server: used().url, signer });
  const [offer] = await contributor.assign(market);
  await contributor.submit(market, { slot: (offer as NonNullable<typeof offer>).slot, body: { answer: "cat" } });
  await used().engine.settle();
  const file = `${byte}.json`;
  writeFileSync(join(folder, file), JSON.stringify([...seed, ...signer.publicKey]), { mode: 0o600 });
  return { contributor, file, wallet: toBase58(signer.publicKey), signer };
}

const somewhere = async (): Promise<string> => (await generateKeyPairSigner()).address;

describe("a fresh key", () => {
  it("does a task and sends all it earned to an exchange, say, without ever having SOL", async () => {
    const { contributor, wallet } = await earner(41);
    expect(await heldBy(wallet)).toBe("0.02");
    const to = await somewhere();
    const done = await contributor.withdraw(to);
    expect(done).toMatchObject({ state: "final", from: wallet, to, amount: "0.02", toSign: null, problem: null });
    expect(done.paidByNetwork.rentLamports).toBeGreaterThan(0);
    expect([await heldBy(wallet), await heldBy(to)]).toEqual(["0", "0.02"]);
    expect([await lamportsOf(wallet), await lamportsOf(to)]).toEqual([0n, 0n]);
    expect((await contributor.withdrawals()).items).toEqual([done]);
  });

  it("does so from the command line", async () => {
    const { file, wallet } = await earner(42);
    const settings = { server: used().url, apiKey: null };
    const to = await somewhere();
    const run = (...args: string[]) => runCli(["withdraw", "--keypair", file, ...args], { folder, settings });
    const some = await run("--to", to, "--amount", "0.005");
    expect(some.exitCode, some.stderr).toBe(0);
    expect(some.stdout).toContain(`0.005 tokens are at ${to}`);
    expect(some.stderr).toMatch(/The network paid at most \d{7} lamports/);
    const rest = await run("--to", to, "--amount", "all", "--json");
    expect(rest.json).toMatchObject({ ok: true, state: "final", amount: "0.015", paidByNetwork: { rentLamports: 0 } });
    expect([await heldBy(wallet), await heldBy(to)]).toEqual(["0", "0.02"]);

    for (const [args, code] of [
      [["--to", to, "--amount", "1"], "TOKENS_INSUFFICIENT"],
      [["--to", wallet, "--amount", "all"], "WITHDRAWAL_REFUSED"],
      [["--to", "nobody", "--amount", "1"], "MALFORMED_COMMAND"],
      [["--to", to, "--amount", "1.23456789"], "MALFORMED_AMOUNT"],
    ] as const) {
      const { exitCode, json } = await run(...args, "--json");
      expect(exitCode).not.toBe(0);
      expect(json.error?.code ?? json.code).toBe(code);
    }
  });

  it("signs nothing that it did not ask for", async () => {
    const { signer, contributor } = await earner(43);
    const signedMessages: Uint8Array[] = [];
    const elsewhere = await somewhere();
    const lying = new Contributor({
      server: used().url,
      signer: {
        publicKey: signer.publicKey,
        sign: (message) => {
          signedMessages.push(message);
          return signer.sign(message);
        },
      },
      // A server that plans another destination than the one that was asked for.
      fetch: async (input, init) => {
        const isPlan = String(input).endsWith("/v1/me/withdrawals") && init?.method === "POST";
        if (!isPlan) return await fetch(input, init);
        const body = JSON.stringify({ ...(JSON.parse(String(init.body)) as object), to: elsewhere });
        return await fetch(input, { ...init, body });
      },
    });
    await lying.signIn();
    const before = signedMessages.length;
    await expect(lying.withdraw(await somewhere(), "0.01")).rejects.toThrow(UnaskedTransfer);
    expect(signedMessages).toHaveLength(before);
    expect((await contributor.withdrawals()).items).toMatchObject([{ state: "planned" }]);
  });
});
