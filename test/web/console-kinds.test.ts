import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { Contributor } from "../../src/client/contributor.ts";
import { Earnest } from "../../src/client/earnest.ts";
import { generateSigner } from "../../src/client/keys.ts";
import type { ItemSlot } from "../../src/contract/items.ts";
import type { Offer } from "../../src/contract/work.ts";
import type { Json } from "../../src/core/json.ts";
import { compositionOf } from "../../src/verification/kinds/compose.ts";
import { smallControls, violations } from "../support/axe.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { kindOf } from "../support/kind-markets.ts";
import { useWeb } from "../support/web.ts";

const dayMs = 86_400_000;
/** Where it is noon by the sun now: nobody is sent out at night. */
const noonLongitude = (): number => {
  const east = 180 - ((Date.now() % dayMs) / dayMs) * 360;
  return Number(east.toFixed(4));
};

/** What a program says that was at the place of its task. */
const wasThere = ({ expiresAtMs, task }: Offer): Json => {
  const { known, leaseSeconds } = task.terms;
  const startMs = expiresAtMs - leaseSeconds * 1_000;
  const sightings = [0, 1, 2].map((i) => ({ ...known?.place, timeMs: startMs + i, accuracyMm: 8_000 }));
  return { takenAtMs: startMs, tracks: { walk: sightings } };
};

/** As its file has it; the server fills in what a file may leave out. */
const verificationOf = (kind: string) => compositionOf(kindOf(kind), {}) as Readonly<Record<string, Json>>;

