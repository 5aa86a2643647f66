import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base58 } from "@scure/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Accounts, type StoredAccount, systemProgram } from "./accounts.ts";
import { listSnapshots, readSnapshot, snapshotPath, writeSnapshot } from "./snapshot.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "earnest-snapshot-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const address = (n: number): string => {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, n);
  return base58.encode(bytes);
};
const account = (lamports: bigint): StoredAccount => ({
  lamports,
  owner: systemProgram,
  executable: false,
  data: new Uint8Array(Number(lamports % 7n)),
});
const head = { segment: 3, sequence: 99, slot: 1_000, slotStartMs: 1_700_000_000_000, recent: [] };
const filled = (count: number): Accounts => {
  const accounts = new Accounts();
  for (let n = 0; n < count; n++) accounts.set(address(n), account(BigInt(n)));
  return accounts;
};
const nothing = () => Promise.resolve();

function read(segment = 3): { head: unknown; accounts: Map<string, StoredAccount> } {
  const accounts = new Map<string, StoredAccount>();
  return { head: readSnapshot(folder, segment, (at, each) => accounts.set(at, each)), accounts };
}

describe("snapshots", () => {
  it.each([0, 1, 499, 500, 501, 2_600])("give back %i accounts and their head", async (count) => {
    const recent = [{ signature: new Uint8Array(64).fill(5), slot: 998 }];
    await writeSnapshot(folder, { ...head, recent }, filled(count).entries(), nothing);
    const back = read();
    expect(back.head).toEqual({ ...head, recent });
    expect(back.accounts.size).toBe(count);
    expect([...back.accounts]).toEqual([...filled(count).entries()]);
  });

  it("appear only when the records they lean on are durable", async () => {
    let seen = true;
    await writeSnapshot(folder, head, filled(10).entries(), () => {
      seen = existsSync(snapshotPath(folder, 3));
      return Promise.resolve();
    });
    expect(seen).toBe(false);
    expect(listSnapshots(folder)).toEqual([3]);
  });

  it("do not appear where those records failed", async () => {
    const failing = () => Promise.reject(new Error("disk"));
    await expect(writeSnapshot(folder, head, filled(10).entries(), failing)).rejects.toThrow("disk");
    expect(listSnapshots(folder)).toEqual([]);
  });

  it("let transactions go on while they are written", async () => {
    const accounts = filled(3_000);
    let changes = 0;
    const timer = setInterval(() => {
      accounts.set(address(changes % 3_000), account(1_000_000n + BigInt(changes++)));
      accounts.set(address(10_000 + changes), account(1n));
      accounts.set(address(2_000 + (changes % 500)), null);
    }, 0);
    await writeSnapshot(folder, head, accounts.entries(), nothing);
    clearInterval(timer);
    expect(read().accounts.size).toBeGreaterThan(2_000);
  });

  it("are refused with a bit turned anywhere, or cut", async () => {
    await writeSnapshot(folder, head, filled(20).entries(), nothing);
    const path = snapshotPath(folder, 3);
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += 53) {
      const turned = Buffer.from(whole);
      turned[at] = (turned[at] as number) ^ 4;
      writeFileSync(path, turned);
      expect(() => read(), `byte ${at}`).toThrow(expect.objectContaining({ code: "DATA_FOLDER_UNAVAILABLE" }));
    }
    for (const size of [0, 10, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, size));
      expect(() => read()).toThrow(expect.objectContaining({ code: "DATA_FOLDER_UNAVAILABLE" }));
    }
  });
});
