import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../src/core/json.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { useWeb } from "../support/web.ts";

const elsewhere = "http://127.0.0.1:9/stolen";
const script = `<script>window.stolen=1</script><img src=x onerror="window.stolen=2"><iframe src="${elsewhere}"></iframe><style>*{display:none!important}</style><link rel=stylesheet href="${elsewhere}">`;
const drawing = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10" onload="window.stolen=3">
  <script>window.stolen=4</script><style>@import url(${elsewhere});</style>
  <image href="${elsewhere}" width="10" height="10"/><use xlink:href="${elsewhere}#a"/>
  <foreignObject width="10" height="10"><body xmlns="http://www.w3.org/1999/xhtml"><iframe src="${elsewhere}"></iframe></body></foreignObject>
  <rect width="10" height="10" fill="url(${elsewhere}#g)" onclick="window.stolen=5"/><circle r="3" fill="red"/>
  <a href="javascript:window.stolen=6"><text>press</text></a><animate attributeName="x" from="0" to="9"/>
</svg>`;
const bomb = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "${"x".repeat(100)}"><!ENTITY b "&a;&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg"><text>&b;</text></svg>`;

/** What a requester could send who means harm, or knows no better. */
const contents: Readonly<Record<string, Json>> = {
  "markup everywhere": {
    question: script,
    choices: [{ id: "a", label: script }],
    content: [{ type: "text", label: script, text: script }, script, { [script]: script }],
    [script]: script,
  },
  drawings: {
    question: "Which?",
    content: [
      { type: "svg", label: "A", svg: drawing, alt: script },
      { type: "svg", label: "B", svg: bomb, alt: "a bomb" },
      { type: "svg", label: "C", svg: "data:image/svg+xml,<svg/>", alt: "" },
      { type: "svg", label: "D", svg: `<svg xmlns="http://www.w3.org/2000/svg">${"<g>".repeat(500)}`, alt: "" },
    ],
  },
  "text without end": {
    question: "A".repeat(40_000),
    content: [{ type: "text", label: "B".repeat(5_000), text: "C ".repeat(100_000) }],
  },
  "text turned round": {
    question: "\u202eknip\u202c?",
    content: [{ type: "text", label: "\u2067x", text: `e${"\u0301".repeat(500)}` }],
  },
  "no shape at all": [null, [[[[]]]], 3, { content: { content: { content: 1 } } }],
  "another's fields": { question: { text: "?" }, choices: "abc", content: 7, template: { id: [] } },
};

describe.skipIf(browserPath === null)("work of a requester who means harm", () => {
  const web = useWeb();
  const visit = useVisitors(() => web().url);
  let market = "";

  beforeAll(async () => {
    const tasks = Object.entries(contents).map(([id, content]) => ({ id, content }));
    market = await web().openMarket(
      { title: `<img src=x onerror=alert(1)>\u202e`, overlap: { min: 1, max: 1, target: 0.5 } },
      tasks,
    );
  });
  afterAll(() => web().closeMarket(market));

  it("is shown as what it is: text, and drawings that do nothing", async () => {
    const { page, complaints } = await visit();
    await page.goto(`/desk/${market}`);
    for (let seen = 0; seen < Object.keys(contents).length; seen++) {
      await page.locator(".task").waitFor();
      await page.locator(".option").nth(1).waitFor();
      const before = await page.locator(".task").innerHTML();
      await expect(page.evaluate("window.stolen ?? null")).resolves.toBeNull();
      const markup =
        "iframe, object, embed, .task script, .task style, .task link, .task a, .task [onload], .task [onerror]";
      expect(await page.locator(markup).count()).toBe(0);
      for (const source of await page
        .locator(".task img")
        .evaluateAll((all) => all.map((each) => String(each.getAttribute("src"))))) {
        expect(source).toMatch(/^blob:/);
      }
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      expect(await page.locator(".task").innerText()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
      await page.keyboard.press("1");
      await page.keyboard.press("Enter");
      await expect
        .poll(() =>
          page
            .locator(".task")
            .innerHTML({ timeout: 500 })
            .catch(() => ""),
        )
        .not.toBe(before);
    }
    await page.goto("/find");
    await page.locator(".card").first().waitFor();
    await page.goto("/earnings");
    await page.locator(".row").first().waitFor();
    await expect(page.evaluate("window.stolen ?? null")).resolves.toBeNull();
    // The browser refuses the drawings' styles while they are read, and says so.
    const others = complaints.filter((each) => !each.includes("Applying inline style violates"));
    complaints.splice(0, complaints.length, ...others);
  });

  it("would find nothing to run and nowhere to call", async () => {
    const { page } = await visit();
    const { "content-security-policy": policy = "" } = (await page.request.get("/")).headers();
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
  });
});
