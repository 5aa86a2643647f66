import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { NewMarket } from "../../src/contract/markets.ts";
import type { Json } from "../../src/core/json.ts";
import { browserPath, useVisitors } from "../support/browser.ts";
import { useWeb } from "../support/web.ts";

/** A way to answer: a market of one task, how somebody answers it, and what the network must settle on then. */
interface Asked {
  readonly market: Partial<NewMarket>;
  readonly content: Json;
  readonly answer: (page: Page) => Promise<void>;
  readonly label: Json;
}

const send = (page: Page) => page.locator(".actions .button-main");
const mark = (page: Page, text: string) => page.locator(".mark").getByText(text, { exact: true });

const number: Asked = {
  market: { answer: { type: "number", min: 0, max: 50, decimals: 1 } },
  content: { question: "How long is it?" },
  async answer(page) {
    const field = page.getByRole("textbox", { name: "How long is it?" });
    await field.fill("99");
    await page.getByRole("status").getByText("From 0 to 50").waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(await send(page).isDisabled()).toBe(true);
    await field.fill("١٢,44");
    await page.getByText("Decimals at most: 1.").waitFor();
    await field.fill("12,4");
    await page.getByText("= 12.4").waitFor();
    await field.press("ArrowUp");
    await page.getByRole("button", { name: "More" }).click();
    await page.getByText("= 12.6").waitFor();
    await page.reload();
    await page.getByText("= 12.6").waitFor();
    expect(await field.inputValue()).toBe("12.6");
  },
  label: 12.6,
};

const slider: Asked = {
  market: { answer: { type: "scale", min: 0, max: 100 } },
  content: { question: "How sure are you?" },
  async answer(page) {
    const range = page.getByRole("slider", { name: "How sure are you?" });
    expect(await range.getAttribute("aria-valuetext")).toBe("Nothing chosen yet");
    expect(await send(page).isDisabled()).toBe(true);
    await range.press("ArrowRight");
    await page.getByRole("button", { name: "Less" }).click();
    await expect.poll(() => range.getAttribute("aria-valuetext")).toBe("50");
    await range.press("End");
  },
  label: 100,
};

const ranking: Asked = {
  market: { answer: { type: "ranking", items: ["tea", "milk", "water", "juice"] } },
  content: { question: "Which do you like best?", choices: [{ id: "tea", label: "Green tea" }] },
  async answer(page) {
    const order = async () => (await page.locator(".rank .option-text").allInnerTexts()).map((each) => each.trim());
    await page.getByRole("button", { name: "milk" }).waitFor();
    await page.keyboard.press("2");
    await page.getByRole("button", { name: "Green tea" }).click();
    expect(await order()).toEqual(["milk", "Green tea"]);
    await page.reload();
    await expect.poll(order).toEqual(["milk", "Green tea"]);
    await page.keyboard.press("4");
    // The last place follows by itself.
    await expect.poll(order).toEqual(["milk", "Green tea", "juice", "water"]);
    await page.getByRole("button", { name: "Place 4: water" }).press("ArrowUp");
    await expect.poll(order).toEqual(["milk", "Green tea", "water", "juice"]);
    await page.getByRole("button", { name: "Move Green tea up" }).click();
    await expect.poll(order).toEqual(["Green tea", "milk", "water", "juice"]);
    const [from, to] = [page.locator(".rank-hold").nth(3), page.locator(".rank-hold").nth(0)];
    await from.hover();
    await page.mouse.down();
    await to.hover();
    await page.mouse.up();
    await expect.poll(order).toEqual(["juice", "Green tea", "milk", "water"]);
    await page.getByText("juice is now at place 1.").waitFor({ state: "attached" });
    await page.keyboard.press("Control+z");
    await expect.poll(order).toEqual(["Green tea", "milk", "water", "juice"]);
  },
  label: ["tea", "milk", "water", "juice"],
};

