import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeyPairSigner } from "@solana/kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Chain } from "./chain.ts";
import { faucetAccount } from "./genesis.ts";
import { Sender } from "./sender.ts";

let folder: string;
let chain: Chain;
const frozen = 1_700_000_000_000;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "earnest-sender-"));
  chain = await Chain.open({ folder, clock: () => frozen, segmentBytes: 1 << 20, historyBytes: 1 << 30 });
});
afterEach(async () => {
  await chain.close();
  rmSync(folder, { recursive: true });
});

describe("Sender", () => {
  it("gives equal airdrops in one slot, each of them", async () => {
    const sender = new Sender(chain);
    const { address } = await generateKeyPairSigner();
    const given = await Promise.all(Array.from({ length: 50 }, () => sender.airdrop(address, 1_000_000n)));
    expect(given.every((each) => each.kind === "executed")).toBe(true);
    expect(chain.account(address)?.lamports).toBe(50_000_000n);
    expect(chain.now().slot).toBe(1);
  });

  it("tells of transactions in the order they were executed, after they are durable", async () => {
    const sender = new Sender(chain);
    const told: string[] = [];
    sender.listen(({ entry }) => told.push(entry.signature));
    const { address } = await generateKeyPairSigner();
    await Promise.all(Array.from({ length: 40 }, () => sender.airdrop(address, 1_000_000n)));
    const executed = [...chain.history.of(address)].map((entry) => entry.signature).reverse();
    expect(told).toEqual(executed);
  });

  it("does not tell of what was refused", async () => {
    const sender = new Sender(chain);
    const told: string[] = [];
    sender.listen(({ entry }) => told.push(entry.signature));
    const { address } = await generateKeyPairSigner();
    // Too little to keep an account.
    expect((await sender.airdrop(address, 1n)).kind).toBe("refused");
    expect((await sender.airdrop(address, 2n ** 63n)).kind).toBe("refused");
    expect(told).toEqual([]);
    expect(chain.account(address)).toBeNull();
    expect(chain.account(chain.genesis.faucet.address)?.lamports).toBe(faucetAccount.lamports);
  });
});
