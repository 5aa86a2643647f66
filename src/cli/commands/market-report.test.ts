import { describe, expect, it } from "vitest";
import { cliServer } from "../../../test/support/cli-server.ts";
import { reportOf } from "../../api/testing-engine.ts";
import { amount } from "../../core/amount.ts";

const id = "ab".repeat(16);
const args = ["markets", "report", id];

describe("markets report", () => {
  it("says what machines saved and people added", async () => {
    const { stdout, exitCode } = await (await cliServer()).run(args);
    expect(exitCode).toBe(0);
    for (const text of [
      "20 of 30 settled, 18 as certain as wanted, 94.0% certain on the mean",
      "40 of people, 15 of machines; 2.50 to a task",
      "15 answers, 10 of 12 as the label; 4 of 5 control tasks right (38.0% to 96.0%)",
      "4; 18 of 20 control tasks right (70.0% to 97.0%)",
      "8 by machines alone, 8 by people alone, 4 by both",
      "2 labels corrected, 1 chosen between machines, 1 confirmed",
      "about 20 of 60 answers of people (33.3%), by the forecast",
      "1.1 without fee",
    ]) {
      expect(stdout).toContain(text);
    }
  });

  it("says less where there is less to say", async () => {
    const people = { contributors: 0, measured: { tasks: 0, right: 0, accuracy: null, interval: [0, 1] as const } };
    const bare = { people, confidence: null, answers: { machines: 0, people: 0, perTask: null }, saved: null };
    const alone = await (await cliServer({ report: async () => reportOf({ ...bare, machines: [] }) })).run(args);
    expect(alone.stdout).toContain("no control task met");
    expect(alone.stdout).not.toContain("machines saved");
    const early = await (await cliServer({ report: async () => reportOf({ saved: null }) })).run(args);
    expect(early.stdout).toContain("not known before there is a model");
  });

  it("ends with the warnings, and is whole for programs", async () => {
    const said = { code: "ESCROW_SHORT", what: "Too little.", next: "Fund it." } as const;
    const found = { ...said, tasks: 4, needed: amount(244_800n), free: amount(100_000n) };
    const server = await cliServer({ report: async () => reportOf({ warnings: [found] }) });
    expect((await server.run(args)).stderr).toContain("! Too little. Fund it.");
    const { json } = await server.run([...args, "--json"]);
    const warning = { ...said, context: { tasks: 4, needed: "0.2448", free: "0.1" } };
    expect(json.report).toMatchObject({ cost: "1.1", warnings: [warning], saved: { isEstimate: true } });
  });
});
