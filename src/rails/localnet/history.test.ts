import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base58 } from "@scure/base";
import { generateKeyPairSigner, type KeyPairSigner } from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toBase64 } from "../../core/bytes.ts";
import { Chain, type ChainOptions } from "./chain.ts";
import { call, startTestLocalnet, type TestLocalnet, wireOf } from "./fixture.ts";
import { listSegments } from "./segment.ts";
import { writeJson } from "./wire-json.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "earnest-history-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const options = (): ChainOptions => ({ folder, clock: Date.now, segmentBytes: 1 << 20, historyBytes: 1 << 30 });

async function pay(net: TestLocalnet, payer: KeyPairSigner, destination: string, amount: bigint): Promise<string> {
  const transfer = getTransferSolInstruction({ source: payer, destination: destination as never, amount });
  const wire = wireOf(await net.sign(payer, [transfer]));
  const { error } = await call(net.rpcUrl, "sendTransaction", [toBase64(wire), { encoding: "base64" }]);
  if (error !== undefined) throw new Error(error.message);
  return base58.encode(wire.slice(1, 65));
}

const list = async (net: TestLocalnet, address: string, config = {}): Promise<string[]> => {
  const { result } = await call(net.rpcUrl, "getSignaturesForAddress", [address, config]);
  return (result as { signature: string }[]).map((each) => each.signature);
};

describe("history over many segments", () => {
  it("is read whole after a restart, page by page, from segments older than the snapshot", async () => {
    const first = await startTestLocalnet({ folder, segmentBytes: 1_000 });
    const payer = await first.funded();
    const to = (await generateKeyPairSigner()).address;
    const sent: string[] = [];
    for (let n = 0; n < 25; n++) sent.unshift(await pay(first, payer, to, 1_000_000n + BigInt(n)));
    expect(await list(first, to)).toEqual(sent);
    await first.close();
    expect(listSegments(folder).length).toBeGreaterThan(5);

    const second = await startTestLocalnet({ folder, segmentBytes: 1_000 });
    // A quick question does not open old segments; a deep one does.
    const oldest = sent.at(-1) as string;
    const quick = await call(second.rpcUrl, "getSignatureStatuses", [[oldest]]);
    expect(quick.result).toMatchObject({ value: [null] });
    const deep = await call(second.rpcUrl, "getSignatureStatuses", [[oldest], { searchTransactionHistory: true }]);
    expect(deep.result).toMatchObject({ value: [{ confirmationStatus: "finalized", err: null }] });
    const pages: string[] = [];
    for (;;) {
      const before = pages.at(-1);
      const page = await list(second, to, { limit: 7, ...(before === undefined ? {} : { before }) });
      if (page.length === 0) break;
      pages.push(...page);
    }
    expect(pages).toEqual(sent);
    expect(await list(second, to, { until: sent[5] })).toEqual(sent.slice(0, 5));
    const newer = await pay(second, payer, to, 5n);
    expect((await list(second, to))[0]).toBe(newer);
    expect(await list(second, (await generateKeyPairSigner()).address)).toEqual([]);
    await second.close();
  });

  it("and accounts agree with a ledger kept beside them, over many lives", async () => {
    const balances = new Map<string, bigint>();
    const people = await Promise.all(Array.from({ length: 6 }, () => generateKeyPairSigner()));
    let seed = 4711;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    let executed = 0;
    let last = "";
    for (let life = 0; life < 6; life++) {
      const net = await startTestLocalnet({ folder, segmentBytes: 600 + random(4_000) });
      const payer = await net.funded();
      executed++;
      const burst = Array.from({ length: 5 + random(20) }, (_, n) => ({
        to: (people[random(people.length)] as KeyPairSigner).address,
        amount: BigInt(1_000_000 + life * 1_000 + n),
      }));
      await Promise.all(burst.map(({ to, amount }) => pay(net, payer, to, amount)));
      for (const { to, amount } of burst) balances.set(to, (balances.get(to) ?? 0n) + amount);
      executed += burst.length;
      await net.close();

      const chain = await Chain.open(options());
      for (const [address, lamports] of balances) expect(chain.account(address)?.lamports).toBe(lamports);
      expect(chain.transactions).toBe(executed);
      const now = [...chain.accounts()]
        .map(([address, { lamports }]) => writeJson([address, lamports]))
        .sort()
        .join();
      expect(now).not.toBe(last);
      last = now;
      await chain.close();
    }
  });
});
