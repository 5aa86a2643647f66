import type { Browser, Page } from "playwright-core";
import { Contributor } from "#src/client/contributor";
import { generateSigner } from "#src/client/keys";
import { marketIn } from "../../scripts/screenshots/console-tour.ts";

export interface Journey {
  /** From choosing the file to the running market on the screen. */
  readonly csvToMarketMs: number;
  /** Until results were on the disk: files chosen, fields written, buttons. */
  readonly interactions: number;
  /** From before a submission is sent to its count on the requester's screen. */
  readonly eventToScreenMs: readonly number[];
}

const rows = 200;
const reviews = [
  "id,review,gold",
  ...Array.from({ length: rows }, (_, i) => `r${i},"Number ${i} is ${word(i)}",${i % 40 === 0 ? word(i) : ""}`),
].join("\n");
function word(i: number): string {
  return i % 80 === 0 || i % 2 === 1 ? "good" : "bad";
}

/** A requester with a file, and somebody who answers. */
export async function journey(browser: Browser, url: string, answers: number): Promise<Journey> {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  let interactions = 0;
  const step = async <T>(work: Promise<T>): Promise<T> => {
    interactions++;
    return await work;
  };
  await step(page.goto("/console/new"));
  await step(page.locator(".sign-in .button-main").click());
  await page.locator(".drop").waitFor();
  const since = performance.now();
  const file = { name: "reviews.csv", mimeType: "text/csv", buffer: Buffer.from(reviews) };
  await step(page.locator("#data-file").setInputFiles(file));
  await step(page.locator("#question").fill("Is this good or bad?"));
  await step(page.locator(".summary .buttons .button").last().click());
  await page.locator("#figure-answers").waitFor();
  const csvToMarketMs = performance.now() - since;
  const eventToScreenMs = await eventsToScreen(page, url, marketIn(page), answers, ["bad", "good"]);
  await step(page.locator(".subtab").last().click());
  await Promise.all([page.waitForEvent("download"), step(page.locator(".export").first().click())]);
  await context.close();
  return { csvToMarketMs, interactions, eventToScreenMs };
}

/** From before each of some answers is sent to its count on the screen of whoever watches. */
export async function eventsToScreen(
  page: Page,
  server: string,
  market: string,
  answers: number,
  choices: readonly [string, string],
): Promise<number[]> {
  const times: number[] = [];
  const before = await page.evaluate<number>(
    `Number(document.querySelector("#figure-answers .figure-value").textContent.replace(/\\D/g, ""))`,
  );
  let person = new Contributor({ server, signer: await generateSigner() });
  for (let count = 1; count <= answers; count++) {
    let [offer] = await person.assign(market).catch(() => []);
    if (offer === undefined) {
      person = new Contributor({ server, signer: await generateSigner() });
      [offer] = await person.assign(market);
    }
    if (offer === undefined) break;
    const shown = page.evaluate<number>(shownAt(before + count));
    // Where the answer is refused, that is what ends the bench, and not that the page was closed by it.
    shown.catch(() => undefined);
    const since = Date.now();
    await person.submit(market, { slot: offer.slot, body: { answer: choices[count % 2] as string } });
    times.push((await shown) - since);
  }
  return times;
}

/** When the figure says at least so much. */
const shownAt = (count: number): string => `new Promise((done) => {
  const figure = document.querySelector("#figure-answers .figure-value");
  const look = () => Number(figure.textContent.replace(/\\D/g, "")) >= ${count} && done(Date.now());
  new MutationObserver(look).observe(figure, { childList: true, characterData: true, subtree: true });
  look();
})`;

const manyRows = 100_000;

/** From choosing a file of 100,000 rows to its first rows on the screen, to be mapped and scrolled. */
export async function preview(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto("/console/new");
  await page.locator(".sign-in .button-main").click();
  await page.locator(".drop").waitFor();
  const ms = await page.evaluate<number>(chosen);
  await context.close();
  return ms;
}

/** Made in the page, as a file on the disk of whoever has it: nothing of it comes over a line. */
const chosen = `new Promise((done) => {
  let text = "id,text\\n";
  for (let i = 0; i < ${manyRows}; i++) text += i + ',"text number ' + i + ', with a comma"\\n';
  const files = new DataTransfer();
  files.items.add(new File([text], "large.csv", { type: "text/csv" }));
  const input = document.querySelector("#data-file");
  const since = performance.now();
  new MutationObserver((_, seen) => {
    if (document.querySelector(".row-number") === null) return;
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - since)));
  }).observe(document.body, { childList: true, subtree: true });
  input.files = files.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
})`;
