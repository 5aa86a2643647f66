import type { Page } from "playwright-core";
import { Contributor } from "#src/client/contributor";
import { generateSigner } from "#src/client/keys";
import type { Look } from "./tour.ts";

/** Goes through the console and the explorer as somebody does who asks for work for the first time. */
export async function consoleTour(page: Page, server: string, look: Look): Promise<void> {
  await page.goto("/console");
  await page.locator(".sign-in").waitFor();
  await look("console-sign-in");
  await page.locator(".sign-in .button-main").click();
  await page.locator(".notice .button-go").click();
  await page.locator(".drop").waitFor();
  await look("console-drop");
  await page.locator(".drop .button").last().click();
  await page.locator("#question").fill("Is this review good or bad?");
  await page.locator(".preset-cost .money").first().waitFor();
  await look("console-create");
  await page.locator("#token summary").first().click();
  await look("console-token");
  await page.locator(".summary .button-go").click();
  await page.locator(".figures").waitFor();
  const market = marketIn(page);
  await answerAll(server, market, 4);
  await page.locator(".chart-line").first().waitFor({ state: "attached" });
  await look("console-overview");
  for (const tab of ["items", "people", "export"]) {
    await page.goto(`/console/markets/${market}/${tab}`);
    await page.locator(".table, .export").first().waitFor();
    await look(`console-${tab}`);
  }
  await page.goto(`/console/markets/${market}/tasks/5`);
  await page.locator(".slot").first().waitFor();
  await look("console-item");
  await page.goto(`/console/markets/${market}`);
  await page.locator(".heading-actions .button").last().click();
  await page.locator("dialog .button-danger").waitFor();
  await look("console-close");
  await page.goto("/console/developers");
  await page.locator(".snippet").first().waitFor();
  await look("console-developers");
  await page.keyboard.press("Control+k");
  await page.locator(".command").nth(4).waitFor();
  await look("console-commands");
  await page.keyboard.press("Escape");
  await page.goto("/console");
  await page.locator(".card").first().waitFor();
  await look("console-markets");
  await page.goto("/explorer");
  await page.locator(".table-wide").first().waitFor();
  await look("explorer");
  await explorerTour(page, market, look);
}

const fault = { code: "INTERNAL_ERROR", title: "INTERNAL_ERROR", detail: "It failed.", next: "Ask again later." };

/** From a market to what its numbers rest on; and a screen whose server has failed. */
async function explorerTour(page: Page, market: string, look: Look): Promise<void> {
  await page.goto(`/explorer/markets/${market}`);
  await page.locator(".chips a").first().waitFor();
  await look("explorer-market");
  await page.locator("#books a[href*='/requesters/']").click();
  await page.locator("#markets .table").waitFor();
  await look("explorer-requester");
  await page.goBack();
  await page.locator(".chips a").first().click();
  await page.locator(".entries-all").waitFor();
  await look("explorer-receipt");
  await page.goto("/explorer");
  await page.locator("#epochs tbody a").first().click();
  await page.locator("#message .facts").waitFor();
  await look("explorer-epoch");
  await page.route("**/v1/**", (route) => route.fulfill({ status: 500, json: fault }));
  await page.goto("/explorer");
  await page.locator(".notice-problem").first().waitFor();
  await look("explorer-failed");
}

export const marketIn = (page: Page): string => /markets\/([0-9a-f]{32})/.exec(page.url())?.[1] ?? "";

/** People without a browser who read the example's reviews: what they see in it is no secret. */
async function answerAll(server: string, market: string, people: number): Promise<void> {
  for (let i = 0; i < people; i++) {
    const person = new Contributor({ server, signer: await generateSigner() });
    let offers = await person.assign(market).catch(() => []);
    for (let [offer] = offers; offer !== undefined; [offer] = offers) {
      const isBad = /broke|never|waited|forgets|larger/.test(JSON.stringify(offer.task.content));
      ({ offers } = await person.turn(market, { slot: offer.slot, body: { answer: isBad ? "bad" : "good" } }));
    }
  }
}
