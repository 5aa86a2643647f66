import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address } from "@solana/kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { amount } from "../../../core/amount.ts";
import { startTestLocalnet, type TestLocalnet } from "../../localnet/fixture.ts";
import { tokenAddress } from "../program/derived-addresses.ts";
import { readTokenAccounts } from "../token-accounts.ts";
import { readMarket } from "./accounts.ts";
import { sendCommit } from "./commits.ts";
import { depositsIn } from "./deposits.ts";
import type { Escrow } from "./escrow.ts";
import { TestEscrow } from "./fixture.ts";
import { payIn } from "./markets.ts";
import { payClaims } from "./paying.ts";

/**
 * A node that follows a fork which is dropped later: a copy of the chain that goes on by itself. Until then it takes
 * transactions there, and shows the fork to whoever asks for less than what is final.
 */
class ForkingNode {
  readonly fork: TestLocalnet;
  readonly url: string;
  readonly #server: Server;
  readonly #folder: string;
  isDropped = false;
  /** Asked so often whether a transaction is final, it drops the fork. */
  asksLeft = Number.POSITIVE_INFINITY;

  static async start(test: TestEscrow): Promise<ForkingNode> {
    const folder = mkdtempSync(join(tmpdir(), "earnest-fork-"));
    cpSync(test.net.folder, folder, { recursive: true, filter: (path) => !path.endsWith("lock") });
    const fork = await startTestLocalnet({ folder, clock: test.clock.now });
    const node = { current: null as ForkingNode | null };
    const server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        node.current?.answer(Buffer.concat(pieces).toString(), test.net.rpcUrl).then(
          (text) => response.writeHead(200, { "content-type": "application/json" }).end(text),
          () => response.destroy(),
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    node.current = new ForkingNode(fork, server, folder);
    return node.current;
  }

  private constructor(fork: TestLocalnet, server: Server, folder: string) {
    this.fork = fork;
    this.#server = server;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  async answer(body: string, main: string): Promise<string> {
    const calls = JSON.parse(body) as Call | Call[];
    if (!Array.isArray(calls)) return await this.#forward(calls, main);
    return `[${(await Promise.all(calls.map((call) => this.#forward(call, main)))).join(",")}]`;
  }

  async #forward(call: Call, main: string): Promise<string> {
    if (call.method === "getSignatureStatuses" && this.asksLeft-- <= 0) this.isDropped = true;
    const isOnFork = !this.isDropped && call.method !== "getSignatureStatuses" && !isFinal(call);
    const headers = { "content-type": "application/json" };
    const url = isOnFork ? this.fork.rpcUrl : main;
    return await (await fetch(url, { method: "POST", headers, body: JSON.stringify(call) })).text();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.fork.close();
    rmSync(this.#folder, { recursive: true });
  }
}

interface Call {
  readonly method: string;
  readonly params?: readonly unknown[];
}

/** A node's answers are about what is final, where nothing is said. */
const isFinal = ({ method, params = [] }: Call): boolean => {
  const config = params.findLast((each) => typeof each === "object" && each !== null && !Array.isArray(each));
  return (
    method !== "sendTransaction" && ((config as { commitment?: string })?.commitment ?? "finalized") === "finalized"
  );
};

let test: TestEscrow;
let node: ForkingNode;
let through: Escrow;
let onFork: Escrow;
let market: Address;

beforeEach(async () => {
  test = await TestEscrow.start();
  ({ address: market } = await test.market("market", 1_000n));
});
afterEach(async () => {
  await node.close();
  await test.close();
});

async function forkNow(): Promise<void> {
  node = await ForkingNode.start(test);
  through = test.through(node.url);
  onFork = test.through(node.fork.rpcUrl);
}

const held = async (owner: Address): Promise<bigint | undefined> => {
  const account = tokenAddress(owner, test.pool.at.mint, test.pool.at.tokenProgram);
  return (await readTokenAccounts(test.client, [account], "finalized"))[0]?.amount;
};

describe("a fork that is dropped", () => {
  it("takes its deposit with it: it is credited to nobody, and paid in again, once", async () => {
    const owner = await test.wallet(500n);
    await forkNow();
    node.asksLeft = 3;
    const signature = await payIn(through, test.pool.at, { market, owner, amount: amount(400n) });
    const { deposited } = await readMarket(onFork, market, "finalized");
    expect(deposited).toBe(1_400n);
    const [newest] = await onFork.client.call((rpc) => rpc.getSignaturesForAddress(market, { limit: 1 }));
    const forked = newest?.signature as string;
    expect(await depositsIn(onFork, test.pool.at, forked)).toHaveLength(1);
    expect(await depositsIn(test.escrow, test.pool.at, signature)).toMatchObject([{ market, amount: 400n }]);
    if (forked !== signature) expect(await depositsIn(test.escrow, test.pool.at, forked)).toEqual([]);
    expect((await readMarket(test.escrow, market, "finalized")).deposited).toBe(1_400n);
    expect(await held(owner.address)).toBe(100n);
  });

  it("credits nothing while it lasts", async () => {
    const owner = await test.wallet(500n);
    await forkNow();
    const forked = await payIn(onFork, test.pool.at, { market, owner, amount: amount(400n) });
    expect(await depositsIn(through, test.pool.at, forked)).toEqual([]);
    node.isDropped = true;
    expect(await depositsIn(through, test.pool.at, forked)).toEqual([]);
    expect(await held(owner.address)).toBe(500n);
  });

  it("takes its claims with it: nobody is taken for paid by them", async () => {
    const wallet = (await test.wallet(1n)).address;
    test.pay(wallet, 300n);
    await test.allocate(market, 300n);
    await sendCommit(test.escrow, test.pool.at, await test.message());
    await forkNow();
    const paying = { source: test.source, wishes: [{ index: 0, wallet }], creation: "always" } as const;
    expect(await payClaims(onFork, test.pool.at, paying)).toMatchObject({ paid: [0] });
    const misled = await payClaims(through, test.pool.at, paying);
    expect([misled.paid, misled.waiting]).toEqual([[], []]);
    node.isDropped = true;
    expect(await payClaims(through, test.pool.at, paying)).toMatchObject({ paid: [0], failures: [] });
    expect(await held(wallet)).toBe(301n);
  });
});
