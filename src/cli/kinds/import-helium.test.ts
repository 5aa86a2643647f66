import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../../../test/support/cli.ts";

/** Helium's own cases lie beside the repository. */
const shared = join(import.meta.dirname, "../../../../shared/data/kinds/helium/poc_vectors.json");

async function importAll(path: string) {
  const folder = temporaryFolder();
  const imported = await runCli(["kinds", "import", "helium", path, "--out", "radio.json", "--json"], { folder });
  const tested = await runCli(["kinds", "test", "coverage", "--vectors", "radio.json", "--json"], { folder });
  const { vectors } = JSON.parse(readFileSync(join(folder, "radio.json"), "utf8"));
  return { imported, tested, vectors };
}

function fileOf(cases: readonly object[]): string {
  const path = join(temporaryFolder(), "cases.json");
  writeFileSync(path, JSON.stringify({ cells: { here: "631615575095659519", there: "631615576056478207" }, cases }));
  return path;
}

describe("Helium's cases", () => {
  it.skipIf(!existsSync(shared))("are reproduced, every one", async () => {
    const { imported, tested, vectors } = await importAll(shared);
    expect(imported.json).toMatchObject({ ok: true, kind: "coverage", cases: 15, agreeing: 15, differing: [] });
    expect(tested.json).toMatchObject({ ok: true, cases: vectors.length, failed: 0 });
    expect(vectors.length).toBe(12);
  });

  it("of other numbers are told apart, and what is not checked is named", async () => {
    const path = fileOf([
      { fn: "distance_m", a: "here", b: "there", expect: 1 },
      { fn: "witness_region", beacon: "EU868", witness: "US915", verdict: "InvalidRegion" },
      { fn: "gw_capability", is_full_hotspot: false, verdict: "InvalidCapability" },
      { fn: "witness_data", beacon: "00ff", witness: "00fe", verdict: "InvalidPacket" },
      { fn: "tx_scale", expect: 0.2 },
    ]);
    const { imported, tested } = await importAll(path);
    expect(imported.json).toMatchObject({ agreeing: 3, differing: ["1: distance_m"], unknown: ["5: tx_scale"] });
    expect(tested.json).toMatchObject({ cases: 3, failed: 0 });
  });

  it.each([
    [{ fn: "witness_distance", a: "nowhere", b: "here", verdict: "ok" }, "nowhere"],
    [{ fn: "witness_freq", beacon_hz: 1, delta_hz: 0, verdict: "Sunspots" }, "refusal"],
    [{ fn: "beacon_schedule", interval_s: 1, last: "yesterday", at: "today", verdict: "ok" }, "last"],
  ])("that are none are refused: %j", async (wrong, where) => {
    const { stderr, exitCode } = await runCli(["kinds", "import", "helium", fileOf([wrong])]);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("MALFORMED_FILE");
    expect(stderr).toContain(where);
  });
});
