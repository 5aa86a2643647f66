import { describe, expect, it } from "vitest";
import { Earnest } from "../../src/client/earnest.ts";
import { generateSigner } from "../../src/client/keys.ts";
import { routes } from "../../src/contract/routes.ts";
import { violations } from "../support/axe.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { controlTasks, plainTasks, useWeb } from "../support/web.ts";
import { fault } from "../support/web-fault.ts";
import { withResolvers } from "../support/with-resolvers.ts";

/** What anybody sees behind the numbers, held against the chain by the page itself. */
describe.skipIf(browserPath === null)("the explorer", () => {
  const web = useWeb();
  const visit = useVisitors(
    () => web().url,
    () => [web().rpcUrl],
  );
  const wide = { viewport: { width: 1280, height: 900 } };

  it("says of every part that there is nothing yet", async () => {
    const { page } = await visit(wide);
    await page.goto("/explorer");
    for (const [part, text] of [
      ["#markets", "No markets yet."],
      ["#requesters", "No markets yet."],
      ["#epochs", "Nothing was committed yet."],
      ["#places", "No open market asks for work at a place now."],
      ["#chain", "As this server says"],
    ] as const) {
      await page.locator(part).getByText(text).waitFor();
    }
    expect(await violations(page)).toEqual([]);
  });

  it("holds a receipt against what it reads from the chain itself, and says where it cannot", async () => {
    const market = await web().openMarket({}, [...controlTasks(12), ...plainTasks(4)]);
    const person = await web().person();
    // The first of its answers that something is decided by.
    let slot = "";
    let [offer] = await person.assign(market);
    while (slot === "" && offer !== undefined) {
      const { submissions, offers } = await person.turn(market, { slot: offer.slot, body: { answer: "b" } });
      slot = submissions.find(({ state }) => state === "accepted")?.slot ?? "";
      [offer] = offers;
    }
    const { page, complaints } = await visit(wide);
    // The contributor's own page may not ask the chain, and leads to where that is done.
    await page.goto(`/receipts/${market}/${slot}`);
    await page.getByRole("link", { name: "Hold it against the chain" }).click();
    await page.locator("#on-chain .badge-paid", { hasText: "Stands on chain" }).waitFor();
    const said = await page.locator("#on-chain").innerText();
    expect(said).toContain(`Read by this page from ${new URL(web().rpcUrl).host}, finalized, at slot `);
    expect(said).toContain("2 of 3 attestors sign, set 0.");
    expect(said).toMatch(/to the byte|one of the last four/);
    // One bit of it, and the chain proves nothing.
    await page.getByRole("button", { name: "Change one bit of it" }).click();
    await page.locator("#on-chain .badge-refused", { hasText: "Not proved by the chain" }).waitFor();

    // A chain whose pool never took the commit, one that is behind, another cluster, none at all.
    let answer: (method: string, result: Record<string, unknown>) => unknown = (_, result) => result;
    await page.route(`${web().rpcUrl}/**`, async (route) => {
      const { method, id } = route.request().postDataJSON() as { method: string; id: number };
      const response = await route.fetch();
      const { result } = (await response.json()) as { result: Record<string, unknown> };
      await route.fulfill({ response, json: { jsonrpc: "2.0", id, result: answer(method, result) } });
    });
    /** The pool's account with other bytes behind its epoch. */
    const withPool = (change: (pool: Buffer) => void) => (method: string, result: Record<string, unknown>) => {
      const value = (result as { value?: { data: [string, string] }[] }).value;
      const pool = value?.[2];
      if (method !== "getMultipleAccounts" || pool === undefined) return result;
      const bytes = Buffer.from(pool.data[0], "base64");
      change(bytes);
      return { ...result, value: value?.with(2, { ...pool, data: [bytes.toString("base64"), "base64"] }) };
    };
    const [epochAt, digestAt] = [144, 216];
    const shown = page.locator("#on-chain");
    for (const [change, text] of [
      [withPool((pool) => void pool.fill(7, digestAt, digestAt + 32 * 6)), "Not proved by the chain"],
      [withPool((pool) => void pool.writeBigUInt64LE(0n, epochAt)), "This page looks again."],
      [(method: string, result: unknown) => (method === "getGenesisHash" ? "1".repeat(32) : result), "another chain"],
    ] as const) {
      answer = change;
      await page.reload();
      await shown.getByText(text).waitFor();
    }
    await page.unroute(`${web().rpcUrl}/**`);
    await page.route(`${web().rpcUrl}/**`, (route) => route.abort());
    await shown.getByRole("button", { name: "Try again" }).click();
    await shown.getByText("does not answer, so nothing was read from the chain").waitFor();
    // It is genuine all the same, by whom this server names, and says so.
    await page.getByText("Genuine: checked in this page").waitFor();
    await shown.getByText("whom to trust is what this server says").waitFor();
    await page.unroute(`${web().rpcUrl}/**`);
    await shown.getByRole("button", { name: "Try again" }).click();
    await shown.getByText("Stands on chain").waitFor();
    // The browser itself complains of what was broken off.
    expect(complaints.filter((each) => !/net::ERR_FAILED/.test(each))).toEqual([]);
    complaints.length = 0;
  });

  it("asks no host of somebody else's before whoever looks says so", async () => {
    const { page } = await visit(wide);
    const asked: string[] = [];
    await page.route("https://rpc.example/**", async (route) => {
      asked.push(route.request().url());
      await route.fulfill({ response: await route.fetch({ url: web().rpcUrl }) });
    });
    await page.route(`**${routes.getNetwork.path}`, async (route) => {
      const known = (await (await route.fetch()).json()) as Record<string, unknown>;
      await route.fulfill({ json: { ...known, rpcUrl: "https://rpc.example/" } });
    });
    await page.goto("/explorer");
    await page.locator("#chain").getByText("rpc.example belongs to somebody else").waitFor();
    await page.locator("#solvency").getByText("as this server read it from the chain").waitFor();
    expect(asked).toEqual([]);
  });

  it("shows what the chain has beside what the server says, and every list to its end", async () => {
    for (const title of ["First", "Second", "Third"]) await web().openMarket({ title }, []);
    const { page } = await visit(wide);
    let isShort = true;
    await page.route("**/v1/markets?*", (route) =>
      route.continue({
        url: route
          .request()
          .url()
          .replace(/limit=\d+/, isShort ? "limit=2" : "limit=25"),
      }),
    );
    await page.goto("/explorer");
    await page.locator("#chain .badge-paid", { hasText: "As this server says" }).waitFor();
    await page.locator("#solvency .badge-paid").waitFor();
    expect(await page.locator("#solvency").innerText()).toContain("read by this page");
    const titles = page.locator("#markets tbody th");
    await expect.poll(() => titles.count()).toBe(2);
    // The newest first; a page that fails can be asked for again, and leaves what is there.
    expect((await titles.allInnerTexts()).map((each) => each.split(" ")[0])).toEqual(["Third", "Second"]);
    await page.locator("#markets > .button").click();
    await expect.poll(() => titles.count()).toBe(4);
    expect(await page.locator("#markets > .button").count()).toBe(0);
    isShort = false;
    await page.reload();
    await expect.poll(() => titles.count()).toBe(4);
  });

  it("leads from the newest epoch to the first one", async () => {
    const list = async (): Promise<{ readonly epoch: string }[]> =>
      ((await (await fetch(`${web().url}/v1/commits?limit=1000`)).json()) as { items: { epoch: string }[] }).items;
    const before = (await list()).length;
    const market = await web().openMarket({ title: "Three epochs" }, [...controlTasks(12), ...plainTasks(4)]);
    const person = await web().person();
    let [offer] = await person.assign(market);
    for (let turns = 0; turns < 3 && offer !== undefined; turns++) {
      ({
        offers: [offer],
      } = await person.turn(market, { slot: offer.slot, body: { answer: "b" } }));
      await web().settle();
    }
    await expect.poll(async () => (await list()).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(before + 2);
    const { page } = await visit(wide);
    await page.route("**/v1/commits?*", (route) =>
      route.continue({
        url: route
          .request()
          .url()
          .replace(/limit=\d+/, "limit=1"),
      }),
    );
    await page.goto("/explorer");
    const epochs = page.locator("#epochs tbody th");
    const more = page.locator("#epochs > .button");
    await expect.poll(() => epochs.count()).toBe(1);
    for (let shown = 1; (await more.count()) > 0; shown++) {
      await more.click();
      await expect.poll(() => epochs.count()).toBe(shown + 1);
    }
    const shown = await epochs.allInnerTexts();
    expect(shown.at(-1)).toBe((await list()).at(-1)?.epoch);
    expect(shown.length).toBeGreaterThanOrEqual(before + 2);
  });

  it("has a way from every number to what it rests on, and says where there is nothing", async () => {
    const market = await web().openMarket({ title: "A title ".repeat(12) }, [...controlTasks(12), ...plainTasks(4)]);
    const { page } = await visit({ viewport: { width: 390, height: 844 } });
    await page.goto(`/explorer/markets/${market}`);
    await page.locator("#receipts").getByText("No verdict yet.").waitFor();
    const person = await web().person();
    let [offer] = await person.assign(market);
    for (let turns = 0; turns < 2 && offer !== undefined; turns++) {
      ({
        offers: [offer],
      } = await person.turn(market, { slot: offer.slot, body: { answer: "b" } }));
    }
    await web().settle();
    const fits = async (): Promise<void> => {
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth"), page.url()).toBe(0);
      expect(await violations(page), page.url()).toEqual([]);
    };

    // From the list to the market, whose parts add up to what was deposited, and on to its requester.
    await page.goto("/explorer");
    await page.locator("#markets").getByRole("link", { name: "A title" }).click();
    await page.locator("#books").getByText("Set aside for work and appeals").waitFor();
    await fits();
    const amounts = await page.locator("#books .money > bdi").allInnerTexts();
    const [deposited = Number.NaN, ...parts] = amounts.map(Number);
    expect(parts).toHaveLength(6);
    expect(parts.reduce((all, each) => all + each, 0)).toBeCloseTo(deposited, 6);
    expect(deposited).toBe(20);
    for (const path of [
      `/v1/markets/${market}`,
      `/v1/markets/${market}/log?lane=0`,
      `/v1/markets/${market}/receipts`,
    ]) {
      await page.locator(`a[href="${path}"]`).waitFor();
      expect((await fetch(`${web().url}${path}`)).status, path).toBe(200);
    }
    await page.locator("#books").getByRole("link").nth(1).click();
    await page.locator("#markets tbody th").first().waitFor();
    expect(page.url()).toContain("/explorer/requesters/");
    await fits();

    // From the market to a receipt that this page checks.
    await page.goto(`/explorer/markets/${market}`);
    await page.locator(".chips a").first().click();
    await page.getByText("Genuine: checked in this page").waitFor();

    // From the epochs, or from what an attestor signed last, to the message, and to the one before it.
    await page.goto("/explorer");
    await page.locator("#attestors tbody a").first().click();
    await page.locator("#message .badge-paid", { hasText: "Is what its digest says" }).waitFor();
    await fits();
    await page.goto("/explorer");
    await page.locator("#epochs tbody a").first().click();
    await page.locator("#message .badge-paid").waitFor();
    await page.locator("#attestors tbody th").nth(2).waitFor();
    const digest = page.url().split("/").at(-1);
    expect((await fetch(`${web().url}/v1/commits/${digest}/leaves`)).status).toBe(200);
    const before = page.locator("#message a[href^='/explorer/epochs/']");
    const to = await before.getAttribute("href");
    await before.click();
    await page.locator(`a[href="/v1/commits/${to?.split("/").at(-1)}"]`).waitFor();

    // A server that shows another message than the digest is of.
    await page.route("**/v1/commits/*", async (route) => {
      const response = await route.fetch();
      const commit = (await response.json()) as { message: string };
      const bytes = Buffer.from(commit.message, "base64");
      bytes[300] = (bytes[300] ?? 0) ^ 1;
      await route.fulfill({ response, json: { ...commit, message: bytes.toString("base64") } });
    });
    await page.reload();
    await page.locator("#message .badge-refused", { hasText: "Not what its digest says" }).waitFor();
    await page.locator("#attestors .badge-refused").first().waitFor();

    for (const [path, code] of [
      [`/explorer/markets/${"0".repeat(32)}`, "MARKET_NOT_FOUND"],
      [`/explorer/epochs/${"0".repeat(64)}`, "COMMIT_NOT_FOUND"],
    ] as const) {
      await page.unroute("**/v1/commits/*");
      await page.goto(path);
      await page.getByText(code).first().waitFor();
    }
    await page.goto("/explorer/epochs/elsewhere");
    await page.getByRole("heading", { name: "There is nothing at this address." }).waitFor();
  });

  it("waits, fails and is away in so many words on every screen of the console too, and comes back", async () => {
    const { page, context, complaints } = await visit(wide);
    const signer = await generateSigner();
    const client = await Earnest.signIn({ server: web().url, signer });
    const { secret } = await client.apiKeys.create({ name: "tests" });
    const { id } = await client.markets.create({ title: "A draft", answer: { choices: ["a", "b"] }, reward: "0.02" });
    await client.markets.addTasks(id, [{ id: "one", content: "A or b?" }]);
    let status = 500;
    let served: "held" | "fault" | "answered" = "answered";
    const { promise: held, resolve: release } = withResolvers();
    await page.route("**/v1/**", async (route) => {
      if (served === "held") await held;
      if (served === "answered") await route.continue();
      else await route.fulfill({ status, contentType: "application/problem+json", body: JSON.stringify(fault) });
    });
    const main = page.locator("main");
    const says = (text: string) => main.getByText(text).first().waitFor();
    /** As links lead on within the page. */
    const go = (path: string): Promise<unknown> =>
      page.evaluate(`history.pushState(null, "", "${path}"); dispatchEvent(new PopStateEvent("popstate"))`);
    const retryAll = async (): Promise<void> => {
      await page.evaluate(`document.querySelectorAll("main .notice-problem .button").forEach((each) => each.click())`);
      await expect.poll(() => main.innerText(), { timeout: 20_000 }).not.toMatch(/INTERNAL_ERROR|One moment/);
    };
    // Who was here before is known again, or is told why not yet.
    served = "held";
    await page.goto(`/console#${secret}`);
    await says("One moment…");
    served = "fault";
    release();
    await says("INTERNAL_ERROR");
    served = "answered";
    await retryAll();
    await page.locator(".card").waitFor();
    // What is asked again by itself takes its time; this is refused at once.
    status = 409;
    const market = `/console/markets/${id}`;
    const screens = [
      "/console/developers",
      market,
      `${market}/items`,
      `${market}/people`,
      `${market}/tasks/1`,
      "/console",
    ];
    for (const path of screens) {
      served = "fault";
      await go(path);
      await says("INTERNAL_ERROR");
      expect(await violations(page), `${path} failed`).toEqual([]);
      served = "answered";
      await retryAll();
    }
    await context.setOffline(true);
    for (const path of screens) {
      await go(path);
      await says("SERVER_UNAVAILABLE");
    }
    await page.getByText("No connection.").first().waitFor();
    await context.setOffline(false);
    await page.locator(".card").waitFor({ timeout: 20_000 });
    // The explorer's parts each for themselves.
    served = "fault";
    await page.goto("/explorer");
    for (const part of ["#markets", "#requesters", "#places", "#sponsor", ".wide > .notice-problem"]) {
      await page.locator(part).getByText("INTERNAL_ERROR").first().waitFor();
    }
    expect(await violations(page), "explorer failed").toEqual([]);
    served = "answered";
    await retryAll();
    await page.locator("#chain .badge-paid").waitFor();
    // The browser itself complains of every request that failed.
    complaints.length = 0;
  });
});
