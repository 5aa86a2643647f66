import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { kinds, tableKinds } from "../../web/source/console/create/kinds.ts";
import { violations } from "../support/axe.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { kindOf } from "../support/kind-markets.ts";
import { plainTasks, useWeb } from "../support/web.ts";

type Texts = Readonly<Record<string, string>>;
const textsIn = (language: string): Texts =>
  JSON.parse(readFileSync(`web/messages/console/${language}.json`, "utf8")) as Texts;
const languages = ["es", "pt", "fr", "hi", "ar", "zh", "id"] as const;
const english = textsIn("en");

/** Sentences that the network has too, in English: a page says them in its own language, by their code. */
const saidByCode = /^(warning|guardrail)\./;

describe("what the network says in English", () => {
  it.each(languages)("is said in words of its own: %s", (language) => {
    const texts = textsIn(language);
    const keys = Object.keys(english).filter((key) => saidByCode.test(key));
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => texts[key] === english[key])).toEqual([]);
  });

  it.each(tableKinds)("has every guardrail of a kind, in the order of its file: %s", (kind) => {
    expect(kinds[kind].guardrails.map((key) => english[key])).toEqual(kindOf(kind).guardrails);
  });
});

describe.skipIf(browserPath === null)("the console in other languages", () => {
  const web = useWeb();
  const visit = useVisitors(() => web().url);
  const wide = { viewport: { width: 1280, height: 900 } };

  it("warns a market's owner, from right to left too", async () => {
    const key = await web().apiKey();
    // 400 tasks, three answers each: dearer than the deposit of 20. None is a control task.
    const market = await web().openMarket({ policy: {}, overlap: { min: 3, max: 6, target: 0.9 } }, plainTasks(400));
    for (const [locale, needed] of [
      ["en", "24.48"],
      ["fr", "24,48"],
      ["ar", "24.48"],
    ] as const) {
      const texts = textsIn(locale);
      const { page } = await visit({ ...wide, locale });
      await page.goto(`/console/markets/${market}#${key}`);
      const warnings = page.locator("main .warning");
      await warnings.first().waitFor();
      const [controls, escrow = ""] = await warnings.allInnerTexts();
      expect(controls).toBe(texts["warning.CONTROLS_MISSING"]);
      const [begin = "", end = ""] = texts["warning.ESCROW_SHORT"]?.split(/\{tasks\}.*\{token\}/) ?? [];
      expect([escrow.startsWith(begin), escrow.endsWith(end)]).toEqual([true, true]);
      expect(escrow).toContain(`\u2068${needed}\u2069 \u2068EARN\u2069`);
      expect(await violations(page)).toEqual([]);
    }
  });

  it("says what a kind must not ask for, with its commands as they are typed", async () => {
    const key = await web().apiKey();
    for (const locale of ["hi", "ar"]) {
      const texts = textsIn(locale);
      const { page } = await visit({ ...wide, locale });
      await page.goto(`/console/new#${key}`);
      await page.locator(".drop .button").last().click();
      for (const kind of ["label", "report"] as const) {
        await page.locator(`input[name=kind][value=${kind}]`).check({ force: true });
        const shown = await page.locator("#kind-facts details li").allTextContents();
        const wanted = kinds[kind].guardrails.map((each) => texts[each]?.replaceAll("`", ""));
        expect(shown).toEqual(wanted);
      }
      expect(await page.locator("#kind-facts details code").allTextContents()).toEqual(["area", "earnest return"]);
    }
  });
});