describe.skipIf(browserPath === null)("a kind of work, from a file", () => {
  const web = useWeb();
  const visit = useVisitors(
    () => web().url,
    () => [web().rpcUrl],
  );
  const wide = { viewport: { width: 1280, height: 900 } };

  async function openCreate(csv: string): Promise<{ readonly page: Page; readonly client: Earnest }> {
    const asker = await Earnest.signIn({ server: web().url, signer: await generateSigner() });
    const { secret } = await asker.apiKeys.create({ name: "kinds" });
    const { page } = await visit(wide);
    await page.goto(`/console/new#${secret}`);
    await page
      .locator("#data-file")
      .setInputFiles({ name: "rows.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    return { page, client: new Earnest({ server: web().url, apiKey: secret }) };
  }

  const choose = (page: Page, kind: string): Promise<void> =>
    page.locator(`input[name=kind][value=${kind}]`).check({ force: true });

  async function begin(page: Page): Promise<string> {
    await page.locator(".summary .button-go:enabled").click();
    await page.locator(".figures").waitFor();
    return /markets\/([0-9a-f]{32})/.exec(page.url())?.[1] ?? "";
  }

  /** As many who were born in time, each answering all it gets. */
  async function work(
    market: string,
    people: number,
    bodyOf: (offer: Offer, person: number) => Readonly<Record<string, Json>>,
  ): Promise<void> {
    for (let i = 0; i < people; i++) {
      const signer = await generateSigner();
      const person = new Contributor({ server: web().url, signer, facts: { birthYear: 1970 } });
      for (;;) {
        const [offer] = await person.assign(market).catch(() => []);
        if (offer === undefined) break;
        await person.submit(market, { slot: offer.slot, body: bodyOf(offer, i) });
      }
    }
  }

  const statesIn = async (client: Earnest, market: string, task: number): Promise<ItemSlot["state"][]> =>
    (await client.markets.item(market, task)).slots.map(({ state }) => state);

  it("that is labels: what splits waits for its requester, who decides it on the page", async () => {
    const { page, client } = await openCreate("id,text\na,plain\nb,split\n");
    await page.locator("#question").fill("Is it clear?");
    await page.locator("#names").fill("yes, no");
    const market = await begin(page);
    expect(await client.markets.get(market)).toMatchObject({
      kind: "label",
      verification: verificationOf("label"),
      review: { windowSeconds: 86_400 },
    });
    await work(market, 5, ({ task }, i) => ({
      answer: JSON.stringify(task.content).includes("split") && i % 2 === 1 ? "no" : "yes",
    }));
    await expect.poll(() => statesIn(client, market, 0)).toContain("accepted");
    await expect.poll(async () => new Set(await statesIn(client, market, 1))).toEqual(new Set(["review"]));
    await page.goto(`/console/markets/${market}/tasks/1`);
    await page.locator(".slot .choice .button").first().click();
    await expect.poll(() => statesIn(client, market, 1)).toContain("accepted");
    await page.locator(".slot .badge-paid").waitFor();
  });

  it("that is marks: what of an answer agrees is paid, by its share", async () => {
    const { page, client } = await openCreate("id,text\na,milk and bread\n");
    // By keyboard: an arrow moves within one group of kinds.
    await page.locator("input[name=kind][value=judge]").focus();
    await page.keyboard.press("ArrowDown");
    expect(await page.locator("input[name=kind]:checked").inputValue()).toBe("mark");
    expect(await page.locator("#kind-facts").innerText()).toContain("paid, in proportion");
    await page.locator("input[name=type][value=choices]").check({ force: true });
    await page.locator("#question").fill("What is on the shelf?");
    await page.locator("#names").fill("milk\nbread\neggs");
    const market = await begin(page);
    expect(await client.markets.get(market)).toMatchObject({ kind: "mark", verification: verificationOf("mark") });
    await work(market, 5, (_, i) => ({ answer: i === 0 ? ["milk"] : ["milk", "bread"] }));
    await expect.poll(() => statesIn(client, market, 0)).toContain("accepted");
    const { slots, label } = await client.markets.item(market, 0);
    expect(label).toEqual(["milk", "bread"]);
    const paid = slots.filter(({ state }) => state === "accepted").map(({ reward }) => Number(reward));
    expect(Math.max(...paid)).toBe(0.1);
    expect(Math.min(...paid)).toBeLessThan(0.1);
  });

  it("that is local reports: each row is a place, and only who was there is paid", async () => {
    const east = noonLongitude();
    const { page, client } = await openCreate(`id,place,lat,lng\na,The bakery,10.5,${east}\nb,Nowhere,95,${east}\n`);
    await page.locator("#question").fill("Is it open?");
    await choose(page, "report");
    // What it needs is found by the columns' names; a row without it is left out, and said so.
    const roles = page.locator(".rows-table select");
    expect(await roles.nth(2).inputValue()).toBe("latitude");
    expect(await roles.nth(3).inputValue()).toBe("longitude");
    await page.locator(".problems li", { hasText: "no place on Earth" }).waitFor();
    expect(await page.locator("#names").inputValue()).toBe("open\nclosed\ngone");
    expect(await page.locator(".kind-checks li").allInnerTexts()).toEqual([
      "Signed by who answers; each owner answers a task once.",
      "No owner is paid for more than 200.",
      "Between 7:00 and 21:00 by the sun at the place.",
      "Been within 150 m of the place, moving no faster than 25 km/h.",
      "Control tasks have to be answered right.",
      "At least 70% of an owner’s control tasks right, from 4 on.",
      "Several answer, and have to agree; who was right before counts more.",
      "What stays undecided waits 24 hours for you, and is then paid.",
    ]);
    await roles.nth(2).selectOption("show");
    await page.locator(".summary", { hasText: "latitude and longitude" }).waitFor();
    expect(await page.locator(".summary .button-go").isDisabled()).toBe(true);
    await roles.nth(2).selectOption("latitude");
    const market = await begin(page);
    const found = await client.markets.get(market);
    expect(found).toMatchObject({ kind: "report", taskCount: 1, verification: verificationOf("report") });
    expect(found.terms.eligibility).toEqual([{ type: "age", min: 18 }, { type: "person" }]);
    // The first one was somewhere else.
    await work(market, 6, (offer, i) => {
      const evidence = wasThere(offer) as { readonly tracks: { readonly walk: readonly { latitudeE7: number }[] } };
      const away = evidence.tracks.walk.map((each) => ({ ...each, latitudeE7: each.latitudeE7 + 900_000 }));
      return {
        answer: "open",
        evidence: i === 0 ? { ...evidence, tracks: { walk: away } } : evidence,
      };
    });
    await expect.poll(() => statesIn(client, market, 0)).toContain("accepted");
    const states = await statesIn(client, market, 0);
    expect(states.filter((state) => state === "accepted").length).toBeGreaterThanOrEqual(3);
    expect(states.filter((state) => state !== "accepted").length).toBe(1);
  });

  it("that is no table's says how it begins", async () => {
    const { page } = await openCreate("id,text\na,b\n");
    await page.locator("#other-kinds summary").first().click();
    const commands = await page.locator("#other-kinds pre").allInnerTexts();
    expect(commands).toHaveLength(5);
    expect(commands[0]).toContain("earnest kinds market compute > market.json");
    expect(commands[0]).toContain("earnest compute run");
  });

  it("fits a phone, by eye and by axe, in both directions", async () => {
    for (const look of [
      { locale: "en", colorScheme: "light" },
      { locale: "ar", colorScheme: "dark" },
    ] as const) {
      const { page } = await visit({ ...look, viewport: { width: 360, height: 740 }, reducedMotion: "reduce" });
      await page.goto("/console/new");
      await page.locator(".sign-in .button-main").click();
      await page.locator(".drop .button").last().click();
      for (const kind of ["coverage", "mapping", "review", "report"]) {
        await choose(page, kind);
        await page.locator("#kind-facts details summary").click();
        expect([kind, await violations(page), await smallControls(page)]).toEqual([kind, [], []]);
        expect(await page.evaluate("document.documentElement.scrollWidth > innerWidth")).toBe(false);
      }
    }
  });
});
