import { beforeAll, describe, expect, it } from "vitest";
import { browserPath, insecureHost, useVisitors } from "../support/browser.ts";
import { runCli } from "../support/cli.ts";
import { controlTasks, plainTasks, useWeb } from "../support/web.ts";

/** A stranger with a browser and nothing else earns, in two taps, through everything that is real. */
describe.skipIf(browserPath === null)("a stranger", () => {
  const web = useWeb();
  const visit = useVisitors(() => web().url);

  beforeAll(async () => {
    await web().openMarket({}, [...controlTasks(12), ...plainTasks(4)]);
  });

  it("earns in two taps, and holds a receipt that attestors complete and the page checks", async () => {
    const { page } = await visit();
    const looks: string[] = [];
    page.on("request", (request) => looks.push(new URL(request.url()).pathname));
    await page.goto("/");
    await page.getByText("A pear").click();
    await page.getByRole("button", { name: "Send my answer" }).click();
    await page.getByText("Checked and paid. It is yours.").waitFor();
    // The task that was asked for ahead is the one that is shown.
    expect(looks.filter((path) => path.startsWith("/v1/work"))).toEqual(["/v1/work/first"]);
    expect(await page.locator(".slip-amount").innerText()).toBe("+0.02 EARN");
    await expect.poll(() => page.locator(".ticker").innerText()).toBe("0.02 EARN");
    await page.getByRole("link", { name: /entry \d+ of the log/ }).click();
    await page.getByText("Genuine: checked in this page").waitFor();
    // The page waits for the commit, which completes the receipt.
    await page.getByText("by 2 of 3 attestors, who replayed the log").waitFor();
    expect(await page.locator(".facts").first().innerText()).toContain("Paid · +0.02 EARN");
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save this receipt" }).click();
    const { exitCode, json } = await runCli(["receipts", "verify", await (await saved).path(), "--json"]);
    expect(json).toMatchObject({ ok: true, verified: 1, submissions: { completed: 1, first: 0, paid: "20000" } });
    expect(exitCode).toBe(0);

    // Whoever doubts changes one bit, and sees which hash is another.
    await page.locator("summary").click();
    const root = await page.locator(".facts .hash").nth(1).innerText();
    const genuine = await page.locator(".entries .hash").allInnerTexts();
    expect(genuine.filter((hash) => hash === root)).toHaveLength(genuine.length / 2);
    await page.getByRole("button", { name: "Change one bit of it" }).click();
    await page.getByText("This receipt is not genuine").waitFor();
    // The last entry: its own hash, where its path leads now, and the root that it does not lead to.
    const broken = await page.locator(".entries li:last-child .hash").allInnerTexts();
    expect(broken).toHaveLength(3);
    expect(genuine).not.toContain(broken[0]);
    expect(broken[1]).not.toBe(root);
    expect(broken[2]).toBe(root);
    await page.getByRole("button", { name: "Undo the change" }).click();
    await page.getByText("Genuine: checked in this page").waitFor();
  });

  it("is the same contributor after coming back", async () => {
    const { page } = await visit();
    await page.goto("/");
    await page.getByText("A pear").click();
    await page.getByRole("button", { name: "Send my answer" }).click();
    await page.getByText("Checked and paid").waitFor();
    await page.goto("/earnings");
    const key = await page.locator(".meters code").getAttribute("title");
    await page.reload();
    await expect.poll(() => page.locator(".meters code").getAttribute("title")).toBe(key);
    expect(await page.locator(".balance-amount").innerText()).toBe("0.02 EARN");
    await page.locator(".rows a").first().click();
    await page.getByText("Genuine: checked in this page").waitFor();
  });

  it("earns on a page without HTTPS too, where there is no WebCrypto", async () => {
    const { page } = await visit();
    await page.goto(`http://${insecureHost}:${new URL(web().url).port}/`);
    expect(await page.evaluate("[isSecureContext, crypto.subtle === undefined]")).toEqual([false, true]);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByText("This page came without HTTPS.").waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("A pear").click();
    await page.getByRole("button", { name: "Send my answer" }).click();
    await page.getByText("Checked and paid. It is yours.").waitFor();
    await page.getByRole("link", { name: /entry \d+ of the log/ }).click();
    await page.getByText("Genuine: checked in this page").waitFor();
  });

  it("is told the rule when the answer is wrong, and appeals with one tap", async () => {
    // A market of its own: whoever else gets the appealed task sits on the appeal's panel.
    const market = await web().openMarket({ reward: "0.03" }, [...controlTasks(8), ...plainTasks(4)]);
    const { page } = await visit();
    await page.goto("/");
    await page.getByText("A cloud").click();
    await page.getByRole("button", { name: "Send my answer" }).click();
    await page.getByText("The answer to this task was known, and yours is another.").first().waitFor();
    await page.getByRole("button", { name: "Why?" }).click();
    await page.getByText("CONTROL_MISSED").waitFor();
    await page.getByRole("button", { name: "Appeal" }).click();
    await page.getByText("Appealed. Others look at it now").waitFor();
    await web().closeMarket(market);
  });
});
