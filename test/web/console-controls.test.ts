import { describe, expect, it } from "vitest";
import { Earnest } from "../../src/client/earnest.ts";
import { generateSigner } from "../../src/client/keys.ts";
import type { Market } from "../../src/contract/markets.ts";
import type { Task } from "../../src/contract/tasks.ts";
import { answeredBy, controlOf, isSure, takesControls } from "../../web/source/console/live/controls.ts";
import { violations } from "../support/axe.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { useWeb } from "../support/web.ts";

const terms = { overlap: { min: 2, max: 5, target: 0.9 }, reward: "0.02" } as unknown as Market["terms"];
const settled = { control: false, decided: true, confidence: 0.9 };

describe("what becomes a control task", () => {
  it("is what settled as surely as the market asks for, and no control before", () => {
    expect(isSure({ terms }, settled)).toBe(true);
    for (const other of [
      { control: true },
      { decided: false },
      { decided: null, confidence: null },
      { confidence: 0.89 },
    ])
      expect([other, isSure({ terms }, { ...settled, ...other })]).toEqual([other, false]);
  });

  it("is asked for only where control tasks are looked at, and tasks are taken", () => {
    const control = { match: { type: "control" } } as const;
    const signed = { attest: { isSignatureNeeded: true } };
    const withControls = {
      all: [signed, { escalate: { to: "review", of: control } }],
    } as unknown as Market["verification"];
    const without = { all: [signed] } as unknown as Market["verification"];
    expect(takesControls({ status: "open", verification: null })).toBe(true);
    expect(takesControls({ status: "paused", verification: withControls })).toBe(true);
    expect(takesControls({ status: "open", verification: without })).toBe(false);
    for (const status of ["draft", "closing", "closed"] as const)
      expect([status, takesControls({ status, verification: null })]).toEqual([status, false]);
  });

  it("counts who was paid for it, and tells people from programs", () => {
    const slot = (state: string, automated: boolean) => ({ state, automated });
    const slots = [slot("accepted", false), slot("accepted", true), slot("rejected", false), slot("held", false)];
    expect(answeredBy({ slots } as unknown as Parameters<typeof answeredBy>[0])).toEqual({ people: 1, machines: 1 });
  });

  it("has the content and the terms of what it is made from, and an id of its own", () => {
    const task = { content: { text: "A good thing" }, terms } as unknown as Task;
    const item = { id: "r1", label: "good" };
    expect(controlOf({ terms }, item, task)).toEqual({ id: "r1-2", content: task.content, control: "good" });
    const elsewhere = { ...terms, known: { digests: { source: "ab".repeat(32) } } };
    expect(controlOf({ terms }, item, { ...task, terms: elsewhere })).toMatchObject({ terms: elsewhere });
    expect(controlOf({ terms }, { ...item, id: "x".repeat(200) }, task).id).toHaveLength(200);
  });
});

/** Without a column of known answers. */
const reviews = [
  "id,review",
  ...Array.from({ length: 30 }, (_, i) => `r${i},"A ${i % 2 === 0 ? "good" : "bad"} thing, number ${i}"`),
].join("\n");

