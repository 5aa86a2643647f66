import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { generateKeyPairSigner, type KeyPairSigner } from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toBase64 } from "../../core/bytes.ts";
import { Chain, type ChainOptions } from "./chain.ts";
import { call, clientOf, type Reply, startTestLocalnet, type TestLocalnet, wireOf } from "./fixture.ts";
import { listSegments, segmentPath } from "./segment.ts";
import { listSnapshots, snapshotPath } from "./snapshot.ts";
import { writeJson } from "./wire-json.ts";
import { readTransaction } from "./wire-transaction.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "earnest-durable-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const mib = 1 << 20;
const optionsOf = (extra: Partial<ChainOptions> = {}): ChainOptions => ({
  folder,
  clock: Date.now,
  segmentBytes: 32 * mib,
  historyBytes: 1 << 30,
  ...extra,
});

/** All accounts as text, to compare two lives of a chain. */
const dump = (chain: Chain): string =>
  [...chain.accounts()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([address, { lamports, owner, executable, data }]) =>
      writeJson([address, lamports, owner, executable, toBase64(data)]),
    )
    .join("\n");

async function transfers(net: TestLocalnet, payer: KeyPairSigner, count: number): Promise<string[]> {
  const to = await generateKeyPairSigner();
  const signed = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      net.sign(payer, [
        getTransferSolInstruction({ source: payer, destination: to.address, amount: BigInt(1_000_000 + i) }),
      ]),
    ),
  );
  const replies = await Promise.all(signed.map((each) => send(net.rpcUrl, wireOf(each))));
  return replies.map((reply) => reply.result as string);
}

const send = (rpcUrl: string, wire: Uint8Array): Promise<Reply> =>
  call(rpcUrl, "sendTransaction", [toBase64(wire), { encoding: "base64" }]);

const transaction = (rpcUrl: string, signature: string): Promise<Reply> =>
  call(rpcUrl, "getTransaction", [signature, { maxSupportedTransactionVersion: 0 }]);

