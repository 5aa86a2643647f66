import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { Earnest } from "../../src/client/earnest.ts";
import { generateSigner } from "../../src/client/keys.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { useWeb } from "../support/web.ts";

/** Lists that a page shows in parts end only where there is no more. */
describe.skipIf(browserPath === null)("lists of the console", () => {
  const web = useWeb();
  const visit = useVisitors(() => web().url);
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
});
