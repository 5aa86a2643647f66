import { describe, expect, it } from "vitest";
import { cliServer } from "../../../test/support/cli-server.ts";

const id = "ab".repeat(16);

describe("controls retire", () => {
  it("is refused where nobody can say yes: what is shown cannot be hidden again", async () => {
    const server = await cliServer();
    const { exitCode, stderr } = await server.run(["controls", "retire", id]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--yes");
    expect(server.calls).not.toContain("retireControls");
  });

  it("says how many, and how many are left for later", async () => {
    const server = await cliServer();
    const { stdout } = await server.run(["controls", "retire", id, "--yes"]);
    expect(stdout).toContain("2 control tasks retired");
    expect(stdout).toContain("1 are just being answered");
    const all = await cliServer({ retireControls: async () => ({ retired: 3, left: 0 }) });
    expect((await all.run(["controls", "retire", id, "--yes"])).stdout).not.toContain("later");
    expect((await all.run(["controls", "retire", id, "--yes", "--json"])).json).toEqual({
      ok: true,
      market: id,
      retired: 3,
      left: 0,
    });
  });
});
