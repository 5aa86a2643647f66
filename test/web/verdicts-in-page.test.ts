import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { browserPath, launch } from "../support/browser.ts";
import { bundled } from "../support/bundle.ts";
import { digestsOf, type KindFiles } from "../support/verdicts.ts";

/** Server, attestors and page verify by one code; here each of them gives a verdict on every case, and bits are compared. */

const folder = fileURLToPath(new URL("../../kinds/", import.meta.url));
const script = fileURLToPath(new URL("../support/verdicts.ts", import.meta.url));
const attested = fileURLToPath(new URL("../support/attested-verdicts.ts", import.meta.url));
const files: KindFiles[] = readdirSync(folder)
  .filter((name) => name.endsWith(".vectors.json"))
  .map((name) => ({
    kind: readFileSync(join(folder, name.replace(".vectors", "")), "utf8"),
    vectors: readFileSync(join(folder, name), "utf8"),
  }));

/** As the server has it. */
const expected = digestsOf(files);

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
  expect(expected.length).toBeGreaterThanOrEqual(200);
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
    expect(found).toEqual(expected);
  },
  60_000,
);

it("an attestor gives every case of every kind the same verdict, bit for bit, in a process of its own", async () => {
  const module = join(mkdtempSync(join(tmpdir(), "earnest-attested-")), "attested.mjs");
  writeFileSync(module, await bundled(attested));
  const child = spawn(process.execPath, [module], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(files));
  const found = JSON.parse(await text(child.stdout)) as string[];
  rmSync(dirname(module), { recursive: true });
  expect(found).toEqual(expected);
}, 60_000);
