import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../../../test/support/cli.ts";
import { networkOf, newSigner } from "../../../test/support/receipts.ts";
import { writeProfile } from "../credentials.ts";

const base = ["estimate", "--tasks", "1000", "--reward", "0.02", "--json"] as const;

describe("estimate", () => {
  it("gives the maximum exactly: tasks by overlap by reward and fee", async () => {
    const { json } = await runCli([...base, "--overlap", "2-5"]);
    expect(json).toMatchObject({
      ok: true,
      answers: { least: 2_000, most: 5_000 },
      pricePerAnswer: "0.0204",
      maximum: "102",
      appealBudget: "0.1836",
      deposit: "102.1836",
      wage: null,
    });
    expect(Number(json.expected)).toBeGreaterThan(40);
    expect(Number(json.expected)).toBeLessThan(102);
  });

  it("with a fixed overlap expects the maximum", async () => {
    const { json } = await runCli([...base, "--overlap", "3-3"]);
    expect(json.expected).toBe(json.maximum);
    expect(json.maximum).toBe("61.2");
  });

  it("takes fee and decimals from the profile's network, unless a fee is given", async () => {
    const folder = temporaryFolder();
    const network = { ...networkOf(newSigner()), feeBasisPoints: 1_000 };
    const profile = { server: "http://127.0.0.1:1", apiKey: null, session: null, network };
    await writeProfile(join(folder, "data"), "default", profile);
    expect((await runCli([...base], { folder })).json.pricePerAnswer).toBe("0.022");
    expect((await runCli([...base, "--fee", "0"], { folder })).json.pricePerAnswer).toBe("0.02");
    expect((await runCli([...base, "--fee", "2.5%"], { folder })).json.pricePerAnswer).toBe("0.0205");
  });

  it("rounds the fee up, as the market does", async () => {
    const { json } = await runCli(["estimate", "--tasks", "1", "--reward", "0.000001", "--overlap", "1", "--json"]);
    expect(json.pricePerAnswer).toBe("0.000002");
  });

  it("shows the wage, and warns of a low one", async () => {
    const low = await runCli([...base.slice(0, -1), "--seconds", "30", "--price", "1"]);
    expect(low.stdout).toContain("Implied wage: 2.4 tokens an hour (2.40 dollars)");
    expect(low.stderr).toContain("Below 8 dollars");
    const fair = await runCli([...base.slice(0, -1), "--seconds", "5", "--price", "1"]);
    expect(fair.stderr).not.toContain("dollars an hour");
    const unpriced = await runCli([...base.slice(0, -1), "--seconds", "5"]);
    expect(unpriced.stderr).toContain("--price");
    expect((await runCli([...base, "--seconds", "30", "--price", "1"])).json.wage).toEqual({
      tokensPerHour: 2.4,
      dollarsPerHour: 2.4,
      isLow: true,
    });
  });

  it("says what to expect: answers, cost with fee, accuracy", async () => {
    const { json, stdout } = await runCli([...base, "--overlap", "1-40", "--answers-worth", "1000"]);
    expect(json.accuracy).toBeGreaterThan(0.85);
    expect(json.settled).toBeGreaterThan(0.9);
    expect(json.isOutOfReach).toBe(false);
    expect(json.answers.expected).toBe(Math.round(1_000 * json.answersPerTask));
    expect(Number(json.expected)).toBeCloseTo(0.0204 * 1_000 * json.answersPerTask, 1);
    expect(stdout).not.toContain("NaN");
  });

  it("costs more for contributors who are worse, and less where a right label is worth less", async () => {
    const cost = async (...more: string[]): Promise<number> =>
      Number((await runCli([...base, "--overlap", "1-40", ...more])).json.expected);
    const dear = await cost("--answers-worth", "1000", "--accuracy", "0.7");
    expect(await cost("--answers-worth", "1000", "--accuracy", "0.95")).toBeLessThan(dear);
    expect(await cost("--answers-worth", "5", "--accuracy", "0.7")).toBeLessThan(dear);
  });

  it("warns before any money is locked that no price reaches the target", async () => {
    const { stderr, exitCode } = await runCli([...base.slice(0, -1), "--accuracy", "0.55", "--target", "0.98"]);
    expect(stderr).toContain("No price makes most tasks 98% certain");
    expect(exitCode).toBe(0);
    expect((await runCli([...base, "--accuracy", "0.5"])).json).toMatchObject({ isOutOfReach: true, settled: 0 });
  });

  it("warns where the target costs more than it is worth", async () => {
    const narrow = await runCli([...base.slice(0, -1), "--overlap", "2", "--accuracy", "0.7"]);
    expect(narrow.stderr).toContain("at most 2 answers");
    expect(narrow.stderr).toContain("--overlap");
    expect(narrow.stderr).not.toContain("No price");
  });

  it.each([
    [["--answers-worth", "0"]],
    [["--fee", "51"]],
    [["--fee", "-1"]],
    [["--fee", "x"]],
    [["--seconds", "0"]],
    [["--accuracy", "2"]],
    [["--tasks", "0"]],
    [["--tasks", "1.5"]],
    [["--reward", "0.0000001"]],
  ])("%j is a usage error", async (options) => {
    expect((await runCli([...base, ...options])).exitCode).toBe(2);
  });

  it("what nobody can hold is an error, not a wrong number", async () => {
    const { exitCode } = await runCli(["estimate", "--tasks", "999999999", "--reward", "18446744073709"]);
    expect(exitCode).not.toBe(0);
  });
});
