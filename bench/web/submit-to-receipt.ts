import type { Browser } from "playwright-core";
import type { KnownTask } from "#src/main/demonstration/judge";
import { rightOption } from "../../scripts/screenshots/right-option.ts";

/**
 * From the tap that sends an answer to the frame that shows what it was paid and by which entry of the log, of one
 * stranger after another: taking the task's slot, the submission and its signed verdict, and drawing them. The key was made
 * and signed in while they looked at what they chose.
 */
export async function submitToReceipt(
  browser: Browser,
  url: string,
  known: readonly KnownTask[],
  strangers: number,
): Promise<number[]> {
  const times: number[] = [];
  for (let stranger = 0; stranger < strangers; stranger++) {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
    const page = await context.newPage();
    await page.goto(url);
    await page.locator(".option").first().waitFor();
    const isSignedIn = page.waitForResponse((response) => response.url().endsWith("/v1/me"));
    await page
      .locator(".option")
      .nth(await rightOption(page, known))
      .click();
    await isSignedIn;
    times.push(await page.evaluate<number>(measured));
    await context.close();
  }
  return times;
}

/** The first task after the next frame begins is run when that frame was painted. */
const measured = `new Promise((done) => {
  const since = performance.now();
  document.querySelector(".actions .button-main").click();
  const look = () => requestAnimationFrame(() => {
    if (document.querySelector(".slip") === null) return look();
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now() - since);
    channel.port2.postMessage(null);
  });
  look();
})`;
