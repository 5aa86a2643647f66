import type { Browser, Page } from "playwright-core";

export interface AtDesk {
  /** From a submission's request to the end of its answer: the signed acknowledgement. */
  readonly submitMs: readonly number[];
  /** From a key to the frame that shows what it chose. */
  readonly paintMs: readonly number[];
}

/** After the time in which answers can be taken back. */
const sentMs = 7_000;

/** Somebody answers task after task by keyboard. */
export async function workAtDesk(browser: Browser, url: string, answers: number): Promise<AtDesk> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  const submitMs: number[] = [];
  page.on("requestfinished", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/submissions")) {
      submitMs.push(request.timing().responseEnd);
    }
  });
  await page.goto(`${url}/desk`);
  const paintMs: number[] = [];
  for (let done = 0; done < answers; done++) {
    await page.locator(".work .option").first().waitFor();
    paintMs.push(await keyToPaint(page));
    await page.keyboard.press("Enter");
    await page.waitForFunction("document.querySelector('.option-chosen') === null");
  }
  await page.waitForTimeout(sentMs);
  await context.close();
  return { submitMs, paintMs };
}

/** The first task after the next frame begins is run when that frame was painted. */
const measured = `new Promise((done) => {
  const since = performance.now();
  dispatchEvent(new KeyboardEvent("keydown", { key: "1" }));
  const look = () => requestAnimationFrame(() => {
    if (document.querySelector(".option-chosen") === null) return look();
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now() - since);
    channel.port2.postMessage(null);
  });
  look();
})`;

const keyToPaint = (page: Page): Promise<number> => page.evaluate<number>(measured);
