import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { NewMarket } from "../../src/contract/markets.ts";
import type { Json } from "../../src/core/json.ts";
import { smallControls, violations } from "../support/axe.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { useWeb } from "../support/web.ts";

interface Way {
  readonly market: Partial<NewMarket>;
  readonly content?: Json;
  /** Brings everything to the screen that it has. */
  readonly open: (page: Page) => Promise<void>;
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="300" height="200" fill="#cdb"/></svg>`;
const picture = { question: "Where is it?", content: [{ type: "svg", label: "Scene", svg, alt: "a meadow" }] };
const press = async (page: Page, ...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};

const track = { sightingsMin: 3, accuracyMmMax: 50_000, speedMmPerSecondMax: 7_000 };
const shot = { clockSkewMsMax: 120_000, likenessBitsMax: 20, isTimeNeeded: true };

const ways: Readonly<Record<string, Way>> = {
  number: {
    market: { answer: { type: "number", min: 0, max: 50 } },
    open: (page) => page.locator(".number-field").fill("99"),
  },
  slider: {
    market: { answer: { type: "scale", min: 0, max: 100 } },
    open: (page) => page.locator(".slider input").press("ArrowRight"),
  },
  ranking: {
    market: { answer: { type: "ranking", items: ["a rather long name of something", "b", "c", "d"] } },
    async open(page) {
      for (let taps = 0; taps < 2; taps++) await page.locator(".option-button").first().click();
    },
  },
  search: {
    market: { answer: { type: "choices", choices: Array.from({ length: 90 }, (_, i) => `plant ${i}`) } },
    open: (page) => page.locator(".search .option").first().click(),
  },
  spans: {
    market: { answer: { type: "spans", labels: ["person", "place"], charactersMax: 100 } },
    content: { question: "Who?", content: [{ type: "text", label: "Story", text: "Ada met Charles in London." }] },
    async open(page) {
      await page.locator(".span-text").focus();
      await press(page, "ArrowRight", "1", "ArrowRight", "2", "ArrowUp");
      await page.locator(".reach").waitFor();
    },
  },
  boxes: {
    market: { answer: { type: "boxes", labels: ["one", "two"] } },
    content: picture,
    async open(page) {
      await page.locator(".outlines").waitFor();
      await page.locator(".stage").focus();
      await press(page, " ", ...Array.from({ length: 9 }, () => "ArrowUp"), "ArrowLeft", " ", "2");
      await page.locator(".measures").waitFor();
    },
  },
  areas: {
    market: { answer: { type: "polygons", labels: ["one"] } },
    content: picture,
    async open(page) {
      await page.locator(".outlines").waitFor();
      await page.locator(".stage").focus();
      await press(page, " ", "ArrowLeft", " ", "ArrowUp", " ", "Enter", "v");
      await page.locator(".measures").waitFor();
    },
  },
  report: {
    market: { answer: { type: "text", charactersMax: 9 }, template: { id: "report", parameters: {} } },
    async open(page) {
      await page.locator(".report textarea").fill("far too long");
      await page.locator(".report-row .button").last().click();
      await page.locator(".wrong").first().waitFor();
    },
  },
  place: {
    market: {
      verification: {
        all: [
          { attest: { isSignatureNeeded: true, isNonceNeeded: true, isOnePerOwner: true } },
          { witness: { type: "track", name: "walk", distanceMmMax: 50_000, ...track } },
          { witness: { type: "picture", name: "shot", track: "walk", distanceMmMax: 50_000, ...shot } },
        ],
      },
      known: { place: { latitudeE7: 482_082_000, longitudeE7: 163_738_000 } },
    },
    content: {
      question: "Is it there?",
      content: [{ html: "<h2>Letter</h2><p>Go and <b>look</b>.</p>", label: "Letter" }],
    },
    async open(page) {
      await page.frameLocator("iframe").getByText("look").waitFor();
      await page.locator(".report-row .button").first().click();
      await page.locator(".wrong").first().waitFor();
    },
  },
  code: {
    market: { answer: { type: "text", charactersMax: 99 }, template: { id: "code", parameters: {} } },
    open: (page) => page.locator("textarea").first().fill("f(x)"),
  },
};

describe.skipIf(browserPath === null)("every way to answer", () => {
  const web = useWeb();
  const visit = useVisitors(() => web().url);
  const ids = new Map<string, string>();

  beforeAll(async () => {
    for (const [name, { market, content = { question: "What about this?" } }] of Object.entries(ways)) {
      const tasks = Array.from({ length: 8 }, (_, i) => ({ id: `${name}-${i}`, content }));
      ids.set(name, await web().openMarket({ ...market, overlap: { min: 1, max: 1, target: 0.5 } }, tasks));
    }
    const questions = [{ content: "Which?", choices: ["x", "y"], answer: "x" }];
    await web().putTest(ids.get("number") ?? "", "basics", { questions });
  }, 120_000);

  it.each([
    ["light", "ar"],
    ["dark", "en-GB"],
  ] as const)(
    "has nothing that axe finds wrong, fits 320 pixels and thumbs: %s, %s",
    async (colorScheme, locale) => {
      const viewport = { width: 320, height: 640 };
      const { page } = await visit({ colorScheme, locale, reducedMotion: "reduce", viewport });
      const found: unknown[] = [];
      const look = async (name: string): Promise<void> => {
        for (const each of await violations(page)) found.push([name, each]);
        for (const each of await smallControls(page)) found.push([name, "small", each]);
        if (!(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))) found.push([name, "wide"]);
      };
      for (const [name, { open }] of Object.entries(ways)) {
        await page.goto(`/desk/${ids.get(name)}`);
        await page.locator(".task").waitFor();
        await open(page);
        await look(name);
      }
      await page.goto(`/tests/${ids.get("number")}/basics`);
      await page.locator(".option").first().click();
      await look("test");
      await page.locator(".actions .button-main").click();
      await page.locator(".badge").waitFor();
      await look("score");
      expect(found).toEqual([]);
    },
    180_000,
  );
});
