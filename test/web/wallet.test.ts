import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { generateSigner, signerFromSeed } from "../../src/client/keys.ts";
import { toBase58 } from "../../src/core/bytes.ts";
import { browserPath, insecureHost, useVisitors } from "../support/browser.ts";
import { useTestWallet } from "../support/test-wallet.ts";
import { controlTasks, plainTasks, useWeb } from "../support/web.ts";

/** On a machine that does much else. */
const soon = { timeout: 30_000 };
const long = { timeout: 240_000 };
const password = "three wrong horses";

/** As docs/wallet.md describes it. */
interface RecoveryFile {
  readonly format: string;
  readonly address: string;
  readonly iterations: number;
  readonly salt: string;
  readonly nonce: string;
  readonly sealed: string;
}

/** The address of the key in a recovery file, opened without the page's code. */
async function openedByHand(file: RecoveryFile): Promise<string> {
  const bytes = (text: string): Buffer => Buffer.from(text, "base64");
  const key = pbkdf2Sync(password.normalize("NFKC"), bytes(file.salt), file.iterations, 32, "sha256");
  const opening = createDecipheriv("aes-256-gcm", key, bytes(file.nonce));
  opening.setAAD(Buffer.from(file.address));
  opening.setAuthTag(bytes(file.sealed).subarray(32));
  const seed = Buffer.concat([opening.update(bytes(file.sealed).subarray(0, 32)), opening.final()]);
  return toBase58((await signerFromSeed(seed)).publicKey);
}