describe("restart", () => {
  it("brings back the same accounts, history, hashes and duplicates", async () => {
    const first = await startTestLocalnet({ folder });
    const payer = await first.funded();
    const signatures = await transfers(first, payer, 20);
    const { value: latest } = await first.rpc.getLatestBlockhash().send();
    const genesis = await first.rpc.getGenesisHash().send();
    const shown = await Promise.all(signatures.map((each) => transaction(first.rpcUrl, each)));
    const listed = await first.rpc.getSignaturesForAddress(payer.address).send();
    const wire = wireOf(
      await first.sign(payer, [getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n })]),
    );
    await send(first.rpcUrl, wire);
    const slot = await first.rpc.getSlot().send();
    await first.close();

    const second = await startTestLocalnet({ folder });
    expect(await second.rpc.getGenesisHash().send()).toBe(genesis);
    expect((await second.rpc.isBlockhashValid(latest.blockhash).send()).value).toBe(true);
    expect(await second.rpc.getSlot().send()).toBeGreaterThanOrEqual(slot);
    expect(await Promise.all(signatures.map((each) => transaction(second.rpcUrl, each)))).toEqual(shown);
    const relisted = await second.rpc.getSignaturesForAddress(payer.address).send();
    expect(relisted.slice(1)).toEqual(listed);
    expect((await send(second.rpcUrl, wire)).error).toMatchObject({ data: { err: "AlreadyProcessed" } });
    await transfers(second, payer, 3);
    await second.close();
  });

  it("is the same through snapshots as without, in accounts and history", async () => {
    const net = await startTestLocalnet({ folder, segmentBytes: 8_000 });
    const payer = await net.funded();
    const signatures: string[] = [];
    for (let round = 0; round < 6; round++) signatures.push(...(await transfers(net, payer, 10)));
    await net.close();
    expect(listSegments(folder).length).toBeGreaterThan(4);
    expect(listSnapshots(folder)).toHaveLength(1);

    const withSnapshot = await Chain.open(optionsOf());
    const accounts = dump(withSnapshot);
    const { transactions } = withSnapshot;
    for (const signature of signatures) expect(withSnapshot.history.find(signature, true)).not.toBeNull();
    expect([...withSnapshot.history.of(payer.address)]).toHaveLength(61);
    await withSnapshot.close();

    for (const snapshot of listSnapshots(folder)) rmSync(snapshotPath(folder, snapshot));
    const fromJournal = await Chain.open(optionsOf());
    expect(dump(fromJournal)).toBe(accounts);
    expect(fromJournal.transactions).toBe(transactions);
    await fromJournal.close();
  });

  it("keeps the journal within its bound, and the money with it", async () => {
    const net = await startTestLocalnet({ folder, segmentBytes: 8_000, historyBytes: 30_000 });
    const payer = await net.funded();
    const [early] = await transfers(net, payer, 10);
    for (let round = 0; round < 8; round++) await transfers(net, payer, 10);
    const balance = (await net.rpc.getBalance(payer.address).send()).value;
    await net.close();
    const bytes = listSegments(folder).reduce((sum, each) => sum + statSync(segmentPath(folder, each)).size, 0);
    expect(bytes).toBeLessThan(60_000);

    const again = await startTestLocalnet({ folder });
    expect((await again.rpc.getBalance(payer.address).send()).value).toBe(balance);
    expect((await transaction(again.rpcUrl, early as string)).result).toBeNull();
    await again.close();
  });

  it("cuts a torn tail and goes on behind it", async () => {
    const net = await startTestLocalnet({ folder });
    const payer = await net.funded();
    await transfers(net, payer, 3);
    await net.close();
    appendFileSync(segmentPath(folder, 1), Buffer.from([200, 0, 0, 0, 1, 2, 3, 4, 5]));
    const size = statSync(segmentPath(folder, 1)).size;

    const again = await startTestLocalnet({ folder });
    expect(statSync(segmentPath(folder, 1)).size).toBe(size - 9);
    const [signature] = await transfers(again, payer, 1);
    await again.close();
    const last = await Chain.open(optionsOf());
    expect(last.history.find(signature as string, true)).not.toBeNull();
    expect(last.transactions).toBe(5);
    await last.close();
  });

  it("gives back, for a journal cut anywhere, the state after its last whole record", async () => {
    const net = await startTestLocalnet({ folder });
    const payer = await net.funded();
    await transfers(net, payer, 2);
    await net.close();
    const whole = statSync(segmentPath(folder, 1)).size;
    const seen = new Set<number>();
    for (let size = whole; size > 0; size -= 97) {
      truncateSync(segmentPath(folder, 1), size);
      const chain = await Chain.open(optionsOf());
      const total = [...chain.accounts()].reduce((sum, [, account]) => sum + account.lamports, 0n);
      // What is missing is fees: nothing is half applied.
      expect(500_000_000_000_000_000n - total).toBe(BigInt(chain.transactions) * 5_000n);
      seen.add(chain.transactions);
      await chain.close();
    }
    expect([...seen]).toEqual([3, 2, 1, 0]);
  });

  it("refuses a journal that lost something in its middle", async () => {
    const net = await startTestLocalnet({ folder, segmentBytes: 4_000 });
    const payer = await net.funded();
    for (let round = 0; round < 4; round++) await transfers(net, payer, 5);
    await net.close();
    for (const snapshot of listSnapshots(folder)) rmSync(snapshotPath(folder, snapshot));
    rmSync(segmentPath(folder, 2));
    await expect(Chain.open(optionsOf())).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  it("refuses a damaged snapshot rather than begin with wrong money", async () => {
    const net = await startTestLocalnet({ folder, segmentBytes: 4_000 });
    const payer = await net.funded();
    for (let round = 0; round < 4; round++) await transfers(net, payer, 5);
    await net.close();
    const path = snapshotPath(folder, listSnapshots(folder).at(-1) as number);
    writeFileSync(path, Buffer.alloc(statSync(path).size));
    await expect(Chain.open(optionsOf())).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
  });

  it("is for one process at a time", async () => {
    const chain = await Chain.open(optionsOf());
    await expect(Chain.open(optionsOf())).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    await chain.close();
    await (await Chain.open(optionsOf())).close();
  });

  it("takes the lock of a process that is gone, even where its number lives on", async () => {
    writeFileSync(join(folder, "lock"), "999999999 1\n");
    await (await Chain.open(optionsOf())).close();
    writeFileSync(join(folder, "lock"), `${process.pid} 1\n`);
    await (await Chain.open(optionsOf())).close();
  });

  it("names a folder it cannot use", async () => {
    writeFileSync(join(folder, "file"), "");
    const rejected = Chain.open(optionsOf({ folder: join(folder, "file", "below") }));
    await expect(rejected).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
  });

  it("answers nothing any more once the disk refuses a write", async () => {
    const net = await startTestLocalnet({ folder, segmentBytes: 100 });
    const payer = await net.funded();
    await transfers(net, payer, 3);
    const [to, before] = [await generateKeyPairSigner(), await net.rpc.getBalance(payer.address).send()];
    // Moved instead of removed: a snapshot may be on its way into it meanwhile.
    const gone = `${folder}-gone`;
    renameSync(folder, gone);
    const transfer = getTransferSolInstruction({ source: payer, destination: to.address, amount: 1_000_000n });
    const wire = wireOf(await net.sign(payer, [transfer]));
    expect((await send(net.rpcUrl, wire)).error).toMatchObject({ code: -32005 });
    expect((await call(net.rpcUrl, "getBalance", [to.address])).error?.code).toBe(-32005);
    expect((await call(net.rpcUrl, "sendTransaction", [toBase64(wire), { encoding: "base64" }])).error).toBeDefined();
    expect(before.value).toBeGreaterThan(0n);
    await expect(net.close()).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    rmSync(gone, { recursive: true });
  });

  it("does not execute again what it replays", async () => {
    let now = 1_700_000_000_000;
    const clock = () => now;
    const net = await startTestLocalnet({ folder, clock });
    const payer = await net.funded();
    const transfer = getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n });
    const wire = wireOf(await net.sign(payer, [transfer]));
    await send(net.rpcUrl, wire);
    await net.close();
    now += 10 * 60_000;
    const chain = await Chain.open(optionsOf({ clock }));
    const again = chain.submit(readTransaction(wire), true);
    expect(again).toMatchObject({ kind: "refused", execution: { error: "BlockhashNotFound" } });
    await chain.close();
  });
});

