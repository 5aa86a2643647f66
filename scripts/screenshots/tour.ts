import type { Page } from "playwright-core";
import { knownTasks } from "#src/main/demonstration/judge";
import { rightOption } from "./right-option.ts";

export type Look = (screen: string) => Promise<void>;

/** For an answer to have gone. */
const restMs = 500;

/** Goes through the screens as somebody does who earns for the first time, and looks at each. */
export async function tour(page: Page, look: Look): Promise<void> {
  await page.goto("/");
  await page.locator(".option").first().waitFor();
  await look("landing");
  await page
    .locator(".option")
    .nth(await rightOption(page, await knownTasks()))
    .click();
  await look("landing-chosen");
  await page.locator(".actions .button-main").click();
  await page.locator(".slip").waitFor();
  await look("slip");
  await page.locator(".actions .button-main").click();
  await page.locator(".work .option").first().waitFor();
  await look("work");
  await work(page);
  await page.keyboard.press("g");
  await page.locator("dialog").waitFor();
  await look("guide");
  await page.keyboard.press("Escape");
  await page.locator(".tab").nth(1).click();
  await page.locator(".card").first().waitFor();
  await look("find");
  await page.goto("/me");
  await page.locator(".about select").first().waitFor();
  await look("about");
  await page.goBack();
  await page.locator(".tab").nth(2).click();
  await page.locator(".row").first().waitFor();
  await look("earnings");
  await page.goto("/wallet");
  await page.locator("main h2").first().waitFor();
  await look("wallet");
  await page.goBack();
  await page.locator(".row a").last().click();
  await page.locator(".entries-all").waitFor();
  await look("receipt");
  await page.locator("[aria-pressed]").click();
  await page.locator(".hash-wrong").scrollIntoViewIfNeeded();
  await look("receipt-tampered");
  await page.locator(".bar button").click();
  await page.locator("dialog .choice").first().waitFor();
  await look("settings");
}

const tasks = 5;

/** A few answers, so that there is something to see; and the time in which they can be taken back. */
async function work(page: Page): Promise<void> {
  for (let done = 0; done < tasks; done++) {
    await page.locator(".work .option").first().waitFor();
    await page.keyboard.press(done % 2 === 0 ? "1" : "2");
    await page.keyboard.press("Enter");
    await page.waitForTimeout(restMs);
  }
  await page.waitForTimeout(6_500);
}