describe.skipIf(browserPath === null)("control tasks out of the first answers", () => {
  const web = useWeb();
  const visit = useVisitors(() => web().url);

  /** Answers what it is given, until there is no more; what is right, or always the other. */
  async function work(market: string, isRight: boolean): Promise<string> {
    const person = await web().person();
    let offers = await person.assign(market).catch(() => []);
    for (let [offer] = offers; offer !== undefined; [offer] = offers) {
      const isBad = JSON.stringify(offer.task.content).includes("bad");
      ({ offers } = await person.turn(market, {
        slot: offer.slot,
        body: { answer: isBad === isRight ? "bad" : "good" },
      }));
    }
    return (await person.me()).key;
  }

  it("are made of tasks that settled, each confirmed, and judge whoever comes then", { timeout: 180_000 }, async () => {
    const signed = await Earnest.signIn({ server: web().url, signer: await generateSigner() });
    const { secret } = await signed.apiKeys.create({ name: "tests" });
    const client = new Earnest({ server: web().url, apiKey: secret });
    const { page } = await visit({ viewport: { width: 1280, height: 900 } });
    await page.goto(`/console/new#${secret}`);
    const file = { name: "reviews.csv", mimeType: "text/csv", buffer: Buffer.from(reviews) };
    await page.locator("#data-file").setInputFiles(file);
    await page.locator("#question").fill("Is this review good or bad?");
    await page.locator("#names").fill("good\nbad");
    await page.locator(".summary .button-go").click();
    await page.locator(".figures").waitFor();
    const market = /markets\/([0-9a-f]{32})/.exec(page.url())?.[1] ?? "";

    // Before anything has settled there is nothing to choose.
    await page.locator(".notice-go a").click();
    await page.locator(".table tbody tr").first().waitFor();
    const choices = page.locator(".table input[type=checkbox]");
    expect(await choices.count()).toBe(0);
    for (let people = 0; people < 5; people++) await work(market, true);
    await expect.poll(() => choices.count(), { timeout: 20_000 }).toBeGreaterThan(3);

    // Three are chosen and looked at, and two of them confirmed.
    const rows = page.locator(".table tbody tr", { has: page.locator("input[type=checkbox]") });
    const names = (await rows.locator("th a").allInnerTexts()).slice(0, 3);
    for (let row = 0; row < 3; row++) await rows.nth(row).locator("input").check();
    await page.locator("#make-controls").click();
    const sheet = page.locator("dialog");
    await expect.poll(() => sheet.locator(".slot").count()).toBe(3);
    expect(await violations(page)).toEqual([]);
    const add = sheet.locator(".button-main");
    expect(await add.isDisabled()).toBe(true);
    expect(await sheet.locator(".slot").first().innerText()).toMatch(
      /thing, number[\s\S]*by people: [1-5], by programs: 0/,
    );
    for (const place of [0, 2]) await sheet.locator(".slot input").nth(place).check();
    await add.click();
    await sheet.waitFor({ state: "detached" });
    const { taskCount } = await client.markets.get(market);
    expect(taskCount).toBe(22);
    const { items } = await client.markets.items(market).page();
    expect(items.filter(({ control }) => control).map(({ id }) => id)).toEqual([`${names[0]}-2`, `${names[2]}-2`]);
    await page.locator(".table .badge", { hasText: "Control" }).nth(1).waitFor();

    // Whoever comes to the rest meets them, and is found out.
    await page.locator(".notice-go .button-go").click();
    await page.locator(".notice-go").waitFor({ state: "detached" });
    const careless = await work(market, false);
    const careful = await work(market, true);
    const records = (await client.markets.contributors(market).page()).items;
    const controlsOf = (key: string) => records.find(({ contributor }) => contributor === key)?.controls;
    expect(controlsOf(careless)).toMatchObject({ right: 0 });
    expect(controlsOf(careless)?.answered).toBeGreaterThan(0);
    expect(controlsOf(careful)?.right).toBe(controlsOf(careful)?.answered);
    expect(controlsOf(careful)?.answered).toBeGreaterThan(0);

    // Its page shows the requester which answer was known.
    const made = items.find(({ control }) => control);
    await page
      .locator(".table a", { hasText: made?.id ?? "?" })
      .first()
      .click();
    await page.getByText("A control task: its answer was known beforehand.").waitFor();
    const known = (await client.markets.item(market, made?.task ?? 0)).known;
    expect(["good", "bad"]).toContain(known);
    expect(await page.locator(".item .item-label").innerText()).toBe(known);
    await page.goBack();
    await rows.first().waitFor();

    // What is a control already is not made one again: its id is taken, and the page says so.
    await rows.first().locator("input").check();
    await page.locator("#make-controls").click();
    await sheet.locator(".slot input").check();
    await sheet.locator(".button-main").click();
    await sheet.getByText("is taken").waitFor();
  });
});

describe.skipIf(browserPath === null)("rows with known answers", () => {
  const web = useWeb();
  const visit = useVisitors(() => web().url);

  it("all begin by what is asked now, though they are still looked at", { timeout: 120_000 }, async () => {
    const client = await Earnest.signIn({ server: web().url, signer: await generateSigner() });
    const { secret } = await client.apiKeys.create({ name: "tests" });
    const { page } = await visit({ viewport: { width: 1280, height: 900 } });
    await page.goto(`/console/new#${secret}`);
    const buffer = Buffer.from("id,text,answer\n1,a,good\n2,b,bad\n3,c,maybe\n4,d,\n");
    await page.locator("#data-file").setInputFiles({ name: "few.csv", mimeType: "text/csv", buffer });
    await page.locator("#question").fill("Which?");
    await page.locator("#names").fill("good\nbad");
    await page.locator(".problems li", { hasText: /rows 3/ }).waitFor();
    await page.locator("#names").fill("good\nbad\nmaybe");
    await page.locator(".summary .button-go").dispatchEvent("click");
    await page.locator(".figures").waitFor();
    const market = /markets\/([0-9a-f]{32})/.exec(page.url())?.[1] ?? "";
    const { asked, controls } = (await client.markets.report(market)).tasks;
    expect([asked, controls]).toEqual([1, 3]);
  });
});
