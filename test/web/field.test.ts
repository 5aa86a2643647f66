import { describe, expect, it } from "vitest";
import { Contributor } from "../../src/client/contributor.ts";
import { generateSigner } from "../../src/client/keys.ts";
import { toBase64 } from "../../src/core/bytes.ts";
import type { Json } from "../../src/core/json.ts";
import { browserPath, reload, useVisitors } from "../support/browser.ts";
import { descriptionOf, kindOf } from "../support/kind-markets.ts";
import { pictureOf, taggedPicture } from "../support/pictures.ts";
import { plainTasks, useWeb } from "../support/web.ts";

const vienna = { latitudeE7: 482_082_000, longitudeE7: 163_738_000 };
const graz = { latitudeE7: 470_707_000, longitudeE7: 154_395_000 };
/** Some 220 m from the place of the task in Vienna. */
const outside = { latitude: 48.2102, longitude: 16.3738, accuracy: 8 };
const there = { latitude: 48.2082, longitude: 16.3738, accuracy: 8 };

/** By day and by night, whenever tests run. */
const visit = {
  ...descriptionOf({
    kind: "visit",
    set: { fromMinute: 0, toMinute: 1_440 },
    task: { id: "t", content: null },
  }),
  reward: "0.1",
  policy: null,
  overlap: { min: 2, max: 2, target: 0.5 },
};

const stamp = (timeMs: number): string =>
  new Date(timeMs).toISOString().slice(0, 19).replaceAll("-", ":").replace("T", " ");

/** Somebody else who was there, without a browser. */
async function comeBy(server: string, market: string): Promise<void> {
  const other = new Contributor({ server, signer: await generateSigner(), facts: { birthYear: 1970 } });
  const [offer] = await other.assign(market, { taskId: "near" });
  if (offer === undefined) throw new Error("there is no place for a second one");
  const startMs = offer.expiresAtMs - offer.task.terms.leaseSeconds * 1_000;
  const picture = taggedPicture(pictureOf("whirl"), { taken: stamp(startMs), offset: "+00:00" });
  const evidence = {
    nonce: offer.code,
    takenAtMs: startMs,
    tracks: { walk: [0, 1, 2].map((i) => ({ ...vienna, timeMs: startMs + i, accuracyMm: 8_000 })) },
    pictures: { shot: { data: toBase64(picture) } },
  };
  await other.submit(market, { slot: offer.slot, body: { answer: "in order", evidence } });
}

describe.skipIf(browserPath === null)("work at a place", () => {
  const web = useWeb();
  const visitors = useVisitors(() => web().url);

  it("is found by where somebody is, done there, and paid by the kind's own rules", async () => {
    expect(kindOf("visit").composition).toBeDefined();
    await web().openMarket({ title: "At a desk", overlap: { min: 1, max: 1, target: 0.5 } }, plainTasks(3));
    const market = await web().openMarket({ ...visit, title: "Is the charging station in order?" }, [
      { id: "far", content: { question: "Graz: in order?" }, terms: { known: { place: graz } } },
      { id: "near", content: { question: "Vienna: in order?" }, terms: { known: { place: vienna } } },
    ]);
    const { page, context } = await visitors({ hasTouch: true, geolocation: outside });
    const asked: string[] = [];
    const bodies: Json[] = [];
    page.on("request", (request) => {
      if (request.url().includes("/nearby")) asked.push(`${request.url()} ${request.headers()["authorization"] ?? ""}`);
      if (request.url().includes("/submissions"))
        bodies.push((request.postDataJSON() as { submissions: { body: Json }[] }).submissions[0]?.body ?? null);
    });

    // Somebody with a key is told what they lack, in words, and says it.
    await page.goto("/");
    await page.locator(".option").first().click();
    await page.getByRole("button", { name: /^(?:Send|Get paid)/ }).click();
    await page.locator(".ticker-amount").waitFor();
    await page.goto("/find");
    const card = page.locator(".card-item").filter({ hasText: "charging station" });
    await card.getByText("Missing: From 18 years").waitFor();
    expect(await page.locator(".card").first().textContent()).toContain("At a desk");
    await card.getByRole("link", { name: "Say it about yourself" }).click();
    await page.getByLabel("Year of birth").fill("1980");
    await page.getByLabel("Country").selectOption("AT");
    await page.getByRole("combobox", { name: "Add a language" }).selectOption("de");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();

    // Nobody is asked where they are before they want to know; who refuses is told so, and nothing is sent.
    await page.getByRole("link", { name: "Find work" }).click();
    await card.getByText("Missing").waitFor({ state: "detached" });
    await page.getByRole("radio", { name: "Near me" }).click();
    await page.getByText("The browser may not tell where you are.").waitFor();
    expect(asked).toEqual([]);
    await context.grantPermissions(["geolocation"]);
    await page.getByRole("radio", { name: "Near me" }).click();
    await card.getByText("222 m away").waitFor();
    expect(await page.locator(".card").first().textContent()).toContain("charging station");
    expect(asked.every((each) => /\?cell=87[0-9a-f]{13}&limit=\d+ $/.test(each))).toBe(true);
    expect(asked.length).toBeGreaterThan(0);

    // The nearest comes first; what cannot be sent yet is not offered to be.
    await card.getByRole("link").first().click();
    await page.getByRole("heading", { name: "Vienna: in order?" }).waitFor();
    await page.getByText("Write this code on paper").waitFor();
    await page.getByRole("radio", { name: "in order" }).check({ force: true });
    const send = page.locator(".button-main");
    expect(await send.isDisabled()).toBe(true);
    await context.setGeolocation(there);
    await page.getByRole("button", { name: "Say where I am" }).click();
    const files = page.locator("input[type=file]");
    const yesterday = taggedPicture(pictureOf("stones"), { taken: stamp(Date.now() - 86_400_000), offset: "+00:00" });
    await files.setInputFiles({ name: "a.jpg", mimeType: "image/jpeg", buffer: Buffer.from(yesterday) });
    await page.getByText("3 of 3 positions").waitFor();
    // The rules that will judge it speak first.
    await page.getByText("That was before the task was yours.").waitFor();
    const now = taggedPicture(pictureOf("stones"), { taken: stamp(Date.now()), place: vienna });
    await files.setInputFiles({ name: "a.jpg", mimeType: "image/jpeg", buffer: Buffer.from(now) });
    await page.getByText("As it is").waitFor({ state: "detached" });
    await reload(page);
    await page.getByText("3 of 3 positions").waitFor();
    await page.getByRole("img", { name: "Your photo" }).waitFor();
    await send.click();
    // What was taken back comes back with all that belongs to it.
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("3 of 3 positions").waitFor();
    await send.click();
    await comeBy(web().url, market);
    await expect.poll(() => web().labels(market), { timeout: 30_000 }).toContain("in order");
    expect(bodies.at(-1)).toMatchObject({ answer: "in order", evidence: { nonce: expect.stringMatching(/^\w{8}$/) } });

    // Another place can be given back at once.
    await page.getByRole("heading", { name: "Graz: in order?" }).waitFor();
    await page.getByRole("button", { name: "Give back" }).click();
    await page.getByText("Nothing to do here right now").waitFor();
  }, 120_000);
});
