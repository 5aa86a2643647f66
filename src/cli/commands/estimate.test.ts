import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli, temporaryFolder } from "../../../test/support/cli.ts";
import { networkOf, newSigner } from "../../../test/support/receipts.ts";
import { writeProfile } from "../credentials.ts";
import { expectedAnswers } from "../estimate/expected-answers.ts";

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
    expect(fair.stderr).toBe("");
    const unpriced = await runCli([...base.slice(0, -1), "--seconds", "5"]);
    expect(unpriced.stderr).toContain("--price");
    expect((await runCli([...base, "--seconds", "30", "--price", "1"])).json.wage).toEqual({
      tokensPerHour: 2.4,
      dollarsPerHour: 2.4,
      isLow: true,
    });
  });

  it.each([
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

describe("expected answers", () => {
  const usual = { min: 2, max: 5, target: 0.95, choices: 2, accuracy: 0.9 };

  it("lie between least and most", () => {
    for (const accuracy of [0.5, 0.6, 0.8, 0.95, 1]) {
      const expected = expectedAnswers({ ...usual, accuracy });
      expect(expected).toBeGreaterThanOrEqual(2);
      expect(expected).toBeLessThanOrEqual(5);
    }
  });

  it("fall as contributors get better, and rise with the target", () => {
    const of = (changes: Partial<typeof usual>): number => expectedAnswers({ ...usual, ...changes });
    expect(of({ accuracy: 0.95 })).toBeLessThan(of({ accuracy: 0.7 }));
    expect(of({ target: 0.999 })).toBeGreaterThan(of({ target: 0.9 }));
  });

  it("agree with a simulation of the same rule", () => {
    // Two answers settle where they agree (0.9² + 0.1²); the third one always does then, by hand:
    const twoAlike = 0.9 * 0.9 + 0.1 * 0.1;
    expect(expectedAnswers({ ...usual, max: 3 })).toBeCloseTo(2 * twoAlike + 3 * (1 - twoAlike), 6);
  });

  it("are the most where nobody can be told from chance, and stay quick for any overlap", () => {
    expect(expectedAnswers({ ...usual, accuracy: 0.5, max: 9 })).toBe(9);
    expect(expectedAnswers({ ...usual, accuracy: 0.51, max: 1_024 })).toBeLessThanOrEqual(1_024);
  });
});
