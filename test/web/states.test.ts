import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { violations } from "../support/axe.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { controlTasks, plainTasks, useWeb } from "../support/web.ts";
import { fault } from "../support/web-fault.ts";

/** Every screen while it waits, where there is nothing, where something fails, and without a connection. */
describe.skipIf(browserPath === null)("every screen", () => {
  const web = useWeb();
  const visit = useVisitors(() => web().url);
  const main = (page: Page): Promise<string> => page.locator("main").innerText();

  it("says what to do where there is nothing yet", async () => {
    const { page } = await visit();
    for (const [path, text] of [
      ["/", "No task for newcomers is open right now."],
      ["/desk", "This page looks again every few seconds"],
      ["/find", "No market offers work right now."],
      ["/earnings", "Nothing earned in this browser yet."],
      ["/nowhere", "There is nothing at this address."],
    ] as const) {
      await page.goto(path);
      await page.getByText(text).first().waitFor();
      expect(await violations(page), path).toEqual([]);
    }
  });

  it("waits, fails and is away in so many words, and comes back by itself", async () => {
    await web().openMarket({}, [...controlTasks(12), ...plainTasks(6)]);
    const { page, context, complaints } = await visit();
    await page.goto("/");
    await page.getByText("A pear").click();
    await page.getByRole("button", { name: "Send my answer" }).click();
    await page.getByText("Checked and paid. It is yours.").waitFor();
    const receipt = (await page.locator(".slip dd a").getAttribute("href")) ?? "";
    const screens = ["/", "/desk", "/find", "/earnings", "/wallet", receipt];
    for (const path of screens) {
      let isAnswered = false;
      await page.route("**/v1/**", async (route) => {
        // Held until the screen has said that it waits; then a fault of the server's.
        while (!isAnswered) await new Promise((resolve) => setTimeout(resolve, 20));
        await route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(fault) });
      });
      await page.goto(path);
      await page.locator("main").getByText("One moment…").first().waitFor();
      expect(await violations(page), `${path} waiting`).toEqual([]);
      isAnswered = true;
      await page.getByText("Something failed here. Ask again later.").first().waitFor();
      expect(await main(page), path).toContain("INTERNAL_ERROR");
      expect(await violations(page), `${path} failed`).toEqual([]);
      await page.unroute("**/v1/**");
      await page.getByRole("button", { name: "Try again" }).first().click();
      await expect.poll(() => main(page), { timeout: 20_000 }).not.toMatch(/INTERNAL_ERROR|One moment/);
    }
    await page.waitForFunction("navigator.serviceWorker.ready.then(() => true)");
    await context.setOffline(true);
    for (const path of screens) {
      await page.goto(path);
      await page.getByText("No connection. What you answer is kept here").waitFor();
      // At work there may be tasks that were taken before.
      await page.locator("main").getByText("SERVER_UNAVAILABLE").or(page.locator(".task-question")).first().waitFor();
      expect(await violations(page), `${path} offline`).toEqual([]);
    }
    await context.setOffline(false);
    await expect.poll(() => main(page), { timeout: 20_000 }).not.toMatch(/SERVER_UNAVAILABLE|One moment/);
    await page.locator(".strip").waitFor({ state: "detached" });
    // The browser itself complains of every request that failed.
    complaints.splice(0);
  });

  it("goes on in a new session where the old one has ended", async () => {
    const { page } = await visit();
    let token = "";
    let signIns = 0;
    page.on("response", (response) => {
      const isSignIn = response.url().endsWith("/v1/sessions") && response.ok();
      if (!isSignIn) return;
      signIns++;
      response.json().then(
        (session: { token: string }) => {
          token = session.token;
        },
        () => undefined,
      );
    });
    await page.goto("/");
    await page.getByText("A pear").click();
    await page.getByRole("button", { name: "Send my answer" }).click();
    await page.getByText("Checked and paid. It is yours.").waitFor();
    const endSession = async (): Promise<void> => {
      const ended = await fetch(`${web().url}/v1/sessions/current`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${token}` },
      });
      // Looking for work needs none, and so does not make a new one.
      expect([204, 401]).toContain(ended.status);
    };
    for (const [tab, text] of [
      ["Find work", "Small judgements"],
      ["Earnings", "0.02"],
      ["Work", "Which of these is a fruit"],
    ] as const) {
      await endSession();
      await page.getByRole("link", { name: tab, exact: true }).click();
      await page.locator("main").getByText(text).first().waitFor();
      expect(await page.getByRole("alert").count(), tab).toBe(0);
    }
    await page.getByRole("link", { name: "Earnings", exact: true }).click();
    await page.locator("main details summary").last().click();
    const csv = page.getByRole("button", { name: /CSV|table/ });
    await csv.waitFor();
    await endSession();
    const [file] = await Promise.all([page.waitForEvent("download"), csv.click()]);
    expect(file.suggestedFilename()).toMatch(/^earnest-\d{4}\.csv$/);
    expect(signIns).toBeGreaterThanOrEqual(4);
  });

  it("stands still for who wants no motion", async () => {
    /** Milliseconds of what moves longest, and of what would in a screen that moves. */
    const longest = async (reducedMotion: "reduce" | "no-preference"): Promise<number> => {
      const { page } = await visit({ reducedMotion });
      await page.goto("/find");
      await page.locator(".tab").first().waitFor();
      await page.getByRole("button", { name: "Settings" }).click();
      await page.locator("dialog").waitFor();
      return await page.evaluate(`Math.max(...[...document.querySelectorAll("*")].flatMap((each) => {
        const { transitionDuration, animationDuration } = getComputedStyle(each);
        return (transitionDuration + "," + animationDuration).split(",").map((text) => Number.parseFloat(text) * 1_000);
      }))`);
    };
    expect(await longest("no-preference")).toBeGreaterThan(100);
    expect(await longest("reduce")).toBe(0);
  });

  it("can be installed", async () => {
    const { page, context } = await visit();
    await page.goto("/");
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)");
    const cdp = await context.newCDPSession(page);
    const { errors, data } = await cdp.send("Page.getAppManifest");
    expect(errors).toEqual([]);
    expect(JSON.parse(data ?? "")).toMatchObject({ name: "Earnest", display: "standalone", start_url: "/" });
    const { installabilityErrors } = await cdp.send("Page.getInstallabilityErrors");
    // The windows of tests are private ones.
    expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual([]);
  });
});
