import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The Chromium of this machine, or the one that EARNEST_CHROMIUM names; null where there is none. */
export const browserPath: string | null =
  process.env["EARNEST_CHROMIUM"] ?? places.find((place) => existsSync(place)) ?? null;

if (browserPath === null) {
  console.warn("No Chromium here, so the pages are not tested: install one (Debian: apt-get install chromium).");
}

/** Names a page without HTTPS that is not this machine's own: such pages have no WebCrypto. */
export const insecureHost = "earnest.test";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`,
];

export const launch = async (): Promise<Browser> =>
  await chromium.launch({ executablePath: browserPath as string, args: flags });

/** A visitor who was never here, and everything that went wrong in their browser. */
export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Messages of the console above a warning, errors of the page, and requests to anywhere else. */
  readonly complaints: string[];
}

export type Visit = (options?: BrowserContextOptions) => Promise<Visitor>;

/**
 * Visitors to a server, for the tests of a file. Each test ends without complaints, but for those it takes out.
 *
 * @param alsoOf other addresses that its pages may ask
 */
export function useVisitors(urlOf: () => string, alsoOf: () => readonly string[] = () => []): Visit {
  // A browser, a database and a chain on one machine, beside other tests.
  vi.setConfig({ testTimeout: 90_000 });
  let browser: Browser | undefined;
  let visitors: { readonly context: BrowserContext; readonly complaints: string[] }[] = [];
  beforeAll(async () => {
    if (browserPath !== null) browser = await launch();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    const seen = visitors;
    visitors = [];
    await Promise.all(seen.map(({ context }) => context.close()));
    expect(seen.flatMap(({ complaints }) => complaints)).toEqual([]);
  });
  return async (options = {}) => {
    const context = await (browser as Browser).newContext({
      viewport: { width: 360, height: 740 },
      baseURL: urlOf(),
      ...options,
    });
    const complaints: string[] = [];
    visitors.push({ context, complaints });
    const page = await context.newPage();
    const own = [urlOf(), ...alsoOf()].map((url) => new URL(url).port);
    page.on("pageerror", (error) => complaints.push(`page: ${error.message}`));
    page.on("console", (message) => {
      // What the API refuses is an answer, which the page shows in its own words.
      if (message.location().url.includes("/v1/") && message.text().includes("status of 4")) return;
      if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
    });
    context.on("request", (request) => {
      const { protocol, port } = new URL(request.url());
      if (protocol.startsWith("http") && !own.includes(port)) complaints.push(`elsewhere: ${request.url()}`);
    });
    return { page, context, complaints };
  };
}

/**
 * Reloads a page once its database has what was just chosen: a transaction on all of it waits for those before it. Who
 * reloads in the very moment of a key loses that key, as a test on a busy machine would.
 */
export async function reload(page: Page): Promise<void> {
  await page.evaluate(`new Promise((resolve, reject) => {
    const opening = indexedDB.open("earnest");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction([...database.objectStoreNames], "readonly");
      transaction.onabort = () => reject(transaction.error);
      transaction.objectStore("drafts").count();
      transaction.oncomplete = () => {
        database.close();
        resolve();
      };
    };
  })`);
  await page.reload();
}
