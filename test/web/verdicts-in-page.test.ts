import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { browserPath, launch } from "../support/browser.ts";
import { bundled } from "../support/bundle.ts";
import { digestsOf, type KindFiles } from "../support/verdicts.ts";

/** Server, attestors and page verify by one code; here it is shown that the page's engine computes the same with it. */

const folder = fileURLToPath(new URL("../../kinds/", import.meta.url));
const script = fileURLToPath(new URL("../support/verdicts.ts", import.meta.url));
const files: KindFiles[] = readdirSync(folder)
  .filter((name) => name.endsWith(".vectors.json"))
  .map((name) => ({
    kind: readFileSync(join(folder, name.replace(".vectors", "")), "utf8"),
    vectors: readFileSync(join(folder, name), "utf8"),
  }));

let browser: Browser | undefined;
let code = "";

beforeAll(async () => {
  if (browserPath === null) return;
  code = await bundled(script);
  browser = await launch();
}, 60_000);
afterAll(() => browser?.close());

it("every kind has vectors", () => {
  expect(files.length).toBeGreaterThanOrEqual(12);
  expect(digestsOf(files).length).toBeGreaterThanOrEqual(200);
});

it.skipIf(browserPath === null)(
  "a page gives every case of every kind the same verdict, bit for bit",
  async () => {
    const page = await (browser as Browser).newPage();
    await page.addScriptTag({ content: code, type: "module" });
    const found = await page.evaluate(
      (given) => (globalThis as unknown as { digestsOf: typeof digestsOf }).digestsOf(given),
      files,
    );
    expect(found).toEqual(digestsOf(files));
  },
  60_000,
);