const search: Asked = {
  market: { answer: { type: "choices", choices: Array.from({ length: 300 }, (_, i) => `plant-${i}`), max: 2 } },
  content: { question: "Which plants are these?" },
  async answer(page) {
    await page.getByRole("searchbox").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("plant-29");
    await page.getByText("Found: 11").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("searchbox").fill("299");
    await page.keyboard.press("Enter");
    await page.getByRole("searchbox").fill("17");
    expect(await page.getByRole("checkbox", { name: "plant-17", exact: true }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Remove plant-29", exact: true }).click();
    await page.getByRole("checkbox", { name: "plant-17", exact: true }).check();
  },
  label: ["plant-17", "plant-299"],
};

/** Where a word is on the screen. */
const placeOf = async (page: Page, word: string): Promise<{ readonly x: number; readonly y: number }> =>
  await page.evaluate(`(() => {
    const walker = document.createTreeWalker(document.querySelector(".span-text"), NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const found = node.data.indexOf(${JSON.stringify(word)});
      if (found < 0) continue;
      const range = document.createRange();
      range.setStart(node, found);
      range.setEnd(node, found + ${word.length});
      const { left, top, width, height } = range.getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    }
  })()`);

const spans: Asked = {
  market: { answer: { type: "spans", labels: ["person", "place"], charactersMax: 100 } },
  content: {
    question: "Who and where?",
    content: [{ type: "text", label: "Story", text: "Ada Lovelace met Charles Babbage in London." }],
  },
  async answer(page) {
    const text = page.getByRole("textbox", { name: "The text" });
    await text.waitFor();
    expect(await send(page).isDisabled()).toBe(true);
    for (const word of ["Ada", "Lovelace"]) {
      const { x, y } = await placeOf(page, word);
      await page.touchscreen.tap(x, y);
    }
    await page.getByText("“Ada Lovelace”").waitFor();
    await page.getByRole("button", { name: "person" }).click();
    await mark(page, "Ada Lovelace").waitFor();
    // By keyboard: from the last word backwards, and its label by number.
    await text.focus();
    for (let back = 0; back < 2; back++) await page.keyboard.press("ArrowLeft");
    await page.getByText("“London”").waitFor();
    await page.keyboard.press("2");
    await mark(page, "London").waitFor();
    await page.reload();
    await mark(page, "London").waitFor();
    // By mouse, and then a character less at its end.
    const [from, to] = [await placeOf(page, "Charles"), await placeOf(page, "Babbage")];
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(to.x, to.y, { steps: 4 });
    await page.mouse.up();
    await page.getByText("“Charles Babbage”").waitFor();
    await page.keyboard.press("1");
    await mark(page, "Charles Babbage").click();
    await page.getByRole("button", { name: "End one character earlier" }).click();
    await mark(page, "Charles Babbag").waitFor();
    await page.keyboard.press("Control+z");
    await mark(page, "Charles Babbage").waitFor();
  },
  label: [
    { start: 0, end: 12, label: "person" },
    { start: 17, end: 32, label: "person" },
    { start: 36, end: 42, label: "place" },
  ],
};

describe.skipIf(browserPath === null)("somebody who answers", () => {
  const web = useWeb();
  const visit = useVisitors(() => web().url);

  it("does so by thumb, by mouse and by keyboard, loses nothing by a reload, and says what they meant", async () => {
    const { page } = await visit({ hasTouch: true });
    const settling: { readonly id: string; readonly label: Json }[] = [];
    for (const { market, content, answer, label } of [number, slider, ranking, search, spans]) {
      const id = await web().openMarket({ ...market, overlap: { min: 1, max: 1, target: 0.5 } }, [
        { id: "one", content },
      ]);
      await page.goto(`/desk/${id}`);
      await page.locator(".task-question").waitFor();
      await answer(page);
      await page.keyboard.press("Control+Enter");
      // Until then it is not kept.
      await page.getByText("Nothing to do here right now").waitFor();
      settling.push({ id, label });
    }
    for (const { id, label } of settling)
      await expect.poll(() => web().labels(id), { timeout: 30_000 }).toEqual([label]);
  });
});