describe("kill -9", () => {
  const entry = resolve("dist/rails/localnet/fixture-process.js");
  beforeAll(() => {
    execFileSync(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-b", "src/rails"], {
      stdio: "inherit",
    });
  });

  async function start(): Promise<{ child: ChildProcess; rpcUrl: string; wsUrl: string }> {
    const child = spawn(process.execPath, [entry, folder, "100000"], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const gone = once(child, "exit").then(([code]) => {
      throw new Error(`localnet ended with ${code}`);
    });
    gone.catch(() => undefined);
    const [line] = (await Promise.race([once(lines, "line"), gone])) as [string];
    return { child, ...(JSON.parse(line) as { rpcUrl: string; wsUrl: string }) };
  }

  it("loses nothing that was acknowledged, at ten random instants", async () => {
    const acknowledged = new Map<string, bigint>();
    const destinations = await Promise.all(Array.from({ length: 8 }, () => generateKeyPairSigner()));
    let payer: KeyPairSigner | null = null;
    for (let kill = 0; kill < 10; kill++) {
      const { child, ...urls } = await start();
      const client = clientOf(urls);
      payer ??= await client.funded(1_000n);
      const due = acknowledged.size + 8 + Math.floor(Math.random() * 60);
      await Promise.allSettled(
        destinations.map(async ({ address }, lane) => {
          for (let n = 0; n < 200; n++) {
            const amount = BigInt(1_000_000 + kill * 100_000 + lane * 1_000 + n);
            const transfer = getTransferSolInstruction({
              source: payer as KeyPairSigner,
              destination: address,
              amount,
            });
            const wire = wireOf(await client.sign(payer as KeyPairSigner, [transfer]));
            const { result } = await send(urls.rpcUrl, wire);
            if (typeof result === "string") acknowledged.set(result, amount);
            if (acknowledged.size >= due) setTimeout(() => child.kill("SIGKILL"), Math.random() * 20);
          }
        }),
      );
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    }
    const chain = await Chain.open(optionsOf());
    expect(acknowledged.size).toBeGreaterThan(50);
    for (const signature of acknowledged.keys()) expect(chain.history.find(signature, true)).not.toBeNull();
    const credited = destinations.reduce((sum, { address }) => sum + (chain.account(address)?.lamports ?? 0n), 0n);
    const promised = [...acknowledged.values()].reduce((sum, each) => sum + each, 0n);
    expect(credited).toBeGreaterThanOrEqual(promised);
    const total = [...chain.accounts()].reduce((sum, [, account]) => sum + account.lamports, 0n);
    expect(500_000_000_000_000_000n - total).toBe(BigInt(chain.transactions) * 5_000n);
    expect(readdirSync(folder).filter((name) => name.endsWith(".new"))).toEqual([]);
    await chain.close();
  }, 60_000);

  it("survives hostile bytes: the runtime aborts on what it cannot read", async () => {
    const { child, ...urls } = await start();
    const client = clientOf(urls);
    const payer = await client.funded();
    const transfer = getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n });
    const wires = [
      wireOf(await client.sign(payer, [transfer])),
      wireOf(await client.sign(payer, [transfer], "legacy")),
    ];
    let seed = 12345;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed % below;
    };
    for (let round = 0; round < 60; round++) {
      const batch = Array.from({ length: 50 }, (_, id) => {
        const bytes = Uint8Array.from(wires[random(2)] as Uint8Array);
        for (let edit = 0; edit <= random(3); edit++) bytes[1 + random(bytes.length - 1)] = random(random(2) ? 4 : 256);
        const method = random(2) === 0 ? "sendTransaction" : "simulateTransaction";
        return { jsonrpc: "2.0", id, method, params: [toBase64(bytes), { encoding: "base64" }] };
      });
      await fetch(urls.rpcUrl, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(batch),
      });
    }
    expect((await call(urls.rpcUrl, "getHealth")).result).toBe("ok");
    child.kill("SIGKILL");
    await once(child, "exit");
  }, 60_000);
});
