import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { Earnest } from "../../src/client/earnest.ts";
import { generateSigner } from "../../src/client/keys.ts";
import type { SlotReceipt } from "../../src/contract/receipts.ts";
import type { Requester } from "../../src/contract/reputation-routes.ts";
import { toBase58 } from "../../src/core/bytes.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { atPlaces } from "../support/kind-markets.ts";
import { plainTasks, useWeb } from "../support/web.ts";

/** Lists that a page shows in parts end only where there is no more. */
describe.skipIf(browserPath === null)("lists of the console and the explorer", () => {
  const web = useWeb();
  const visit = useVisitors(
    () => web().url,
    () => [web().rpcUrl],
  );
  const wide = { viewport: { width: 1280, height: 900 } };

  /** A page of the list is that short from now on. */
  const shorten = (page: Page, path: string, limit: number): Promise<unknown> =>
    page.route(path, (route) =>
      route.continue({
        url: route
          .request()
          .url()
          .replace(/limit=\d+/, `limit=${limit}`),
      }),
    );

  /** Asks for more until there is none; how often it did. */
  async function readOn(rows: Locator, more: Locator): Promise<number> {
    for (let asked = 0; ; asked++) {
      if ((await more.count()) === 0) return asked;
      const before = await rows.count();
      await more.click();
      await expect.poll(() => rows.count()).toBeGreaterThan(before);
    }
  }

  it("have every message of a webhook and every request that is kept", async () => {
    const signed = await Earnest.signIn({ server: web().url, signer: await generateSigner() });
    const { secret } = await signed.apiKeys.create({ name: "tests" });
    const client = new Earnest({ server: web().url, apiKey: secret });
    const { id } = await client.webhooks.create({ url: "http://127.0.0.1:9/hook" });
    for (let i = 0; i < 7; i++) await client.webhooks.try(id);
    const asked = async (): Promise<string[]> =>
      (await client.webhooks.requests({ limit: 1_000 }).page()).items.map((each) => each.operation);
    await expect.poll(async () => (await asked()).filter((each) => each === "tryWebhook").length).toBe(7);

    const { page } = await visit(wide);
    await shorten(page, "**/messages?*", 3);
    await page.goto(`/console/developers#${secret}`);
    await page.locator("#webhooks .row .button").first().click();
    const messages = page.locator("#webhooks .messages tbody tr");
    await expect.poll(() => messages.count()).toBe(3);
    expect(await readOn(messages, page.locator("#webhooks .messages > .button"))).toBe(2);
    const shown = await messages.locator("th code").evaluateAll((all) => all.map((each) => each.getAttribute("title")));
    const sent: string[] = [];
    for await (const message of client.webhooks.messages(id)) sent.push(message.id);
    expect([shown.length, shown]).toEqual([7, sent]);
    // What is sent meanwhile stands in front, and nothing that was there goes.
    await client.webhooks.try(id);
    await expect.poll(() => messages.count()).toBe(8);

    await shorten(page, "**/v1/requests?*", 4);
    await page.reload();
    const requests = page.locator("#requests tbody tr");
    await expect.poll(() => requests.count()).toBe(4);
    expect(await readOn(requests, page.locator("#requests > .button"))).toBeGreaterThan(0);
    const operations = await page.locator("#requests tbody th").allInnerTexts();
    expect(operations.filter((each) => each === "tryWebhook").length).toBeGreaterThanOrEqual(7);
    expect(operations.filter((each) => each === "createWebhook")).toHaveLength(1);
    expect(
      new Set(
        await requests.locator("td code[title]").evaluateAll((all) => all.map((each) => each.getAttribute("title"))),
      ).size,
    ).toBe(operations.length);
  });

  it("have every key of an owner, the one just made first", async () => {
    const { apiKeys } = await Earnest.signIn({ server: web().url, signer: await generateSigner() });
    const { secret } = await apiKeys.create({ name: "key 0" });
    for (let i = 1; i < 7; i++) await apiKeys.create({ name: `key ${i}` });
    const { page } = await visit(wide);
    await shorten(page, "**/v1/api-keys?*", 3);
    await page.goto(`/console/developers#${secret}`);
    const names = page.locator(".panel", { hasText: "API keys" }).locator(".row-title");
    await expect.poll(() => names.count()).toBe(3);
    expect(await readOn(names, page.getByRole("button", { name: "Show more", exact: true }).first())).toBe(2);
    expect((await names.allInnerTexts()).toSorted()).toEqual(Array.from({ length: 7 }, (_, i) => `key ${i}`));
    await page.getByPlaceholder("Name").first().fill("a new one");
    await page.getByRole("button", { name: "Create", exact: true }).first().click();
    await expect.poll(() => names.first().innerText()).toBe("a new one");
  });

  it("have every requester, and every market with work at a place", { timeout: 180_000 }, async () => {
    const owners: string[] = [];
    for (let i = 0; i < 3; i++) {
      const signer = await generateSigner();
      const client = await Earnest.signIn({ server: web().url, signer });
      const owner = toBase58(signer.publicKey);
      owners.push(owner);
      const { id } = await client.markets.create({ ...atPlaces, title: "In order?", refundTo: owner });
      await client.giveTestTokens(owner, "5");
      await client.markets.deposit(id, "5", signer);
      await client.markets.open(id);
      const place = { latitudeE7: 482_082_000 + i * 20_000_000, longitudeE7: 163_738_000 };
      await client.markets.addTasks(id, [{ id: "one", content: {}, terms: { known: { place } } }]);
    }
    const listed = async (): Promise<string[]> => {
      const { items } = (await (await fetch(`${web().url}/v1/requesters?limit=99`)).json()) as { items: Requester[] };
      return items.map(({ owner }) => owner);
    };
    // They are measured by and by.
    await expect.poll(async () => new Set(await listed()), { timeout: 60_000 }).toEqual(new Set(owners));

    const { page } = await visit(wide);
    await shorten(page, "**/v1/requesters?*", 1);
    await shorten(page, "**/v1/places?*", 1);
    await page.goto("/explorer");
    const requesters = page.locator("#requesters tbody tr");
    await expect.poll(() => requesters.count()).toBe(1);
    expect(await readOn(requesters, page.locator("#requesters > .button"))).toBe(2);
    const shown = await requesters.locator("code").evaluateAll((all) => all.map((each) => each.getAttribute("title")));
    expect([shown.length, new Set(shown)]).toEqual([3, new Set(owners)]);

    const cells = page.locator("#places .map-cell");
    await expect.poll(() => cells.count()).toBe(1);
    expect(await readOn(cells, page.locator("#further-places"))).toBe(2);
    await page.locator("#places").getByText("3 cells, each some 20 km across.").waitFor();
  });

  it("have every receipt of a market", { timeout: 180_000 }, async () => {
    const market = await web().openMarket({ title: "Sixty answers" }, plainTasks(30));
    for (let people = 0; people < 2; people++) {
      const person = await web().person();
      let [offer] = await person.assign(market);
      while (offer !== undefined) {
        [offer] = (await person.turn(market, { slot: offer.slot, body: { answer: "a" } })).offers;
      }
    }
    const lines = (await (await fetch(`${web().url}/v1/markets/${market}/receipts`)).text()).trim().split("\n");
    const slots = lines.map((line) => (JSON.parse(line) as SlotReceipt).slot);
    expect(slots.length).toBeGreaterThan(50);
    const { page } = await visit(wide);
    await page.goto(`/explorer/markets/${market}`);
    const receipts = page.locator("#receipts .chips code");
    await expect.poll(() => receipts.count()).toBe(25);
    expect(await readOn(receipts, page.locator("#receipts > .button"))).toBe(2);
    expect(await receipts.allInnerTexts()).toEqual(slots);
  });

  it("say how much a market rejected lately, also one that is closing", { timeout: 180_000 }, async () => {
    const known = (id: string) => ({ id, content: { question: `Which one (${id})?` }, control: "b" });
    const market = await web().openMarket({ title: "Closing soon" }, [known("one"), ...plainTasks(3)]);
    for (let people = 0; people < 2; people++) {
      const person = await web().person();
      let [offer] = await person.assign(market);
      for (let turns = 0; turns < 4 && offer !== undefined; turns++) {
        const { offers } = await person.turn(market, { slot: offer.slot, body: { answer: "a" } });
        [offer] = offers;
      }
    }
    await web().closeMarket(market);
    const { page } = await visit(wide);
    const row = page.locator("#markets tbody tr", { hasText: "Closing soon" });
    await expect
      .poll(
        async () => {
          await page.goto("/explorer");
          return await row.locator("td").nth(2).innerText();
        },
        { timeout: 90_000, interval: 2_000 },
      )
      .toMatch(/^[1-9]\d*(\.\d)?%$/);
  });
});
