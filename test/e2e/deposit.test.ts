import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { KeyPairSigner } from "@solana/kit";
import { beforeAll, describe, expect, it } from "vitest";
import { Earnest } from "../../src/client/earnest.ts";
import { signerFromSeed } from "../../src/client/keys.ts";
import { amount, parseAmount } from "../../src/core/amount.ts";
import { startTestRail, type TestRail } from "../../src/rails/rail-fixture.ts";
import { readMarket } from "../../src/rails/solana/escrow/accounts.ts";
import { type Fault, startFaultyRpc } from "../../src/rails/solana/escrow/faulty-rpc.ts";
import { signerFromSecret } from "../../src/rails/solana/tokens.ts";
import { temporaryFolder } from "../support/cli.ts";
import { useWholeServer } from "../support/whole-server.ts";

const program = fileURLToPath(new URL("../../dist/main/earnest.js", import.meta.url));

let rail: TestRail;
const used = useWholeServer(async () => {
  rail = await startTestRail();
  return rail;
});

let client: Earnest;
let apiKey: string;
let wallet: KeyPairSigner;
const seed = new Uint8Array(32).fill(9);

beforeAll(async () => {
  if (!existsSync(program)) throw new Error(`${program} is missing: run npm run build`);
  const server = used().url;
  const session = await Earnest.signIn({ server, signer: await signerFromSeed(seed) });
  ({ secret: apiKey } = await session.apiKeys.create({ name: "deposits" }));
  client = new Earnest({ server, apiKey });
  wallet = await signerFromSecret(seed);
  await rail.supply(wallet.address, 100_000_000n);
});

/** The program as a process, which is killed (kill -9) at the nth call of a method, if it comes that far. */
async function deposit(
  args: readonly string[],
  killed?: { readonly method: string; readonly call: number; readonly fault: Fault },
) {
  let calls = 0;
  const proxy = await startFaultyRpc({
    target: rail.net.rpcUrl,
    next: (method) => {
      if (killed === undefined || method !== killed.method || ++calls !== killed.call) return "none";
      child.kill("SIGKILL");
      return killed.fault;
    },
  });
  const env = { ...process.env, EARNEST_SERVER: used().url, EARNEST_API_KEY: apiKey };
  const child = spawn(process.execPath, [program, "markets", "deposit", ...args, "--rpc", proxy.url, "--json"], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => (output += data.toString()));
  const how = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? code));
  });
  await proxy.close();
  return { how, output };
}

describe("earnest markets deposit, killed (kill -9)", { timeout: 120_000 }, () => {
  it("pays in once when it is repeated", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "id.key"), Buffer.from(seed).toString("hex"));
    const market = await client.markets.create({ title: "Cats", answer: { choices: ["a", "b"] }, reward: "0.02" });
    const account = market.account as Parameters<typeof readMarket>[1];
    const command = (tokens: string) => [market.id, tokens, "--keypair", join(folder, "id.key"), "--data", folder];
    let sum = 0n;
    for (const [tokens, method, call, fault] of [
      ["1", "sendTransaction", 1, "none"],
      ["2", "sendTransaction", 1, "lost"],
      ["3", "sendTransaction", 1, "none"],
      ["4", "getSignatureStatuses", 1, "none"],
    ] as const) {
      const cut = await deposit(command(tokens), { method, call, fault });
      expect(cut.how, cut.output).toBe("SIGKILL");
      const whole = await deposit(command(tokens));
      expect(whole.how, whole.output).toBe(0);
      sum += parseAmount(tokens, 6);
      const { deposited } = await readMarket(rail.escrow, account, "finalized");
      expect(deposited, `after ${tokens}`).toBe(sum);
      expect((await client.markets.get(market.id)).escrow.deposited).toBe(String(sum / amount(1_000_000n)));
    }
  });
});
