import { execFile } from "node:child_process";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/cli.ts";

/** The show as a program of its own, with everything it starts. */
const program = fileURLToPath(new URL("../../dist/main/earnest.js", import.meta.url));

interface Run {
  readonly exitCode: number;
  readonly lines: readonly string[];
  readonly stderr: string;
}

function demo(...args: string[]): Promise<Run> {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  return new Promise((resolve) => {
    const options = { env: { ...process.env, EARNEST_DATA: join(folder, "data") }, timeout: 170_000 };
    execFile(process.execPath, [program, "demo", "tamper", ...args], options, (error, stdout, stderr) => {
      resolve({ exitCode: Number(error?.code ?? 0), lines: stdout.trimEnd().split("\n"), stderr });
    });
  });
}

beforeAll(() => {
  if (!existsSync(program)) throw new Error(`${program} is missing: run npm run build`);
});

describe("earnest demo tamper", { timeout: 180_000 }, () => {
  it.each(["verdict", "amount", "reorder"])(
    "shows three attestors who refuse another %s, and name the entry",
    async (what) => {
      const { exitCode, lines, stderr } = await demo("--what", what, "--json");
      expect(exitCode, stderr).toBe(0);
      const result = JSON.parse(lines.at(-1) as string) as {
        refused: boolean;
        entry: number;
        reason: string;
        attestors: { outcome: { outcome: string; place: string } }[];
      };
      const reason = expect.stringContaining("ENTRY_DIFFERS");
      expect(result).toMatchObject({ ok: true, refused: true, reason, shownBy: "rules" });
      expect(result.attestors).toHaveLength(3);
      for (const { outcome } of result.attestors) {
        expect(outcome).toMatchObject({ outcome: "refuse", place: expect.stringContaining(`entry ${result.entry}`) });
      }
    },
  );

  it("says what cannot be done", async () => {
    const [wrong, far, none] = await Promise.all([
      demo("--what", "colour"),
      demo("--entry", "999999"),
      demo("--entry", "1"),
    ]);
    expect([wrong.exitCode, far.exitCode, none.exitCode]).toEqual([2, 2, 2]);
    expect(wrong.stderr).toContain("verdict, amount, model, drop, insert, reorder");
    expect(far.stderr).toMatch(/The log has \d+ entries, and no entry 999999\./);
    expect(none.stderr).toMatch(
      /Entry 1 \(created\) gives no verdict\.\n→ Of the \d+ entries, \d+ can .* example \d+, /,
    );
  });
});
