import { beforeAll, describe, expect, it } from "vitest";
import { browserPath, reload, useVisitors } from "../support/browser.ts";
import { plainTasks, useWeb } from "../support/web.ts";

const question = (text: string, answer: string) => ({
  content: { question: text, choices: [{ id: "x", label: "A boat" }] },
  choices: ["x", "y", "z"],
  answer,
});

describe.skipIf(browserPath === null)("a qualification test", () => {
  const web = useWeb();
  const visit = useVisitors(() => web().url);
  let market = "";

  beforeAll(async () => {
    market = await web().openMarket(
      {
        overlap: { min: 1, max: 1, target: 0.5 },
        eligibility: [{ type: "qualification", name: "boats & co", min: 600_000 }],
      },
      plainTasks(4),
    );
    const questions = [question("What floats?", "x"), question("What sails?", "y"), question("What sinks?", "z")];
    await web().putTest(market, "boats & co", { questions, passingShare: 0.6, validDays: 30 });
  });

  it("is offered where it is asked for, taken by keyboard, and opens the work", async () => {
    const { page } = await visit();
    // Somebody who has a key already: without one nobody knows what they lack.
    await page.goto(`/desk/${market}`);
    await page.getByRole("heading", { name: "You may not work here yet" }).waitFor();
    await page.goto("/find");
    await page.getByRole("link", { name: "Take the test “boats & co”" }).click();
    await page.getByRole("heading", { name: "What floats?" }).waitFor();
    const next = page.locator(".actions .button-main");
    expect(await next.isDisabled()).toBe(true);
    await page.getByText("A boat").waitFor();
    await page.keyboard.press("1");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "What sails?" }).waitFor();
    await page.keyboard.press("2");
    await page.getByText("Question 2 of 3").first().waitFor();
    // What was answered is there after a reload, and nothing was handed in.
    await reload(page);
    await expect.poll(() => page.getByRole("radio", { name: "A boat" }).isChecked()).toBe(true);
    await page.keyboard.press("Enter");
    await expect.poll(() => page.getByRole("radio", { name: "y" }).isChecked()).toBe(true);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "What sinks?" }).waitFor();
    await page.keyboard.press("1");
    await page.getByRole("button", { name: "Hand it in" }).click();
    await page.getByRole("heading", { name: "67% right" }).waitFor();
    await page.getByText("Passed", { exact: true }).waitFor();
    await page.locator("main").getByRole("link", { name: "Work" }).click();
    await page.getByText("A pear").waitFor();
  });

  it("says what was missing to whoever fails, and is not taken twice", async () => {
    const { page } = await visit();
    for (let attempt = 0; attempt < 2; attempt++) {
      await page.goto(`/tests/${market}/boats%20%26%20co`);
      await page.getByText("A boat").waitFor();
      for (let at = 0; at < 3; at++) {
        await page
          .getByText(`Question ${at + 1} of 3`)
          .first()
          .waitFor();
        await page.getByRole("radio", { name: "y" }).check();
        await page.locator(".actions .button-main").click();
      }
      if (attempt === 0) await page.getByText("60% were needed.").waitFor();
    }
    await page.getByText("TEST_STATE").waitFor();
  });
});
