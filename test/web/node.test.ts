import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NodeFolder } from "../../src/node/node-folder.ts";
import { openStatusPage } from "../../src/node/status-page.ts";
import { Tally } from "../../src/node/tally.ts";
import { smallControls, violations } from "../support/axe.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { useWeb } from "../support/web.ts";

/** Nodes show themselves here; the one of the test is at a port of its own, and the page's requests are led there. */
const usual = "http://127.0.0.1:4800";

describe.skipIf(browserPath === null)("the node's screen", () => {
  const web = useWeb();
  const visit = useVisitors(() => web().url);
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "earnest-node-screen-"));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function startNode() {
    const kept = await NodeFolder.open(folder);
    const options = { folder: kept, clock: Date.now, onEvent: () => undefined };
    const [line, processor] = [new Tally("bandwidth", options), new Tally("compute", options)];
    line.connected("gateway.example:4600");
    line.busy(1_800_000);
    const held = { market: "m", title: "Fetch <pages>", slot: "0.0", expiresAtMs: 0 };
    await line.ended(held, { pages: 3, bytes: 2_000 }, { state: "accepted", reason: null, reward: "0.25" });
    line.idle("enough for today");
    processor.connected(web().url);
    processor.idle("no work");
    const today = { day: 1, bytes: 1_500_000, sessions: 1, pages: 3, pieces: 0, computedMs: 0 };
    return await openStatusPage({
      port: 0,
      status: () => ({ address: "key", today, lendings: [line.status, processor.status] }),
      caps: {
        bytesPerDayMax: 2_000_000,
        bytesPerSecondMax: 1_000_000,
        processorPpm: 250_000,
        hours: { from: 1_320, to: 420 },
        isMeteredAllowed: false,
      },
      folder: kept,
      isPaused: () => false,
      pageOrigin: new URL(web().url).origin,
    });
  }

  async function checked(page: Page): Promise<void> {
    expect(await violations(page)).toEqual([]);
    expect(await smallControls(page)).toEqual([]);
    const width = "[document.documentElement.scrollWidth, innerWidth]";
    const [wide, room] = (await page.evaluate(width)) as [number, number];
    expect(wide).toBeLessThanOrEqual(room);
  }

  it("says how to start one where there is none, shows one that runs, and says when it is gone", async () => {
    const { page, complaints } = await visit({ locale: "en" });
    let node: Awaited<ReturnType<typeof startNode>> | null = null;
    await page.route(`${usual}/**`, async (route) => {
      if (node === null) await route.abort("connectionrefused");
      else await route.fulfill({ response: await route.fetch({ url: `${node.url}status.json` }) });
    });
    await page.goto("/node");
    await page.getByText("No node on this computer").waitFor();
    await checked(page);

    node = await startNode();
    await page.reload();
    await page.locator(".node-on").first().waitFor();
    const text = (await page.locator("main").innerText()).replace(/\s+/g, " ");
    expect(text).toContain(
      "Bandwidth Connected Available 0 hr In paid use 0.5 hr Earned 0.25 EARN Paid 1 Not paid 0 Now It passed",
    );
    expect(text).toContain("Why 0 today No market has work for it now.");
    expect(text).toContain("Bytes today 1.5 MB of 2 MB Bytes a second 1 MB Of one processor 25%");
    expect(text).toContain("Hours 22:00–7:00 Where the network costs by the byte It rests");
    expect(text).toContain("Fetch <pages>");
    await checked(page);
    await page.setViewportSize({ width: 1_280, height: 800 });
    await checked(page);

    node.close();
    node = null;
    await page.getByText("The node does not answer any more").waitFor();
    expect(await page.locator(".node-on").count()).toBe(0);
    // Away from it, the page that shows strangers' work comes with the policy of all others.
    await page.locator(".tabs a").nth(1).click();
    await page.waitForURL("**/find");
    const asked = `fetch("${usual}/status.json").then(() => "reached", () => "refused")`;
    expect(await page.evaluate(asked)).toBe("refused");
    const expected = complaints.filter((each) =>
      /127\.0\.0\.1:4800|ERR_CONNECTION_REFUSED|Content Security Policy/.test(each),
    );
    expect(complaints).toEqual(expected);
    complaints.splice(0);
  });

  it("says by which check a node stands behind others, rests or is not let in", async () => {
    const { page, complaints } = await visit({ locale: "en" });
    const options = { folder: await NodeFolder.open(folder), clock: Date.now, onEvent: () => undefined };
    const line = new Tally("bandwidth", options);
    const today = { day: 1, bytes: 0, sessions: 0, pages: 0, pieces: 0, computedMs: 0 };
    const caps = { bytesPerDayMax: 1, bytesPerSecondMax: 1, processorPpm: 1, hours: null, isMeteredAllowed: false };
    await page.route(`${usual}/**`, (route) =>
      route.fulfill({ json: { address: "key", today, lendings: [line.status], caps, log: [] } }),
    );
    const shows = async (text: string): Promise<void> => {
      await page.goto("/node");
      await page.getByText(text).waitFor();
      await checked(page);
    };
    line.disconnected("NETWORK_TAKEN", 1_000);
    await shows("The node of another owner is connected through the same line");
    line.disconnected("DEMOTED: METERS_DIFFER", 1_000);
    await shows("It rests, because a check found something: METERS_DIFFER.");
    line.disconnected("read ECONNRESET", 1_000);
    await shows("tries again by itself. (read ECONNRESET)");
    line.connected("gateway.example:4600");
    line.standsBehind("BROKEN_OFF");
    line.idle("no work");
    await shows("Others come first, because a check found something: BROKEN_OFF.");
    complaints.splice(0);
  });

  it("speaks eight languages, from right to left where that is how it is read", async () => {
    const node = await startNode();
    const { page, complaints } = await visit({ locale: "ar" });
    await page.route(`${usual}/**`, async (route) =>
      route.fulfill({ response: await route.fetch({ url: `${node.url}status.json` }) }),
    );
    await page.goto("/node");
    await page.locator(".node-on").first().waitFor();
    expect(await page.locator("h1").innerText()).toBe("عقدة");
    await checked(page);
    complaints.splice(0);
    node.close();
  });
});
