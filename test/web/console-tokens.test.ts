import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { Earnest } from "../../src/client/earnest.ts";
import { generateSigner } from "../../src/client/keys.ts";
import type { Network } from "../../src/contract/network.ts";
import { fromBase58 } from "../../src/core/bytes.ts";
import { wellKnownTokens } from "../../web/source/console/create/well-known-tokens.ts";
import { violations } from "../support/axe.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { useWeb } from "../support/web.ts";

const mainnet = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d";

/** Genesis hashes of the chains whose tokens are known. */
const chains = [mainnet, "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"];

describe("tokens that requesters often have", () => {
  it("are one of a name on each chain, at an address of its own, and none elsewhere", () => {
    const found = chains.map((chain) => wellKnownTokens(chain, []));
    expect(found.map((tokens) => tokens.map(({ symbol }) => symbol))).toEqual([["USDC"], ["USDC"]]);
    const mints = found.flat().map(({ mint }) => mint);
    expect(new Set(mints).size).toBe(mints.length);
    for (const mint of mints) expect(fromBase58(mint)).toHaveLength(32);
    expect(wellKnownTokens(mints[0] as string, [])).toEqual([]);
  });

  it("are not offered where the network pays in them already", () => {
    const [usdc] = wellKnownTokens(mainnet, []);
    expect(wellKnownTokens(mainnet, [{ mint: usdc?.mint ?? "" }])).toEqual([]);
  });
});

describe.skipIf(browserPath === null)("a market that is paid in a token of somebody else", () => {
  const web = useWeb();
  const visit = useVisitors(
    () => web().url,
    () => [web().rpcUrl],
  );
  const wide = { viewport: { width: 1280, height: 900 } };
  const reviews = Array.from({ length: 12 }, (_, i) => `Review ${i},${i % 2 === 0 ? "good" : "bad"}`).join("\n");

  /** A new requester's page with a file and a question. */
  async function draft(page: Page): Promise<Earnest> {
    const signed = await Earnest.signIn({ server: web().url, signer: await generateSigner() });
    const { secret } = await signed.apiKeys.create({ name: "tests" });
    await page.goto(`/console/new#${secret}`);
    const buffer = Buffer.from(`text,answer\n${reviews}\n`);
    await page.locator("#data-file").setInputFiles({ name: "reviews.csv", mimeType: "text/csv", buffer });
    await page.locator("#question").fill("Is this review good?");
    return new Earnest({ server: web().url, apiKey: secret });
  }

  it("takes the address of its mint, names the wallet it has to lie in, and is funded from there", async () => {
    const { mint, giveTo } = await web().otherToken();
    const { page, complaints } = await visit(wide);
    const client = await draft(page);
    const other = page.locator("#token details").last();
    await other.locator("summary").click();
    // No chain of ours has a token that everybody knows.
    expect(await other.locator("p .button").count()).toBe(0);
    await other.locator("input").fill(mint);
    await other.getByRole("button", { name: "Pay in it" }).click();
    await page
      .locator("#token .tile", { hasText: mint.slice(0, 4) })
      .locator("input:checked")
      .waitFor();
    const wallet = await page.locator("#token .hash").innerText();
    await giveTo(wallet, 500_000_000n);
    await page.locator(".summary .button-go").click();
    await page.locator(".figures").waitFor();
    const market = /markets\/([0-9a-f]{32})/.exec(page.url())?.[1] ?? "";
    const { token, escrow } = await client.markets.get(market);
    expect([token.mint, Number(escrow.deposited) > 0]).toEqual([mint, true]);
    expect(Number(await client.holdings(wallet, mint))).toBeCloseTo(500 - Number(escrow.deposited), 6);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("offers USDC by its name on a chain that has it", async () => {
    const { page } = await visit(wide);
    await page.route("**/v1/network", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...((await response.json()) as Network), cluster: mainnet } });
    });
    const asked: unknown[] = [];
    await page.route("**/v1/tokens", async (route) => {
      asked.push(route.request().postDataJSON());
      await route.continue();
    });
    await draft(page);
    const other = page.locator("#token details").last();
    await other.locator("summary").click();
    await other.getByRole("button", { name: "Pay in USDC" }).click();
    // It is not on this test's chain, and the page says so.
    await page.locator("#token .notice-problem code", { hasText: "MINT_NOT_FOUND" }).waitFor();
    expect(asked).toEqual([{ mint: wellKnownTokens(mainnet, [])[0]?.mint }]);
    expect(await violations(page)).toEqual([]);
  });
});
