import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NewMarket } from "../../src/contract/markets.ts";
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

/** Each clip is clipped by ten others, each of which is clipped by ten others. */
const clips = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">${Array.from(
  { length: 40 },
  (_, i) => `<clipPath id="c${i}">${`<rect width="9" height="9" clip-path="url(#c${i - 1})"/>`.repeat(10)}</clipPath>`,
).join("")}<rect width="9" height="9" clip-path="url(#c39)"/></svg>`;

/** Many clipped by much, and sheets upon sheets. */
const clipped = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><clipPath id="c">${'<circle r="4" cx="4" cy="4"/>'.repeat(1_100)}</clipPath>${'<rect width="9" height="9" clip-path="url(#c)"/>'.repeat(1_300)}</svg>`;
const sheets = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">${'<g opacity="0.5">'.repeat(1_400)}<rect width="9" height="9"/>${"</g>".repeat(1_400)}</svg>`;

/** Says that it is so large; whoever believed it would need gigabytes. */
function hugePng(side: number): string {
  const bytes = Buffer.alloc(64);
  Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").copy(bytes);
  bytes.writeUInt32BE(side, 16);
  bytes.writeUInt32BE(side, 20);
  return `data:image/png;base64,${bytes.toString("base64")}`;
}
/** As much of it as a name may have. */
const named = script.slice(0, 180);
const turned = "\u202efdp.exe\u2066";

