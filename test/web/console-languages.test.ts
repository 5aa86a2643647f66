import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { routes } from "../../src/contract/routes.ts";
import { catalogue } from "../../src/core/error-catalogue.ts";
import { kinds, tableKinds } from "../../web/source/console/create/kinds.ts";
import { violations } from "../support/axe.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { kindOf } from "../support/kind-markets.ts";
import { plainTasks, useWeb } from "../support/web.ts";

type Texts = Readonly<Record<string, string>>;
const textsIn = (language: string): Texts =>
  Object.assign(
    {},
    ...["console", "refusals"].map((folder) =>
      JSON.parse(readFileSync(`web/messages/${folder}/${language}.json`, "utf8")),
    ),
  ) as Texts;
const languages = ["es", "pt", "fr", "hi", "ar", "zh", "id"] as const;
const english = textsIn("en");

/** Sentences that the network has too, in English: a page says them in its own language, by their code. */
const saidByCode = /^(warning|guardrail|error)\./;

/** Errors that no operation answers with: no page hears of them, but in a fault of its own. */
const elsewhere = {
  programs: [
    "MALFORMED_SOLUTION",
    "MALFORMED_BYTES",
    "MALFORMED_ENCODING",
    "MALFORMED_CASE",
    "MALFORMED_KIND",
    "METHOD_MISMATCH",
    "REQUEST_TIME_EXCEEDED",
    "HEADERS_EXCEEDED",
    "ROUTE_NOT_FOUND",
    "KIND_NOT_FOUND",
    "IDEMPOTENCY_MISMATCH",
  ],
  commandLine: [
    "DATASET_NOT_FOUND",
    "MALFORMED_COMMAND",
    "MALFORMED_FILE",
    "MALFORMED_ROW",
    "FILE_NOT_FOUND",
    "FILE_SIZE_EXCEEDED",
    "SOLVER_UNAVAILABLE",
  ],
  operators: [
    "TIME_STATE",
    "REPLAY_MISMATCH",
    "INVARIANT_MISMATCH",
    "DATABASE_VERSION_MISMATCH",
    "DATABASE_NETWORK_MISMATCH",
    "DATABASE_START_UNAVAILABLE",
    "DISK_FULL_EXCEEDED",
    "PORT_UNAVAILABLE",
    "DATA_FOLDER_UNAVAILABLE",
    "MIGRATION_MISMATCH",
    "CLUSTER_MISMATCH",
    "PROGRAM_NOT_FOUND",
    "PROGRAM_MISMATCH",
    "PROGRAM_FILE_MISMATCH",
    "PROGRAM_REFUSED",
    "ESCROW_ACCOUNT_NOT_FOUND",
    "SPONSOR_INSUFFICIENT",
    "COMMIT_EXPIRED_STATE",
    "COMMIT_MISMATCH",
    "PIN_MISMATCH",
  ],
};

/** What the catalogue's own sentences take from an error's context. */
function contextOf(code: keyof typeof catalogue): ReadonlySet<string> {
  const names = new Set<string>();
  const context = new Proxy({}, { get: (_, name) => names.add(String(name)) && "?" });
  const entry = catalogue[code] as { what(context: object): string; next(context: object): string };
  entry.what(context);
  entry.next(context);
  return names;
}

describe("what the network says in English", () => {
  it("is said by the pages for each error that an operation answers with", () => {
    const own = Object.keys(english).flatMap((key) => (key.startsWith("error.") ? key.slice("error.".length) : []));
    expect([...own, ...Object.values(elsewhere).flat()].sort()).toEqual(Object.keys(catalogue).sort());
    const refused = new Set(Object.values(routes).flatMap(({ errors }) => errors));
    expect([...refused].filter((code) => !own.includes(code))).toEqual([]);
    for (const code of own as (keyof typeof catalogue)[]) {
      const names = Array.from((english[`error.${code}`] ?? "").matchAll(/\{(\w+)\}/g), ([, name]) => name as string);
      const context = contextOf(code);
      expect([code, names.filter((name) => !context.has(name))]).toEqual([code, []]);
    }
  });

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

  it("says what was refused by its code, and in the server's words only what it has none for", async () => {
    const key = await web().apiKey();
    const { page } = await visit({ ...wide, locale: "ar" });
    const texts = textsIn("ar");
    const unknown = "ab".repeat(16);
    await page.goto(`/console/markets/${unknown}#${key}`);
    const problem = page.locator(".notice-problem");
    await problem.waitFor();
    const said = texts["error.MARKET_NOT_FOUND"]?.replace("{market}", `\u2068${unknown}\u2069`);
    await expect.poll(() => problem.locator("p").allTextContents()).toEqual([said, "MARKET_NOT_FOUND"]);
    expect(await violations(page)).toEqual([]);

    // What is wrong with the address, only the server says.
    await page.goto("/console/developers");
    await page.locator("#webhooks input[type=url]").fill("ftp://example.org/hook");
    await page.locator("#webhooks form button").click();
    await expect.poll(() => problem.locator("code").innerText()).toBe("MALFORMED_REQUEST");
    await expect.poll(() => problem.locator("p").first().textContent()).toBe(texts["error.MALFORMED_REQUEST"]);
    expect(await problem.locator("p[lang=en]").allTextContents()).toEqual([expect.stringMatching(/url/)]);
    expect(await violations(page)).toEqual([]);
  });

  it("says to whoever works what was refused, in words that come with the first refusal", async () => {
    const market = await web().openMarket({ title: "No test here" }, plainTasks(1));
    const { page } = await visit({ locale: "hi" });
    const loaded: string[] = [];
    page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
    await page.goto("/");
    await page.locator("h1").first().waitFor();
    const words = () => loaded.filter((path) => path.startsWith("/assets/messages-hi-")).length;
    await expect.poll(words).toBe(1);
    await page.goto(`/tests/${market}/nowhere`);
    const problem = page.locator(".notice-problem");
    await problem.waitFor();
    const said = textsIn("hi")["error.TEST_NOT_FOUND"]?.replace("{test}", "\u2068nowhere\u2069");
    await expect.poll(() => problem.locator("p").allTextContents()).toEqual([said, "TEST_NOT_FOUND"]);
    expect(await violations(page)).toEqual([]);
    await page.goto(`/desk/${"ab".repeat(16)}`);
    await expect.poll(() => problem.locator("code").innerText()).toBe("MARKET_NOT_FOUND");
    expect(await violations(page)).toEqual([]);
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
