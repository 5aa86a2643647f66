import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { Earnest } from "../../src/client/earnest.ts";
import { generateSigner } from "../../src/client/keys.ts";
import { readWebhook } from "../../src/client/webhooks.ts";
import type { Result } from "../../src/contract/results.ts";
import { outOfSight, smallControls, violations } from "../support/axe.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { atPlaces } from "../support/kind-markets.ts";
import { useWeb } from "../support/web.ts";

const run = promisify(execFile);
const question = "Is this review good or bad?";
/** Forty reviews; what is right stands in their text, and of some in a column. */
const reviews = [
  "id,review,gold",
  ...Array.from({ length: 40 }, (_, i) => {
    const right = i % 2 === 0 ? "good" : "bad";
    return `r${i},"A ${right} thing, number ${i}",${i % 5 === 0 ? right : ""}`;
  }),
].join("\n");

describe.skipIf(browserPath === null)("the console", () => {
  const web = useWeb();
  const visit = useVisitors(
    () => web().url,
    () => [web().rpcUrl],
  );
  const wide = { viewport: { width: 1280, height: 900 } };

  /** What a program without a browser answers: what is right. */
  async function work(market: string, people: number): Promise<readonly string[]> {
    const crowd = await Promise.all(Array.from({ length: people }, () => web().person()));
    for (const person of crowd) {
      let offers = await person.assign(market).catch(() => []);
      for (let [offer] = offers; offer !== undefined; [offer] = offers) {
        const body = { answer: JSON.stringify(offer.task.content).includes("bad") ? "bad" : "good" };
        ({ offers } = await person.turn(market, { slot: offer.slot, body }));
      }
    }
    return await Promise.all(crowd.map(async (person) => (await person.me()).key));
  }

  /** What is right, by keyboard. */
  async function answerOne(page: Page, market: string): Promise<void> {
    await page.goto(`/desk/${market}`);
    await page.locator(".task-question").waitFor();
    const isBad = (await page.locator("main").innerText()).includes("A bad thing");
    await page.keyboard.press(isBad ? "2" : "1");
    await page.keyboard.press("Enter");
  }

  async function requester(): Promise<{ readonly client: Earnest; readonly secret: string }> {
    const client = await Earnest.signIn({ server: web().url, signer: await generateSigner() });
    const { secret } = await client.apiKeys.create({ name: "tests" });
    return { client, secret };
  }

  const marketIn = (page: Page): string => /markets\/([0-9a-f]{32})/.exec(page.url())?.[1] ?? "";

  it("leads from a file to a running market to its results in few steps", { timeout: 180_000 }, async () => {
    const { secret } = await requester();
    const { page, complaints } = await visit({ ...wide, locale: "en-GB" });
    let steps = 0;
    const step = async (what: Promise<unknown>): Promise<void> => {
      steps++;
      await what;
    };
    // The link that is printed in the terminal signs in, and leaves no key in the address.
    await step(page.goto(`/console/new#${secret}`));
    await page.locator(".drop").waitFor();
    expect(page.url()).not.toContain("earnest_test");
    const buffer = Buffer.from(reviews);
    await step(page.locator("#data-file").setInputFiles({ name: "reviews.csv", mimeType: "text/csv", buffer }));
    await step(page.locator("#question").fill(question));
    // What there is to choose from was in the column of known answers.
    await expect.poll(() => page.locator("#names").inputValue()).toBe("good\nbad");
    await page.locator(".phone .option").nth(1).waitFor();
    expect(await page.locator(".phone .option").first().innerText()).toContain("good");
    await expect.poll(() => page.locator(".preset-accuracy").first().innerText()).toMatch(/\d%/);
    // The first funding is lost on its way there, the second one on its way back: what was done is not done again.
    const refused = JSON.stringify({
      code: "TRANSACTION_EXPIRED",
      title: "The transaction expired.",
      next: "Repeat it.",
    });
    const sent: number[] = [];
    await page.route("**/deposits/signature", async (route) => {
      sent.push(sent.length);
      if (sent.length === 1) {
        await route.fulfill({ status: 400, contentType: "application/problem+json", body: refused });
      } else if (sent.length === 2) {
        expect((await route.fetch()).status()).toBe(200);
        await route.fulfill({ status: 400, contentType: "application/problem+json", body: refused });
      } else await route.continue();
    });
    const asked = await page.locator(".summary .button-go .money > bdi").innerText();
    await step(page.locator(".summary .button-go").click());
    for (let failed = 1; failed <= 2; failed++) {
      await expect.poll(() => sent.length).toBe(failed);
      await page.locator(".summary .notice-problem").waitFor();
      await step(page.locator(".summary .notice-problem .button").click());
    }
    await page.locator(".figures").waitFor();
    const market = marketIn(page);
    const client = new Earnest({ server: web().url, apiKey: secret });
    const { owner, escrow } = await client.markets.get(market);
    expect([sent.length, escrow.deposited]).toEqual([2, asked]);
    const own: string[] = [];
    for await (const { id } of client.markets.list({ owner })) own.push(id);
    expect(own).toEqual([market]);
    expect(steps).toBeLessThanOrEqual(12);

    const shown = page.locator("#figure-answers .figure-value");
    expect(await shown.innerText()).toBe("0");
    // What a model said before comes in as a machine's answers, from a file.
    await page.locator(".subtab").nth(2).click();
    const said = ["r1", "r2", "none"].map((id) => JSON.stringify({ id, answer: id === "r2" ? "good" : "bad" }));
    const predictions = {
      name: "predictions.jsonl",
      mimeType: "application/jsonl",
      buffer: Buffer.from(said.join("\n")),
    };
    await page.locator("#predictions input").setInputFiles(predictions);
    await page.locator("#predictions [role=status]", { hasText: /2\D+1/ }).waitFor();
    await page.locator(".person").first().waitFor();
    await page.locator(".subtab").first().click();
    // Two browsers work on it while the requester watches.
    const guests = await Promise.all([visit(), visit()]);
    await Promise.all(guests.map((guest) => answerOne(guest.page, market)));
    await expect.poll(() => shown.innerText(), { timeout: 60_000 }).toBe("4");
    await work(market, 3);
    await expect.poll(() => shown.innerText(), { timeout: 20_000 }).toMatch(/^[2-9]\d$/);
    await expect.poll(() => page.locator(".chart-line").count(), { timeout: 20_000 }).toBe(3);
    // Days as they are written where the browser is; the ends of a short time can be told apart.
    const [begin = "", end = ""] = await page.locator(".chart-ends time").allInnerTexts();
    expect(begin).toMatch(/^\d{1,2} \w{3,4} \d{4}, \d\d:\d\d:\d\d$/);
    expect([end === begin, begin.endsWith(end)]).toEqual([false, false]);
    const figures = await page.locator(".figures").innerText();
    expect(figures).toMatch(/Control tasks besides: \d/);
    expect(figures).toMatch(/Agreement\s+[\d.]+ ?%\s+With their task’s label: \d+ of \d+/i);
    expect(figures).not.toMatch(/^0 ms$/m);
    expect(figures).toMatch(/set aside for newcomers and appeals, .*: [\d.]+ EARN/);

    // The sample was looked at: the rest follows from this device.
    await step(page.locator(".notice-go .button-go").click());
    await page.locator(".notice-go").waitFor({ state: "detached" });
    await expect.poll(() => page.locator(".heading-facts").innerText()).toContain("40");
    await work(market, 6);

    await step(page.locator(".subtab").nth(3).click());
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      step(page.locator(".export").first().click()),
    ]);
    const rows = (await readFile(await download.path(), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Result);
    expect(rows.length).toBeGreaterThan(25);
    for (const { id, label, receipt } of rows) {
      expect([id, label]).toEqual([id, Number(id.slice(1)) % 2 === 0 ? "good" : "bad"]);
      expect(receipt.market).toBe(market);
    }
    expect(steps).toBeLessThanOrEqual(12);

    // One task with all its answers, who gave them, and a word of thanks.
    await page.locator(".subtab").nth(1).click();
    await page.locator(".table a").nth(1).click();
    await page.locator(".slot-answer").first().waitFor();
    expect(await page.locator(".item-label").innerText()).toMatch(/^bad/);
    await page.goBack();
    await page.locator(".subtab").nth(2).click();
    await page.locator(".person").first().click();
    await page.locator("dialog input").first().fill("0.1");
    await page.locator("dialog form .button").first().click();
    await page.locator("dialog form [role=status]").waitFor();
    // A message, and no more work, with the reason.
    const [message, block] = [page.locator("dialog form").nth(1), page.locator("dialog form").nth(2)];
    await message.locator("input").fill("Please look closer");
    await message.locator(".button").click();
    await message.locator("[role=status]").waitFor();
    await block.locator("input").fill("Answers come too fast");
    await block.locator(".button").click();
    await page.locator(".table-wide .badge-refused").waitFor();
    await page.keyboard.press("Escape");
    expect((await client.markets.get(market)).escrow.bonus).toBe("0.1");

    // The code on the page for developers runs as it stands.
    await page.goto("/console/developers");
    await page.locator(".snippet pre", { hasText: market }).first().waitFor();
    const code = await page.locator(".snippet pre").first().innerText();
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code], {
      cwd: new URL("../..", import.meta.url),
      env: { ...process.env, EARNEST_KEY: secret },
    });
    expect(stdout.trim().split("\n")).toHaveLength(rows.length);
    expect(stdout).toMatch(/^r1 bad 0\.\d+$/m);
    await page.goto(`/console/markets/${market}`);

    // More money, a pause, and the end, by buttons.
    const buttons = page.locator(".heading-actions > .buttons .button");
    await buttons.nth(1).click();
    await page.locator("dialog input").fill("2");
    await page.locator("dialog form .button").click();
    await page.locator("dialog").waitFor({ state: "detached" });
    await buttons.first().click();
    await expect.poll(async () => (await client.markets.get(market)).status).toBe("paused");
    await buttons.nth(2).click();
    await page.locator("dialog .button-danger").click();
    await expect.poll(async () => (await client.markets.get(market)).status).toMatch(/clos/);
    // What is left goes back to the wallet that paid, and the page says so.
    const { refundTo } = await client.markets.get(market);
    await page.locator(`#refund code[title="${refundTo}"]`).waitFor();
    expect(complaints.filter((each) => !each.includes("400"))).toEqual([]);
    complaints.length = 0;
  });

  it("tells what is wrong with a file, and gives back the rows that are", async () => {
    const { page } = await visit(wide);
    await page.goto("/console/new");
    await page.locator(".sign-in .button-main").click();
    const lines = Array.from({ length: 100_000 }, (_, i) => `${i},text number ${i}`);
    lines[4] = "4";
    lines[70_000] = "5,twice";
    const buffer = Buffer.from(`id,text\n${lines.join("\n")}\n`);
    const began = performance.now();
    await page.locator("#data-file").setInputFiles({ name: "large.csv", mimeType: "text/csv", buffer });
    await page.locator(".row-number").first().waitFor();
    const previewMs = performance.now() - began;
    await page.locator("#question").fill("Anything?");
    await page.locator("#names").fill("yes, no");
    // Problems are told as they are found, while the rest of the file is still read.
    const said = page.locator(".problems li");
    await said.filter({ hasText: /fields than the header.*rows 5/s }).waitFor();
    await said.filter({ hasText: /repeat an id.*70,001/s }).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator(".problems .button").click()]);
    expect((await readFile(await download.path(), "utf8")).trim().split("\r\n")).toHaveLength(3);
    // All rows can be scrolled through, and few are drawn.
    await page.evaluate(`document.querySelector(".rows-table").scrollTop = 1e9`);
    await page.locator(".row-number", { hasText: "100,000" }).waitFor();
    expect(await page.locator(".rows-table tbody tr").count()).toBeLessThan(100);
    console.log(`100,000 rows: first rows after ${Math.round(previewMs)} ms`);

    // The task on a phone: all of it stands in the address, behind the #.
    const address = await page.locator("#look").getAttribute("href");
    const { page: phone } = await visit();
    await phone.goto(address ?? "");
    await phone.locator(".option").nth(1).waitFor();
    expect(await phone.locator("main").innerText()).toMatch(/Anything\?[\s\S]*text number/);

    // What was described elsewhere is taken from there.
    await page.locator("summary", { hasText: "Label Studio" }).click();
    await page
      .locator("#label-studio")
      .fill(
        '<View><Header value="Pick one"/><Choices name="c" toName="t"><Choice value="left"/><Choice value="middle"/></Choices></View>',
      );
    expect(await page.locator("#names").inputValue()).toBe("left\nmiddle");
    expect(await page.locator("#question").inputValue()).toBe("Pick one");
  });

  it("reads a file as it is written, and groups what is wrong with it", async () => {
    const { page } = await visit(wide);
    await page.goto("/console/new");
    await page.locator(".sign-in .button-main").click();
    const lines = ["id,text", "1,Grüße", "2,=SUM(A1)", "3", '4,"open,x', "5,a,b", "6,+1", "6,Öl", ""];
    const buffer = Buffer.from(lines.join("\n"), "latin1");
    await page.locator("#data-file").setInputFiles({ name: "Übersicht.csv", mimeType: "text/csv", buffer });
    const read = page.locator("[aria-labelledby=data-title]");
    await read.getByText("Rows: 7 · windows-1252").waitFor();
    await read.getByText("Grüße").waitFor();
    await read.getByText("would run as a formula: 2.").waitFor();
    await page.locator("#question").fill("Anything?");
    await page.locator("#names").fill("yes, no");
    const problems = page.locator(".problems li");
    for (const [what, rows] of [
      ["more or fewer fields than the header", "rows 3, 5"],
      ["a quote out of place", "rows 4"],
      ["repeat an id", "rows 7"],
    ] as const) {
      await problems.filter({ hasText: new RegExp(`${what}.*${rows}`, "s") }).waitFor();
    }
    // What was told stays, while the rows are looked at again with each letter.
    await page.evaluate(`new MutationObserver((changes) => {
      for (const { removedNodes } of changes) for (const node of removedNodes) if (node.localName === "li") window.isGone = true;
    }).observe(document.querySelector(".problems"), { childList: true, subtree: true })`);
    await page.locator("#names").pressSequentially(", maybe");
    await page.waitForTimeout(600);
    expect(await page.evaluate("window.isGone")).toBeUndefined();
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator(".problems .button").click()]);
    const bad = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
    expect(bad).toHaveLength(5);
    expect(bad.at(-1)).toMatch(/ID_REPEATED,7,6,Öl$/);
    // Of the rows that are left the market begins: nothing of a formula but its text.
    await page.locator(".summary .button-go", { hasText: "3" }).waitFor();
  });

  it("tells a program by webhooks, and the same again by one press", async () => {
    const { secret } = await requester();
    const client = new Earnest({ server: web().url, apiKey: secret });
    const received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
    let status = 500;
    const receiver = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (piece: string) => {
        body += piece;
      });
      request.on("end", () => {
        received.push({ headers: request.headers, body });
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    try {
      const { page } = await visit(wide);
      await page.goto(`/console/developers#${secret}`);
      await page.locator("#webhooks input").fill(url);
      await page.locator("#webhooks form .button").click();
      const shared = await page.locator("#webhooks .snippet pre").innerText();
      await page.locator("#webhooks .row .button").first().click();
      // The first try fails, and says with what; it is tried again by a press.
      const buttons = page.locator("#webhooks .row-facts.buttons .button");
      await buttons.nth(1).click();
      await page.locator("#webhooks .tries .badge-refused", { hasText: "500" }).waitFor();
      status = 204;
      // To be tried again there is a button only once the list knows that it failed.
      await buttons.nth(3).waitFor();
      await buttons.nth(2).click();
      await page.locator("#webhooks .tries .badge-paid", { hasText: "204" }).waitFor();
      const { id: market } = await client.markets.create({
        title: "Told of",
        answer: { choices: ["a", "b"] },
        reward: "0.02",
      });
      await client.markets.close(market);
      const told = page.locator("#webhooks tr", { hasText: market.slice(0, 8) }).last();
      await told.locator(".badge-paid").waitFor();
      const before = received.length;
      await told.locator(".button-text").click();
      await expect.poll(() => received.length).toBe(before + 1);
      const again = received.at(-1);
      expect(again?.body).toBe(
        received.find(({ headers }) => headers["webhook-id"] === again?.headers["webhook-id"])?.body,
      );
      const { data } = await readWebhook(again?.body ?? "", again?.headers ?? {}, shared);
      expect(data).toMatchObject({ market });
      await told.locator(".badge-paid").nth(1).waitFor();
      // What the program asked for, and what it was refused.
      await expect(client.markets.deposit(market, "1", await generateSigner())).rejects.toThrow();
      await expect
        .poll(async () => (await client.webhooks.requests().page()).items.map(({ operation }) => operation))
        .toEqual(expect.arrayContaining(["createMarket", "closeMarket"]));
      await page.locator("#requests input").click();
      await page.locator("#requests input").click();
      await page.locator("#requests th", { hasText: "createMarket" }).waitFor();
    } finally {
      receiver.close();
      receiver.closeAllConnections();
    }
  });

  it("keeps what is one requester's from another", async () => {
    const [mine, other] = [await requester(), await requester()];
    const draft = await mine.client.markets.create({
      title: "A draft of mine",
      answer: { choices: ["a", "b"] },
      reward: "0.02",
    });
    const { page } = await visit(wide);
    await page.goto(`/console/markets/${draft.id}#${other.secret}`);
    await page.locator(".notice").waitFor();
    expect(await page.locator("main").innerText()).not.toContain("A draft of mine");
    await mine.client.markets.addTasks(draft.id, [{ id: "secret", content: { text: "Not for others" } }]);
    await expect(other.client.markets.get(draft.id)).rejects.toMatchObject({ code: "MARKET_NOT_FOUND" });
    for (const path of [`/${draft.id}`, `/${draft.id}/tasks`, `/${draft.id}/tasks/0`]) {
      const answered = await fetch(`${web().url}/v1/markets${path}`);
      expect([path, answered.status, (await answered.text()).includes("others")]).toEqual([path, 404, false]);
    }
    const listed = async (client: Earnest): Promise<boolean> => {
      for await (const { id } of client.markets.list({ owner: draft.owner })) if (id === draft.id) return true;
      return false;
    };
    expect([await listed(mine.client), await listed(other.client)]).toEqual([true, false]);
    await page.goto("/console/developers");
    await page.locator(".row-title").first().waitFor();
    expect(await page.locator(".row-title").count()).toBe(1);
    const keysOf = async ({ apiKeys }: Earnest) => (await apiKeys.list().page()).items;
    const [key] = await keysOf(mine.client);
    expect((await keysOf(other.client)).map(({ id }) => id)).not.toContain(key?.id);
    await other.client.apiKeys.revoke(key?.id ?? "");
    expect((await keysOf(mine.client)).map(({ id, revokedAtMs }) => [id, revokedAtMs])).toEqual([[key?.id, null]]);
    const byKey = new Earnest({ server: web().url, apiKey: mine.secret });
    expect((await byKey.markets.get(draft.id)).title).toBe("A draft of mine");
    // What one's programs asked, and where they are told of it, is one's own.
    const webhook = await mine.client.webhooks.create({ url: "http://127.0.0.1:9/hook" });
    expect(await other.client.webhooks.list()).toEqual([]);
    expect((await other.client.webhooks.requests().page()).items).toEqual([]);
    for (const ask of [
      () => other.client.webhooks.messages(webhook.id).page(null),
      () => other.client.webhooks.resume(webhook.id),
      () => other.client.webhooks.repeat(webhook.id, "msg_1"),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: "WEBHOOK_NOT_FOUND" });
    }
    await other.client.webhooks.remove(webhook.id);
    expect(await mine.client.webhooks.list()).toHaveLength(1);
    const own = draft.owner;
    for (const ask of [
      () => other.client.markets.items(draft.id).page(null),
      () => other.client.markets.timeline(draft.id),
      () => other.client.markets.contributors(draft.id).page(null),
      () => other.client.markets.reviews(draft.id),
      () => other.client.markets.report(draft.id),
      () => other.client.markets.resultBytes(draft.id, "parquet"),
      () => other.client.markets.block(draft.id, { contributor: own, note: "x" }),
      () => other.client.markets.tell(draft.id, own, "x"),
      () => other.client.markets.close(draft.id),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: "OWNER_MISMATCH" });
    }
    // It reads the market and asks for the plan at once: whichever is refused first says so.
    await expect(other.client.markets.deposit(draft.id, "1", await generateSigner())).rejects.toMatchObject({
      code: expect.stringMatching(/^(OWNER_MISMATCH|MARKET_NOT_FOUND)$/) as string,
    });
  });

  it("keeps answers and known answers of an open market from other requesters", async () => {
    const { client, secret } = await requester();
    const open = await web().openMarket({ title: "In other words?", answer: { type: "text", charactersMax: 200 } }, [
      { id: "first", content: "Say it in other words", control: "Words that only its requester knows" },
      { id: "second", content: "Say this in other words" },
    ]);
    const person = await web().person();
    for (let [offer] = await person.assign(open); offer !== undefined; ) {
      const { offers } = await person.turn(open, { slot: offer.slot, body: { answer: "Words that somebody gave" } });
      [offer] = offers;
    }
    for (const ask of [
      () => client.markets.items(open).page(null),
      () => client.markets.item(open, 1),
      () => client.markets.contributors(open).page(null),
      () => client.markets.reviews(open),
      () => client.markets.resultBytes(open, "parquet"),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: "OWNER_MISMATCH" });
    }
    // What anybody may read, as this requester reads it: tasks, but neither what is known of them nor what was said.
    const authorization = `Bearer ${secret}`;
    for (const path of ["", "/tasks", "/tasks/1", "/log"]) {
      const read = await (await fetch(`${web().url}/v1/markets/${open}${path}`, { headers: { authorization } })).text();
      const inside = [...read.matchAll(/"([\w+/]{8,}={0,2})"/g)].map(([, text]) => Buffer.from(text ?? "", "base64"));
      for (const text of [read, ...inside.map((bytes) => bytes.toString("latin1"))]) {
        expect([path, text.includes("Words that")]).toEqual([path, false]);
      }
    }
    // The page of a market says no more than that it is somebody else's.
    const { page } = await visit(wide);
    await page.goto(`/console/markets/${open}/items#${secret}`);
    await page.locator(".notice").waitFor();
    expect(await page.locator("main").innerText()).not.toMatch(/Words that|In other words/);
  });

  // In the other light and direction `npm run bench -- console` looks.
  it("has nothing that axe finds wrong, and fits a small screen", async () => {
    const small = { viewport: { width: 360, height: 740 }, colorScheme: "dark", locale: "ar" } as const;
    const { page } = await visit({ ...small, reducedMotion: "reduce" });
    const found: Record<string, readonly unknown[]> = {};
    const look = async (screen: string): Promise<void> => {
      found[screen] = await violations(page);
      const wrong = await smallControls(page);
      const isWide = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
      if (isWide || wrong.length > 0) found[`${screen}, size`] = [isWide, ...wrong];
      const hidden = await outOfSight(page);
      if (hidden.length > 0) found[`${screen}, out of sight`] = hidden;
    };
    await page.goto("/console");
    await page.locator(".sign-in").waitFor();
    await look("sign in");
    await page.locator(".sign-in .button-main").click();
    await page.locator(".notice .button-go").waitFor();
    await look("no markets");
    await page.locator(".notice .button-go").click();
    await page.locator(".drop").waitFor();
    await look("drop");
    await page.locator(".drop .button").last().click();
    await page.locator("#question").fill(question);
    await page.locator(".preset-cost .money").first().waitFor();
    await look("create");
    await page.locator("#token summary").first().click();
    await page.locator("#token summary").last().click();
    await look("token");
    await page.locator(".summary .button-go").click();
    await page.locator(".figures").waitFor();
    const market = marketIn(page);
    const [someone = ""] = await work(market, 2);
    await web().openMarket({ ...atPlaces, title: "In order?" }, [
      { id: "vienna", content: {}, terms: { known: { place: { latitudeE7: 482_082_000, longitudeE7: 163_738_000 } } } },
      { id: "graz", content: {}, terms: { known: { place: { latitudeE7: 470_707_000, longitudeE7: 154_395_000 } } } },
    ]);
    await page.locator(".chart-line").first().waitFor();
    await look("overview");
    for (const tab of ["items", "people", "export"]) {
      await page.goto(`/console/markets/${market}/${tab}`);
      await page.locator(".table, .export").first().waitFor();
      await look(tab);
    }
    await page.goto(`/console/markets/${market}/tasks/5`);
    await page.locator(".slot").first().waitFor();
    await look("item");
    await page.goto("/console/developers");
    await page.locator(".snippet").first().waitFor();
    await look("developers");
    await page.keyboard.press("Control+k");
    await page.locator(".command").nth(4).waitFor();
    await look("commands");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.locator(".card").first().waitFor();
    await look("markets");
    await page.goto("/explorer");
    await page.locator(".table-wide").first().waitFor();
    await page.locator("#requesters .table").waitFor();
    await page.locator("#places .map-cell").first().waitFor();
    expect(await page.locator("#places .map-cell").count()).toBe(2);
    // What attestors signed, by their own signatures.
    await page.locator("#attestors .panel-header .badge-paid").waitFor();
    await page.locator("#sponsor .meter").waitFor();
    await page.locator("#reputation input").fill(someone);
    await page.locator("#reputation .button").click();
    await page.locator("#reputation .badge-paid").waitFor();
    await look("explorer");
    // Another network's statement is checked just so, and one that was altered is found out.
    const statement = await (await fetch(`${web().url}/v1/contributors/${someone}/reputation`)).text();
    await page.locator("#reputation input").fill(statement.replace(/"accepted":\d+/, '"accepted":99999'));
    await page.locator("#reputation .button").first().click();
    await page.locator("#reputation .badge-refused").waitFor();
    expect(await page.getAttribute("html", "dir")).toBe("rtl");
    expect(Object.entries(found).filter(([, each]) => each.length > 0)).toEqual([]);
  });

  // The last one here: it moves the clock on.
  it("pays in a token that is issued for it, and has what nobody earned sent back", { timeout: 120_000 }, async () => {
    const { secret } = await requester();
    // By the key, which outlives the session.
    const client = new Earnest({ server: web().url, apiKey: secret });
    const { page, complaints } = await visit(wide);
    await page.goto(`/console/new#${secret}`);
    const buffer = Buffer.from(reviews);
    await page.locator("#data-file").setInputFiles({ name: "reviews.csv", mimeType: "text/csv", buffer });
    await page.locator("#question").fill(question);
    const issuing = page.locator("#token details").first();
    await issuing.locator("summary").click();
    const inputs = issuing.locator("input.input");
    await inputs.nth(0).fill("Shelf Photos");
    await inputs.nth(1).fill("SHELF");
    await issuing.locator(".form > .button").click();
    await page.locator("#token .tile", { hasText: "SHELF" }).locator("input:checked").waitFor();
    expect(await issuing.locator(".warning").count()).toBe(0);
    await page.locator(".summary .button-go").click();
    await page.locator(".figures").waitFor();
    const market = marketIn(page);
    const { token, escrow } = await client.markets.get(market);
    expect(token).toMatchObject({ name: "Shelf Photos", symbol: "SHELF", decimals: 6 });
    expect(Number(escrow.deposited)).toBeGreaterThan(0);
    expect(await page.locator("main").innerText()).toContain("SHELF");
    // Whoever works there has a balance of its own in it.
    const [person = ""] = await work(market, 2);
    expect(person).not.toBe("");
    await expect.poll(async () => (await client.totals(token.mint)).earned).not.toBe("0");
    // Ended here and on chain by this browser's wallet, which the network pays for.
    await page.locator(".heading-actions > .buttons .button").nth(2).click();
    await page.locator("dialog .button-danger").click();
    await page.locator("#refund [role=status]").waitFor();
    expect(await client.markets.isEndedOnChain(market)).toBe(true);
    const { refundTo } = await client.markets.get(market);
    const held = async (): Promise<number> => Number(await client.holdings(refundTo, token.mint));
    const before = await held();
    web().later(31 * 86_400_000);
    await expect.poll(held, { timeout: 30_000 }).toBeGreaterThan(before);
    const ended = await client.markets.get(market);
    expect([ended.status, await held()]).toEqual(["closed", expect.closeTo(before + Number(ended.escrow.refunded), 6)]);
    await page.locator("#refund .money", { hasText: "SHELF" }).waitFor();
    expect(complaints).toEqual([]);
  });
});
