import type { Browser, Locator } from "playwright-core";
import type { KnownTask } from "#src/main/demonstration/judge";
import { rightOption } from "../../scripts/screenshots/right-option.ts";

export interface Cold {
  readonly ms: number;
  /** Of these, until the task was on the screen. */
  readonly taskMs: number;
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
  const taskMs = performance.now() - since;
  let taps = 0;
  const tap = async (what: Locator): Promise<void> => {
    taps++;
    await what.click();
  };
  await tap(page.locator(".option").nth(await rightOption(page, known)));
  await tap(page.locator(".actions .button-main"));
  await page.locator(".slip-paid").waitFor();
  const ms = performance.now() - since;
  await context.close();
  return { ms, taskMs, taps, scriptBytes, otherHosts };
}