/** Somebody who earned, and wants to keep it, move it and take it along. */
describe.skipIf(browserPath === null)("a wallet", () => {
  const web = useWeb();
  // Passkeys need a name for an address.
  const visit = useVisitors(() => web().url.replace("127.0.0.1", "localhost"));

  beforeAll(async () => {
    await web().openMarket({ newcomer: { answers: 50, budget: "2" } }, [...controlTasks(20), ...plainTasks(20)]);
  });

  /** Does the first page's task, and goes to the wallet once the money is there. */
  async function earner(page: Page): Promise<string> {
    await page.goto("/");
    await page.getByText("A pear").click();
    await page.getByRole("button", { name: "Send my answer" }).click();
    await page.getByText("Checked and paid. It is yours.").waitFor();
    await web().settle();
    await page.goto("/wallet");
    await page.locator(".balance-amount").getByText("0.02").waitFor();
    return await addressOf(page);
  }
  const addressOf = async (page: Page): Promise<string> =>
    (await page.locator(".balance .address code").getAttribute("title")) ?? "";
  const somewhere = async (): Promise<string> => toBase58((await generateSigner()).publicKey);

  it("is saved with a passkey, forgotten, and found again; and taken to another device in a file", long, async () => {
    const { page } = await visit();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        ctap2Version: "ctap2_1",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        hasPrf: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    const address = await earner(page);
    await page.getByText("Only in this browser").waitFor();
    await page.getByRole("button", { name: "Save with a passkey" }).click();
    await page.locator(".badge-paid").getByText("Saved").waitFor();
    const canRead =
      "(async () => (await new Promise((done) => { const open = indexedDB.open('earnest'); open.onsuccess = () => { const get = open.result.transaction('keys').objectStore('keys').get('wallet'); get.onsuccess = () => done(get.result); }; })).pair.privateKey.extractable)()";
    expect(await page.evaluate(canRead)).toBe(false);

    // The passkey is asked for the key, as this browser cannot read it any more.
    await page.getByRole("button", { name: "Save in a file" }).click();
    await page.getByLabel("Password").fill(password);
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download the file" }).click();
    const path = await (await downloading).path();
    const file = JSON.parse(readFileSync(path, "utf8")) as RecoveryFile;
    expect(await openedByHand(file)).toBe(address);

    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByText("Delete the key from this device").click();
    await page.getByText("The key is saved elsewhere").waitFor();
    const forget = page.getByRole("button", { name: "Delete from this device" });
    expect(await forget.isDisabled()).toBe(true);
    await page.getByText("I understand. Delete it.").click();
    await forget.click();
    await page.getByText("A pear").waitFor();
    await page.goto("/wallet");
    await page.getByText("There is no key in this browser yet.").waitFor();
    await page.getByText("I have a key on another device").click();
    await page.getByRole("button", { name: "Use the passkey" }).click();
    await expect.poll(() => addressOf(page), soon).toBe(address);

    const { page: phone } = await visit();
    await phone.goto("/wallet");
    await phone.getByText("I have a key on another device").click();
    await phone
      .getByLabel("Your recovery file")
      .setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from("{}") });
    await phone.getByText("That is no recovery file of Earnest.").waitFor();
    await phone.getByLabel("Your recovery file").setInputFiles(path);
    await phone.getByLabel("Password").fill("a wrong password");
    await phone.getByRole("button", { name: "Open it" }).click();
    await phone.getByText("The password does not open this file.").waitFor();
    await phone.getByLabel("Password").fill(password);
    await phone.getByRole("button", { name: "Open it" }).click();
    await expect.poll(() => addressOf(phone), soon).toBe(address);
    await phone.locator(".badge-paid").getByText("Saved").waitFor();
  });

  it("is told of in tables, and in one file with everything about its owner", async () => {
    const { page } = await visit();
    const address = await earner(page);
    const downloaded = async (press: string): Promise<string> => {
      const downloading = page.waitForEvent("download");
      await page.getByRole("button", { name: press }).click();
      return readFileSync(await (await downloading).path(), "utf8");
    };
    await page.goto("/earnings");
    await page.getByText("By the year").click();
    const year = String(new Date().getUTCFullYear());
    await page.locator("tfoot").getByText("0.02").waitFor();
    const csv = await downloaded(`Download ${year} as CSV`);
    expect(csv.trim().split("\n").at(-1)).toMatch(/^"?20\d\d-\d\d-\d\d"?,1,0\.02,0,0\.02,\w{32,44}$/);
    await page.getByLabel("Year").selectOption(String(Number(year) - 1));
    await page.getByText(`Nothing earned in ${Number(year) - 1}.`).waitFor();

    await page.getByRole("button", { name: "Settings" }).click();
    const own = JSON.parse(await downloaded("Download all of it"));
    expect(own).toMatchObject({
      format: "earnest/own-data/1",
      contributor: { key: address },
      wallet: { held: "0.02", withdrawals: [] },
      earnings: [{ answers: 1, earned: "0.02" }],
      verdicts: [{ state: "accepted", reward: "0.02" }],
      inBrowser: { answers: [{ offered: "0.02" }], answersOnTheirWay: [] },
    });
    expect(JSON.stringify(own)).not.toContain("saltSecret");
  });

  it("tells its owner of a verdict while the page is behind others", async () => {
    const shared = await web().openMarket({ overlap: { min: 2, max: 3, target: 0.6 } }, plainTasks(1, "told"));
    const { page, context, complaints } = await visit();
    await context.grantPermissions(["notifications"]);
    await page.goto(`/desk/${shared}`);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByLabel("Notify me").check();
    await page.keyboard.press("Escape");
    await page.getByText("A pear").click();
    await page.getByRole("button", { name: "Send" }).click();
    await page.goto("/earnings");
    await page.getByText("1 answer waits").waitFor();
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)");
    await page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })");
    const cdp = await context.newCDPSession(page);
    const told: string[] = [];
    cdp.on(
      "BackgroundService.backgroundServiceEventReceived",
      ({ backgroundServiceEvent: { eventName, eventMetadata } }) => {
        if (eventName === "Notification displayed") {
          told.push(...eventMetadata.filter(({ key }) => key === "Title").map(({ value }) => value));
        }
      },
    );
    await cdp.send("BackgroundService.startObserving", { service: "notifications" });
    await cdp.send("BackgroundService.setRecording", { service: "notifications", shouldRecord: true });
    const person = await web().person();
    const [offer] = await person.assign(shared);
    await person.submit(shared, { slot: offer?.slot ?? "", body: { answer: "b" } });
    await expect.poll(() => told, soon).toEqual(["Paid: 0.02 EARN"]);
    // What the network sends through a push service, as Chromium gives it to the service worker.
    const registered = new Promise<string>((resolve) => {
      cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations: [first] }) => {
        if (first !== undefined) resolve(first.registrationId);
      });
    });
    await cdp.send("ServiceWorker.enable");
    await cdp.send("ServiceWorker.deliverPushMessage", {
      origin: new URL(page.url()).origin,
      registrationId: await registered,
      data: JSON.stringify({ reward: "0.05", title: "Is the pear ripe?" }),
    });
    await expect.poll(() => told, soon).toEqual(["Paid: 0.02 EARN", "0.05 EARN"]);
    // A private window has no push service: it says so, and goes on.
    for (const complaint of complaints.splice(0)) expect(complaint).toContain("Push API in incognito mode");
    await web().closeMarket(shared);
  });

  it("asks the browser's push service to tell of work, and says what it does", async () => {
    const { page, context } = await visit();
    await context.grantPermissions(["notifications"]);
    await earner(page);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByText("Where the browser has a push service").waitFor();
    // There is no push service within reach of a test: a subscription as one gives it.
    await page.evaluate(`
      const made = { endpoint: "https://push.example/of-this-browser", options: {} };
      made.getKey = (name) => new Uint8Array(name === "auth" ? 16 : 65).fill(4).buffer;
      made.unsubscribe = async () => ((PushManager.prototype.getSubscription = async () => null), true);
      PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
        made.options.applicationServerKey = applicationServerKey.buffer;
        PushManager.prototype.getSubscription = async () => made;
        return made;
      }`);
    const asked: string[] = [];
    page.on("response", (answer) => {
      if (answer.url().includes("/notice-address")) asked.push(`${answer.request().method()} ${answer.status()}`);
    });
    await page.getByLabel("Notify me").check();
    await page.getByText("It sees that a message came, not what it says.").waitFor();
    await page.getByLabel("Notify me").uncheck();
    await expect.poll(() => asked, soon).toEqual(["PUT 204", "POST 204"]);
  });

  it("says why a passkey cannot keep it, and warns of what is lost without one", async () => {
    const { page } = await visit();
    await earner(page);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.getByRole("button", { name: "Save with a passkey" }).click();
    await page.getByText("This passkey gives no secret to wrap a key with").waitFor();
    await page.getByText("Only in this browser").waitFor();
    await page.getByText("I have a key on another device").click();
    await page.getByText("It earned 0.02 EARN: without it, what is not sent on is lost for good.").waitFor();
    expect(await page.getByRole("button", { name: "Use the passkey" }).isDisabled()).toBe(true);
    await page.goto("/earnings");
    await page.getByRole("link", { name: "Keep my key" }).waitFor();
  });

  it("says what a page without HTTPS cannot do, and stays the same there", async () => {
    const { page } = await visit();
    await page.goto(`http://${insecureHost}:${new URL(web().url).port}/`);
    await page.getByText("A pear").click();
    await page.getByRole("button", { name: "Send my answer" }).click();
    await page.getByText("Checked and paid. It is yours.").waitFor();
    await page.locator(".tab").nth(3).click();
    const address = await addressOf(page);
    await page.getByText("This needs HTTPS, and this page came without it.").first().waitFor();
    expect(await page.getByRole("button", { name: "Save with a passkey" }).isDisabled()).toBe(true);
    await page.reload();
    await expect.poll(() => addressOf(page), soon).toBe(address);
    await page.goto(`${web().url}/wallet`);
    await page.getByText("I have a key on another device").click();
    await page.getByText("Passkeys need a page whose address is a name").waitFor();
  });

  it("sends what it holds to any address, and says what became of it or why not", long, async () => {
    const { page } = await visit();
    const own = await earner(page);
    const to = await somewhere();
    const address = page.getByLabel("To which address");
    await address.fill("0OIl".repeat(10));
    await page.getByText("That is no address of Solana.").waitFor();
    await address.fill(own);
    await page.getByText("That is this very address.").waitFor();
    // What would be lost is refused, with what to do instead.
    const { mint } = (await (await page.request.get("/v1/network")).json()) as { mint: string };
    await address.fill(mint);
    await page.getByRole("button", { name: "All", exact: true }).click();
    await page.getByRole("button", { name: "Look before sending" }).click();
    await page.getByText("Name a wallet’s address.").waitFor();
    await page.getByText("TRANSFER_REFUSED").waitFor();
    await address.fill(to);
    const amount = page.getByLabel("Amount of EARN");
    await amount.fill("1");
    await page.getByText("That is more than there is").waitFor();
    await amount.fill("0,0125");
    await page.getByRole("button", { name: "Look before sending" }).click();
    await page.getByText("Is this right?").waitFor();
    await page.locator(".plan").getByText("0.0125").waitFor();
    expect(await page.locator(".plan .address code").getAttribute("title")).toBe(to);
    await page.getByText("A wallet on Solana keeps each sort of token in an account of its own").waitFor();
    await page.getByRole("button", { name: "Send now" }).click();
    await page.locator(".rows").getByText("Confirmed").waitFor();
    expect(await web().heldBy(to)).toBe("0.0125");
    await page.locator(".balance-amount").getByText("0.0075").waitFor();

    // All of the rest, to where an account is already.
    await address.fill(to);
    await page.getByRole("button", { name: "All", exact: true }).click();
    await page.getByRole("button", { name: "Look before sending" }).click();
    await page.locator(".plan").getByText("0.0075").waitFor();
    expect(await page.getByText("A wallet on Solana keeps each sort").count()).toBe(0);
    await page.getByRole("button", { name: "Send now" }).click();
    await page.locator(".rows .badge-paid").nth(1).waitFor();
    await page.getByText("There is nothing in the wallet to send yet.").waitFor();

    // Of a token whose issuer can freeze accounts, whoever holds some is told.
    expect(await page.getByText("can freeze accounts that hold it").count()).toBe(0);
    await page.route("**/v1/network", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...((await response.json()) as object), canFreeze: true } });
    });
    await page.reload();
    await page.locator(".rows .badge-paid").nth(1).waitFor();
    await page.getByText("can freeze accounts that hold it").waitFor();
  });

  it(
    "is linked: a wallet that somebody has gets what is earned from then on, and what is there already",
    long,
    async () => {
      const { page } = await visit();
      const linked = await useTestWallet(page);
      const own = await earner(page);
      await page.getByRole("button", { name: "Link Test Wallet" }).click();
      await page.getByText("From the next settlement on, what you earn goes to this wallet").waitFor();
      expect(await page.evaluate("window.testWallet.signed.at(-1)")).toContain(own);
      await page.getByRole("button", { name: "Send what is here there too" }).click();
      expect(await page.getByLabel("To which address").inputValue()).toBe(linked);
      await page.getByRole("button", { name: "Look before sending" }).click();
      await page.getByRole("button", { name: "Send now" }).click();
      await page.locator(".rows").getByText("Confirmed").waitFor();
      expect(await web().heldBy(linked)).toBe("0.02");
      await page.goto("/desk");
      await page.getByText("A pear").click();
      await page.keyboard.press("Enter");
      await expect.poll(() => page.locator(".ticker").innerText(), soon).toBe("0.04 EARN");
      await web().settle();
      await expect.poll(() => web().heldBy(linked), soon).toBe("0.04");
      await page.goto("/wallet");
      await page.getByRole("button", { name: "Be paid by this browser’s key again" }).click();
      await page.getByText("What you earn is paid to the key of this browser").waitFor();
    },
  );

  it("may be another program’s from the first answer on, which is asked once", async () => {
    const { page } = await visit();
    const linked = await useTestWallet(page);
    await page.goto("/wallet");
    await page.getByText("I have a key on another device").click();
    await page.getByRole("button", { name: "Work with Test Wallet" }).click();
    await expect.poll(() => addressOf(page), soon).toBe(linked);
    await page.getByText("Your tokens are in Test Wallet.").waitFor();
    const asked = (): Promise<number> => page.evaluate("window.testWallet.signed.length");
    await page.reload();
    await expect.poll(() => addressOf(page), soon).toBe(linked);
    expect(await asked()).toBe(0);
    await page.goto("/");
    await page.getByText("A pear").click();
    await page.getByRole("button", { name: "Send my answer" }).click();
    await page.getByText("Checked and paid. It is yours.").waitFor();
    expect(await asked()).toBe(0);
    await web().settle();
    expect(await web().heldBy(linked)).toBe("0.02");
  });
});
