import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { named } from "../../test/support/market-hash.ts";
import { worldWith } from "../../test/support/settlement-world.ts";
import { AttestorFolder } from "./folder.ts";
import { checkPins, type Pins, parsePins, pinLines, pinsText } from "./pins.ts";

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "earnest-folder-"));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const pins: Pins = {
  key: named("key"),
  cluster: named("cluster"),
  program: named("program"),
  programHash: named("program hash"),
  network: named("network"),
  pool: named("pool"),
};

describe("pins", () => {
  it("are read as they were written, and nothing else is", () => {
    expect(parsePins(pinsText(pins))).toEqual(pins);
    for (const text of ["", "{}", "null", pinsText(pins).slice(3), pinsText(pins).replace('"pool": "', '"pool": "0')]) {
      expect(parsePins(text)).toBeNull();
    }
  });

  it("are shown in words", () => {
    expect(pinLines(pins)).toHaveLength(6);
    expect(pinLines(pins)[5]).toMatch(/^the pool's account: [1-9A-HJ-NP-Za-km-z]+$/);
  });

  it("are held against what is found, whatever of it is known", () => {
    checkPins(path, pins, {});
    checkPins(path, pins, { pool: pins.pool, key: pins.key });
    for (const name of Object.keys(pins) as (keyof Pins)[]) {
      expect(() => checkPins(path, pins, { [name]: named("other") })).toThrow(
        expect.objectContaining({ code: "PIN_MISMATCH" }) as Error,
      );
    }
  });
});

describe("an attestor's folder", () => {
  it("keeps what it was given, and forgets what was never whole", async () => {
    const { message } = worldWith().proposal;
    const signatures = [{ key: named("key"), signature: new Uint8Array(64).fill(3) }];
    const signed = [{ pool: pins.pool, epoch: 4n, digest: named("digest"), validUntil: 9n }];
    const first = await AttestorFolder.open(path);
    expect(await first.pins()).toBeNull();
    await first.storePins(pins);
    expect(await first.signed()).toEqual([]);
    await first.storeSigned(signed);
    await first.storeCommit(named("digest"), { message, signatures });
    await first.storeLeafFile(named("digest"), Uint8Array.of(1, 2));
    first.close();
    writeFileSync(join(path, "commits", "abc.leaves.0011.part"), "half");
    writeFileSync(join(path, "commits", "abc.commit"), "damaged");
    const again = await AttestorFolder.open(path);
    expect(existsSync(join(path, "commits", "abc.leaves.0011.part"))).toBe(false);
    expect(await again.pins()).toEqual(pins);
    expect(await again.signed()).toEqual(signed);
    expect(await again.commits()).toEqual([{ message, signatures }]);
    expect(await again.leafFile(named("digest"))).toEqual(Uint8Array.of(1, 2));
    expect(await again.leafFile(named("other"))).toBeNull();
    await again.removeCommit(named("digest"));
    expect(await again.commits()).toEqual([]);
    again.close();
  });

  it("with pins and without a record of signatures has lost it", async () => {
    const folder = await AttestorFolder.open(path);
    await folder.storePins(pins);
    rmSync(join(path, "signed"));
    await expect(folder.signed()).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    writeFileSync(join(path, "pins.json"), "{");
    await expect(folder.pins()).rejects.toMatchObject({ code: "DATA_FOLDER_UNAVAILABLE" });
    folder.close();
  });

  it("leaves a file as it was where the new one cannot be written", async () => {
    const folder = await AttestorFolder.open(path);
    await folder.storePins(pins);
    rmSync(join(path, "commits"), { recursive: true });
    await expect(folder.storeLeafFile(named("digest"), Uint8Array.of(1))).rejects.toMatchObject({ code: "ENOENT" });
    expect(await folder.pins()).toEqual(pins);
    folder.close();
  });

  it("that cannot be made is refused in one sentence", async () => {
    writeFileSync(join(path, "file"), "");
    await expect(AttestorFolder.open(join(path, "file", "below"))).rejects.toMatchObject({
      code: "DATA_FOLDER_UNAVAILABLE",
    });
  });
});
