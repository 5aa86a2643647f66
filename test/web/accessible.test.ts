import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { smallControls, violations } from "../support/axe.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { controlTasks, plainTasks, useWeb } from "../support/web.ts";

describe.skipIf(browserPath === null)("every screen", () => {
  const web = useWeb();
  const visit = useVisitors(() => web().url);
  let market = "";

  beforeAll(async () => {
    const scale = { type: "scale", min: 1, max: 5 } as const;
    const own = [
      { answer: scale },
      { answer: { type: "choices", choices: ["a", "b", "c"] } },
      { answer: { type: "pair", ties: true } },
      { answer: { type: "text", charactersMax: 200 } },
    ] as const;
    const kinds = own.map((terms, i) => ({ id: `kind-${i}`, content: { question: `What about this (${i})?` }, terms }));
    const terms = { overlap: { min: 1, max: 1, target: 0.5 } };
    market = await web().openMarket(terms, [
      ...controlTasks(8),
      ...kinds.map(({ terms: { answer }, ...each }) => ({ ...each, terms: { answer } })),
      // Each tour reserves some and leaves.
      ...plainTasks(80),
    ] as never);
  });

  /** Goes through all screens of somebody who earns, and looks at each. */
  async function tour(page: Page, look: (screen: string) => Promise<void>): Promise<void> {
    await page.goto("/");
    await page.locator(".option").first().waitFor();
    await look("landing");
    await page.locator(".option").nth(2).click();
    await page.locator(".actions .button-main").click();
    await page.locator(".slip").waitFor();
    await look("slip");
    await page.locator(".slip .button").click();
    await look("why");
    await page.keyboard.press("Escape");
    await page.goto(`/desk/${market}`);
    await page.locator(".task").waitFor();
    for (const widget of ["scale", "choices", "pair", "text"]) {
      await look(`work, ${widget}`);
      // The next one has to be there before it is looked at.
      const shown = await page.locator(".task").innerText();
      await page.keyboard.press("s");
      await expect.poll(() => page.locator(".task").innerText(), { timeout: 20_000 }).not.toBe(shown);
    }
    await page.locator(".task").waitFor();
    await page.keyboard.press("g");
    await page.locator("dialog").waitFor();
    await look("guide");
    await page.keyboard.press("Escape");
    await page.goto("/find");
    await page.locator(".card").first().waitFor();
    await look("find");
    await page.locator("main > .column > .button-text").click();
    await page.locator("select").first().waitFor();
    await page.locator(".about-languages select").selectOption("de");
    await look("about");
    await page.goto("/earnings");
    await page.locator(".row").first().waitFor();
    await page.locator(".more summary").click();
    await page.locator("select").waitFor();
    await look("earnings");
    await page.locator(".row a").first().click();
    await page.locator(".entries-all").waitFor();
    await look("receipt");
    await page.locator("[aria-pressed]").click();
    await page.locator(".hash-wrong").waitFor();
    await look("tampered receipt");
    await page.locator(".bar button").click();
    await page.locator("dialog").waitFor();
    await look("settings");
    await page.locator("dialog .choice").first().waitFor();
    await page.locator("dialog summary").click();
    await look("settings of the device");
    await page.goto("/wallet");
    await page.locator(".address").first().waitFor();
    for (const more of await page.locator("main summary").all()) await more.click();
    await page.locator(".choice > .button:not(.button-main)").first().click();
    await page.locator("input[type=password]").waitFor();
    await look("wallet");
    await page.goto("/nowhere");
    await page.locator(".notice").waitFor();
    await look("unknown");
  }

  it.each([
    ["light", "en-GB"],
    ["dark", "en-GB"],
    ["light", "ar"],
    ["dark", "ar"],
  ] as const)("has nothing that axe finds wrong: %s, %s", async (colorScheme, locale) => {
    const { page } = await visit({ colorScheme, locale, reducedMotion: "reduce" });
    const found: Record<string, readonly unknown[]> = {};
    await tour(page, async (screen) => {
      found[screen] = await violations(page);
    });
    expect(await page.getAttribute("html", "dir")).toBe(locale === "ar" ? "rtl" : "ltr");
    expect(Object.entries(found).filter(([, each]) => each.length > 0)).toEqual([]);
    expect(Object.keys(found).length).toBeGreaterThan(12);
  });

  it("fits 320 pixels, also in twice the size of letters", async () => {
    const { page } = await visit({ viewport: { width: 320, height: 640 } });
    const wide: string[] = [];
    await tour(page, async (screen) => {
      for (const size of ["100%", "200%"]) {
        await page.evaluate(`document.documentElement.style.fontSize = "${size}"`);
        if (!(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")))
          wide.push(`${screen} ${size}`);
      }
      await page.evaluate(`document.documentElement.style.fontSize = ""`);
    });
    expect(wide).toEqual([]);
  });

  it("has every control large enough for a thumb", async () => {
    const { page } = await visit();
    const small = new Set<string>();
    await tour(page, async (screen) => {
      for (const each of await smallControls(page)) small.add(`${screen}: ${each}`);
    });
    expect([...small]).toEqual([]);
  });
});
