import type { Browser, Page } from "playwright-core";
import type { KnownTask } from "#src/main/demonstration/judge";

export interface Cold {
  readonly ms: number;
  readonly taps: number;
  /** Of all scripts, as they came over the line. */
  readonly scriptBytes: number;
  readonly otherHosts: readonly string[];
}

/** Lighthouse's slow 4G: 1.6 Mbit/s down, 750 kbit/s up, 150 ms; and a processor four times slower. */
const line = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 };
const slowdown = 4;

/** A stranger with a fresh profile opens the address, answers the task they see, and is paid. */
export async function coldToPaid(browser: Browser, url: string, known: readonly KnownTask[]): Promise<Cold> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", line);
  await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  const { host } = new URL(url);
  const otherHosts: string[] = [];
  let scriptBytes = 0;
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol.startsWith("http") && asked.host !== host) otherHosts.push(asked.host);
  });
  page.on("requestfinished", (request) => {
    if (request.resourceType() !== "script") return;
    request.sizes().then(
      ({ responseBodySize }) => {
        scriptBytes += responseBodySize;
      },
      () => undefined,
    );
  });
  const since = performance.now();
  await page.goto(url);
  await page.locator(".option").first().waitFor();
  await page
    .locator(".option")
    .nth(await rightOption(page, known))
    .click();
  await page.locator(".actions .button-main").click();
  await page.locator(".slip-paid").waitFor();
  const ms = performance.now() - since;
  await context.close();
  return { ms, taps: 2, scriptBytes, otherHosts };
}

/** The place of the right answer, by what the page shows: as somebody who knows would find it. */
async function rightOption(page: Page, known: readonly KnownTask[]): Promise<number> {
  const question = await page.locator(".task-question").innerText();
  const drawings = await page.locator(".task img").all();
  const described = await Promise.all(drawings.map((drawing) => drawing.getAttribute("alt")));
  const shown = [await page.locator(".task").innerText(), ...described].join("\n");
  const found = known.find(({ task }) => {
    const content = task.content as unknown as JudgeContent;
    return content.question === question && content.content.every(({ text, alt }) => shown.includes(text ?? alt ?? ""));
  });
  const choices = (found?.task.content as unknown as JudgeContent | undefined)?.choices ?? [];
  return Math.max(
    0,
    choices.findIndex(({ id }) => id === found?.answer),
  );
}

interface JudgeContent {
  readonly question: string;
  readonly choices: readonly { readonly id: string }[];
  readonly content: readonly { readonly text?: string; readonly alt?: string }[];
}
