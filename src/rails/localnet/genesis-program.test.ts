import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Address, generateKeyPairSigner } from "@solana/kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytes32, fromBase58 } from "../../core/bytes.ts";
import { programDataAddress, readProgramData, upgradeableLoader } from "../solana/program/deployed-program.ts";
import { createNetwork } from "../solana/program/instructions.ts";
import { localnetProgram, readProgramFile } from "../solana/program/program-file.ts";
import { startTestLocalnet, type TestLocalnet } from "./fixture.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "earnest-genesis-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Something that only the program can do. */
async function makeNetwork(net: TestLocalnet, id: bigint): Promise<Address> {
  const creator = await net.funded();
  const attestor = (await generateKeyPairSigner()).address;
  const instruction = createNetwork(localnetProgram, creator.address, {
    id,
    operator: creator.address,
    cluster: bytes32(fromBase58(await net.rpc.getGenesisHash().send())),
    refundDelaySeconds: 1,
    deadAfterSeconds: 2,
    rotationDelaySeconds: 0,
    maxValiditySeconds: 1,
    attestors: { threshold: 1, keys: [attestor] },
  });
  await net.sendAndConfirm(await net.sign(creator, [instruction]), { commitment: "finalized" });
  return instruction.accounts[1]?.address as Address;
}

describe("the escrow program on localnet", () => {
  it("is there from genesis as the loader keeps it, and nobody can change it", async () => {
    const net = await startTestLocalnet({ folder });
    const { value } = await net.rpc.getAccountInfo(localnetProgram, { encoding: "base64" }).send();
    expect(value).toMatchObject({ executable: true, owner: upgradeableLoader, space: 36n });
    const code = await net.rpc.getAccountInfo(programDataAddress(localnetProgram), { encoding: "base64" }).send();
    const deployed = readProgramData(Buffer.from(code.value?.data[0] ?? "", "base64"));
    expect(deployed?.authority).toBeNull();
    expect(Buffer.from(deployed?.elf ?? []).equals(readProgramFile().bytes)).toBe(true);
    await net.close();
  });

  it("runs in the first slot, after a restart, and over a snapshot", async () => {
    const now = Date.now();
    const first = await startTestLocalnet({ folder, clock: () => now, segmentBytes: 4_096 });
    const networks = [await makeNetwork(first, 1n)];
    // Past a few segments, so that the next start reads a snapshot.
    for (let id = 2n; id <= 6n; id++) networks.push(await makeNetwork(first, id));
    await first.close();
    const second = await startTestLocalnet({ folder, clock: () => now });
    networks.push(await makeNetwork(second, 7n));
    const found = await second.rpc.getProgramAccounts(localnetProgram, { encoding: "base64" }).send();
    expect(found.map((each) => each.pubkey).toSorted()).toEqual(networks.toSorted());
    await second.close();
  });

  it("shows the present time to who reads the clock, without a transaction", async () => {
    let now = 1_800_000_000_000;
    const net = await startTestLocalnet({ folder, clock: () => now });
    const clock = "SysvarC1ock11111111111111111111111111111111" as Address;
    const seconds = async (): Promise<bigint> => {
      const { value } = await net.rpc.getAccountInfo(clock, { encoding: "base64" }).send();
      return Buffer.from(value?.data[0] ?? "", "base64").readBigInt64LE(32);
    };
    expect(await seconds()).toBe(1_800_000_000n);
    now += 40_000;
    expect(await seconds()).toBe(1_800_000_040n);
    await net.close();
  });
});

describe("the package's program file", () => {
  it("is refused where it is not what its hash says", () => {
    const url = pathToFileURL(`${folder}/`);
    writeFileSync(join(folder, "earnest.so"), "no program");
    writeFileSync(join(folder, "earnest.so.sha256"), `${"ab".repeat(32)}  earnest.so\n`);
    expect(() => readProgramFile(url)).toThrow(expect.objectContaining({ code: "PROGRAM_FILE_MISMATCH" }) as Error);
  });

  it("is no program's account where it is something else", () => {
    expect(readProgramData(new Uint8Array(44))).toBeNull();
    expect(readProgramData(new Uint8Array(100))).toBeNull();
  });
});
