import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toBase58, toHex } from "../../../core/bytes.ts";
import type { PoolNames } from "../../../core/pool-trust.ts";
import { sendCommit } from "./commits.ts";
import { TestEscrow, testAttestors } from "./fixture.ts";
import { readPoolTrustAt } from "./pool-trust.ts";

let test: TestEscrow;
let names: PoolNames;
beforeAll(async () => {
  test = await TestEscrow.start();
  const { program, network, pool } = test.pool.at;
  names = { cluster: test.escrow.cluster, program, network, pool };
});
afterAll(() => test.close());

describe("whom a chain says to trust", () => {
  it("are the attestors of the network, and the last commit of the pool", async () => {
    const before = await readPoolTrustAt(test.net.rpcUrl, names);
    expect(before).toMatchObject({ setVersion: 0, epoch: 0n });
    expect(before.attestors.threshold).toBe(2);
    expect(before.attestors.keys.map(toBase58)).toEqual(testAttestors.map(({ address }) => address));
    expect(toBase58(before.cluster)).toBe(test.escrow.cluster);
    const commit = await test.message();
    await sendCommit(test.escrow, test.pool.at, commit);
    const after = await readPoolTrustAt(test.net.rpcUrl, names);
    expect(after.epoch).toBe(1n);
    expect(toHex(after.digest)).toBe(toHex(commit.digest));
  });

  it.each([
    ["another cluster", { cluster: "1".repeat(32) }, "CLUSTER_MISMATCH"],
    ["a program that is none", { program: "1".repeat(32) }, "PROGRAM_NOT_FOUND"],
    ["a pool that is none", { pool: "1".repeat(32) }, "ESCROW_ACCOUNT_NOT_FOUND"],
    ["a network that is none", { network: "1".repeat(32) }, "ESCROW_ACCOUNT_NOT_FOUND"],
  ])("is nobody at %s", async (_, wrong, code) => {
    await expect(readPoolTrustAt(test.net.rpcUrl, { ...names, ...wrong })).rejects.toMatchObject({ code });
  });
});