const marked = {
  question: script,
  content: [{ type: "text", label: turned, text: `${script} ${turned} e${"\u0301".repeat(99)}` }],
};
/** The other ways to answer, with everything in them that a requester names. */
const ways: readonly { readonly answer: NewMarket["answer"]; readonly content: Json; readonly ready: string }[] = [
  { answer: { type: "ranking", items: [named, turned, "c"] }, content: { question: script }, ready: ".ranking" },
  {
    answer: { type: "scale", min: 1, max: 3, labels: [named, turned, "c"] },
    content: { question: turned },
    ready: ".option",
  },
  {
    answer: { type: "choices", choices: Array.from({ length: 99 }, (_, i) => `${named}${i}`) },
    content: marked,
    ready: ".search",
  },
  { answer: { type: "spans", labels: [named, turned], charactersMax: 2_000 }, content: marked, ready: ".span-text" },
  {
    answer: { type: "boxes", labels: [named, turned] },
    content: { content: [{ svg: drawing, alt: script }] },
    ready: ".stage-picture",
  },
  { answer: { type: "polygons", labels: [turned] }, content: { content: [{ svg: clips }] }, ready: ".stage-picture" },
  {
    answer: { type: "boxes", labels: ["a"] },
    content: { content: [{ image: hugePng(60_000) }] },
    ready: ".task .notice",
  },
  { answer: { type: "polygons", labels: ["a"] }, content: { content: "no picture" }, ready: ".task .notice" },
];

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
  pictures: {
    question: "Which?",
    content: [
      { type: "image", label: "A", image: `${elsewhere}.png`, alt: script },
      { type: "image", label: "B", image: hugePng(60_000), alt: "too large" },
      { type: "image", label: "C", image: hugePng(90), alt: "not whole" },
      { type: "image", label: "D", image: `data:image/svg+xml;base64,${btoa(drawing)}`, alt: "not pixels" },
      { type: "image", label: "E", image: `data:image/png;base64,${btoa(drawing)}`, alt: "not what it says" },
      { type: "svg", label: "F", svg: clips, alt: "clips" },
      { type: "svg", label: "G", svg: clipped, alt: "clipped" },
      { type: "svg", label: "H", svg: sheets, alt: "sheets" },
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

const harmful =
  "iframe, object, embed, .task script, .task style, .task link, .task a, .task [onload], .task [onerror]";

/** The browser refuses the styles and handlers of what is read before it is cleaned, and says so, newer ones of handlers too. */
const refused = /(Applying inline style|Executing inline event handler) violates/;

function takeRefused(complaints: string[]): void {
  const others = complaints.filter((each) => !refused.test(each));
  complaints.splice(0, complaints.length, ...others);
}

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
      expect(await page.locator(harmful).count()).toBe(0);
      for (const source of await page
        .locator(".task img")
        .evaluateAll((all) => all.map((each) => String(each.getAttribute("src"))))) {
        expect(source).toMatch(/^blob:/);
      }
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      expect(await page.locator(".task").innerText()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
      // It is drawn within the time that this takes at most.
      await page.screenshot();
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
    takeRefused(complaints);
  });

  it("is only text to whoever ranks, searches and marks", async () => {
    const { page, complaints } = await visit();
    for (const { answer, content, ready } of ways) {
      const id = await web().openMarket({ answer, overlap: { min: 1, max: 1, target: 0.5 } }, [{ id: "one", content }]);
      await page.goto(`/desk/${id}`);
      await page.locator(ready).first().waitFor();
      await expect(page.evaluate("window.stolen ?? null")).resolves.toBeNull();
      expect(await page.locator(harmful).count()).toBe(0);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), ready).toBe(true);
      expect(await page.locator("main").innerText()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    }
    takeRefused(complaints);
  }, 180_000);

  it("has its markup in a document of no origin, and its pictures from hosts that the market names", async () => {
    const { page, complaints } = await visit();
    // Names that nobody has: a picture is asked for, and does not come.
    const asked = (): string[] => complaints.filter((each) => each.startsWith("elsewhere"));
    const markup = `${script}<p onclick="window.stolen=7" style="position:fixed">One <b>two</b> \u202ethree</p>
      <table><tr><td colspan=2>four</td></tr></table><a href="javascript:window.stolen=8">five</a>
      <svg><script>window.stolen=9</script></svg><form action="${elsewhere}"><input name=x><button>six</button></form>
      <meta http-equiv="refresh" content="0;url=${elsewhere}"><base href="${elsewhere}">
      <img src="https://pictures.invalid/a.png" alt="allowed"><img src="https://other.invalid/b.png" alt="another">
      <img src="http://pictures.invalid/c.png" alt="in the open"><img src="https://pictures.invalid:8443/d.png"><math><mtext><style><img src=x onerror=alert(1)>`;
    const tasks = [{ id: "one", content: { question: "?", content: [{ label: "Mail", html: markup }] } }];
    const template = { id: "choice", parameters: { hosts: ["pictures.invalid"] } } as const;
    const id = await web().openMarket({ template, overlap: { min: 1, max: 1, target: 0.5 } }, tasks);
    await page.goto(`/desk/${id}`);
    const frame = page.frameLocator("iframe.framed");
    await frame.getByText("four").waitFor();
    await frame.getByText("allowed").waitFor();
    expect(asked()).toEqual([]);
    await page.getByRole("button", { name: "Show them" }).click();
    await frame.locator("img").waitFor({ state: "attached" });
    const picture = "elsewhere: https://pictures.invalid/a.png";
    await expect.poll(asked).toEqual([picture]);
    // It is as high as what is in it.
    const heightOf = (selector: string) => page.locator(selector).evaluate((each) => each.clientHeight);
    const content = () => frame.locator("html").evaluate((each) => each.offsetHeight);
    await expect
      .poll(async () => Math.abs((await heightOf("iframe.framed")) - (await content())))
      .toBeLessThanOrEqual(1);
    const inside = page.frames().find((each) => each.url().includes("/frame.html"));
    expect(await inside?.evaluate("[origin, typeof stolen, document.querySelectorAll('img').length].join()")).toBe(
      "null,undefined,1",
    );
    const harm = "script, style, iframe, form, input, a, svg, math, link, meta, [onclick], [style], [src^='http:']";
    expect(await frame.locator(`body :is(${harm})`).count()).toBe(0);
    expect(await frame.locator("body").innerText()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    // It reaches nothing of the page, and what would have got past the cleaning runs and loads nothing.
    let stolen = 0;
    const thief = createServer((_, response) => {
      stolen++;
      response.end();
    });
    await new Promise<void>((resolve) => void thief.listen(0, "127.0.0.1", resolve));
    const there = `http://127.0.0.1:${(thief.address() as AddressInfo).port}/`;
    await inside?.evaluate(`document.body.innerHTML = ${JSON.stringify(script.replaceAll(elsewhere, there))}`);
    await expect(inside?.evaluate(`fetch("${there}")`)).rejects.toThrow();
    await expect(inside?.evaluate("parent.document")).rejects.toThrow();
    await expect(inside?.evaluate("localStorage")).rejects.toThrow();
    await expect(inside?.evaluate(`fetch("/v1/network")`)).rejects.toThrow();
    expect(await inside?.evaluate("window.stolen ?? null")).toBeNull();
    expect(await page.evaluate("window.stolen ?? null")).toBeNull();
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    // Keys are the page's again after a tap into the frame.
    await frame.locator("body").click({ position: { x: 5, y: 5 } });
    await page.keyboard.press("2");
    await page.locator(".option:has(:checked)").waitFor();
    thief.closeAllConnections();
    await new Promise((resolve) => thief.close(resolve));
    expect(stolen).toBe(0);
    expect(asked().filter((each) => !each.includes(there))).toEqual([picture]);
    const own = complaints.filter(
      (each) => !/Content Security Policy|NAME_NOT_RESOLVED/.test(each) && each !== picture && !each.includes(there),
    );
    complaints.splice(0, complaints.length, ...own);
  });

  it("would find nothing to run and nowhere to call", async () => {
    const { page } = await visit();
    const { "content-security-policy": policy = "" } = (await page.request.get("/")).headers();
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
  });
});
