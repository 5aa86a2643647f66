import { createHash } from "node:crypto";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { NewMarket } from "../../src/contract/markets.ts";
import type { Json } from "../../src/core/json.ts";
import { browserPath, reload, useVisitors } from "../support/browser.ts";
import { useWeb } from "../support/web.ts";

/** A way to answer: a market of one task, how somebody answers it, and what the network must settle on then. */
interface Asked {
  readonly market: Partial<NewMarket>;
  readonly content: Json;
  readonly answer: (page: Page) => Promise<void>;
  readonly label: Json;
  /** What else its body must have. */
  readonly check?: (body: { readonly [field: string]: Json }) => void;
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
    await reload(page);
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
    await reload(page);
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
    await reload(page);
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

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100" viewBox="0 0 200 100"><rect width="200" height="100" fill="#dde"/><circle cx="50" cy="50" r="30" fill="#a33"/></svg>`;
const picture = { question: "Where is it?", content: [{ type: "svg", label: "Scene", svg, alt: "a red disc" }] };
const frame = { width: 200, height: 100 };

/** Where a place of the picture is on the screen. */
async function onPicture(
  page: Page,
  [x, y]: readonly [number, number],
): Promise<{ readonly x: number; readonly y: number }> {
  await page.locator(".stage svg").waitFor({ state: "attached" });
  await page.locator(".stage").scrollIntoViewIfNeeded();
  const box = await page.locator(".stage").boundingBox();
  if (box === null) throw new Error("there is no picture");
  return { x: box.x + (x / frame.width) * box.width, y: box.y + (y / frame.height) * box.height };
}

const tapPicture = async (page: Page, place: readonly [number, number]): Promise<void> => {
  const { x, y } = await onPicture(page, place);
  await page.touchscreen.tap(x, y);
};

async function dragPicture(page: Page, a: readonly [number, number], b: readonly [number, number]): Promise<void> {
  const [from, to] = [await onPicture(page, a), await onPicture(page, b)];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 3 });
  await page.mouse.up();
}

const measures = (page: Page): Promise<number[]> =>
  page
    .locator(".measure input")
    .evaluateAll((all) => all.map((each) => (each as unknown as { valueAsNumber: number }).valueAsNumber));

const boxes: Asked = {
  market: { answer: { type: "boxes", labels: ["disc", "shade"], frame, boxesMax: 3 } },
  content: picture,
  async answer(page) {
    const stage = page.getByRole("application", { name: "The picture" });
    await stage.waitFor();
    expect(await send(page).isDisabled()).toBe(true);
    // With a thumb: two corners, and then exactly.
    await tapPicture(page, [20, 20]);
    await page.getByText("First corner set.").waitFor({ state: "attached" });
    await tapPicture(page, [80, 80]);
    await expect.poll(async () => (await measures(page)).length).toBe(4);
    for (const [i, near] of [20, 20, 60, 60].entries())
      expect(Math.abs(((await measures(page))[i] ?? 0) - near)).toBeLessThan(4);
    for (const [name, value] of [
      ["Left", "20"],
      ["Top", "20"],
      ["Width", "60"],
      ["Height", "60"],
    ] as const) {
      await page.getByRole("spinbutton", { name }).fill(value);
      await page.getByRole("spinbutton", { name }).press("Enter");
    }
    await mark(page, "60 × 60 px").waitFor();
    // By mouse: drawn, moved, and away with it.
    await page.getByRole("button", { name: "Let go" }).click();
    await dragPicture(page, [120, 20], [160, 60]);
    await expect.poll(async () => (await measures(page)).length).toBe(4);
    const [left = 0] = await measures(page);
    await dragPicture(page, [140, 40], [150, 40]);
    await expect.poll(async () => Math.abs(((await measures(page))[0] ?? 0) - left - 10) < 3).toBe(true);
    await page.keyboard.press("Delete");
    await expect.poll(() => page.locator(".mark").count()).toBe(1);
    await page.keyboard.press("Control+z");
    await expect.poll(() => page.locator(".mark").count()).toBe(2);
    await page.locator(".mark").nth(1).getByRole("button", { name: "Remove" }).click();
    // By keyboard alone: a corner in the middle, ten steps right and down, the other, then its label.
    await page.getByText("Undo", { exact: true }).last().waitFor();
    await stage.focus();
    await page.keyboard.press("Space");
    for (let steps = 0; steps < 10; steps++) {
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowDown");
    }
    await page.keyboard.press("Space");
    await mark(page, "20 × 10 px").waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("2");
    await page.getByText("shade: 22 × 10 px. Left 98, top 50").waitFor({ state: "attached" });
    await reload(page);
    await mark(page, "22 × 10 px").waitFor();
  },
  label: [
    { label: "disc", x: 20, y: 20, width: 60, height: 60 },
    { label: "shade", x: 98, y: 50, width: 22, height: 10 },
  ],
};

const areas: Asked = {
  market: { answer: { type: "polygons", labels: ["disc"], frame, polygonsMax: 2, verticesMax: 5 } },
  content: picture,
  async answer(page) {
    const stage = page.getByRole("application", { name: "The picture" });
    await stage.waitFor();
    // An area that is not whole is kept, and is no answer.
    await tapPicture(page, [40, 20]);
    await tapPicture(page, [80, 40]);
    await reload(page);
    await mark(page, "Corners: 2").waitFor();
    expect(await send(page).isDisabled()).toBe(true);
    await tapPicture(page, [40, 80]);
    await mark(page, "Corners: 3").waitFor();
    await tapPicture(page, [40, 20]);
    await page.getByRole("button", { name: "Next corner" }).waitFor();
    for (const [x, y] of [
      ["40", "20"],
      ["80", "40"],
      ["40", "80"],
    ] as const) {
      await page.getByRole("button", { name: "Next corner" }).click();
      await page.getByRole("spinbutton", { name: "Left" }).fill(x);
      await page.getByRole("spinbutton", { name: "Top" }).fill(y);
      await page.getByRole("spinbutton", { name: "Top" }).press("Enter");
    }
    await page.getByRole("button", { name: "Add a corner" }).click();
    await mark(page, "Corners: 4").waitFor();
    await page.getByRole("button", { name: "Remove the corner" }).click();
    await mark(page, "Corners: 3").waitFor();
    await page.keyboard.press("Control+z");
    await page.keyboard.press("Control+z");
    await mark(page, "Corners: 3").waitFor();
    // By keyboard: three corners, Enter closes, then one of them moves.
    await stage.focus();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Space");
    for (let steps = 0; steps < 5; steps++) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    for (let steps = 0; steps < 5; steps++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    await page.keyboard.press("v");
    await page.keyboard.press("Control+ArrowLeft");
    await page.getByText("Corner 1: Left 99, top 50").waitFor({ state: "attached" });
    await page.getByText("No more than 2 can be marked.").waitFor();
  },
  label: [
    {
      label: "disc",
      points: [
        [40, 20],
        [40, 80],
        [80, 40],
      ],
    },
    {
      label: "disc",
      points: [
        [99, 50],
        [110, 50],
        [110, 55],
      ],
    },
  ],
};

/** A photograph that no JPEG makes small: noise, as a bitmap. */
function noise(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(54 + width * height * 3);
  bytes.write("BM");
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  let state = 1;
  for (let i = 54; i < bytes.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

const here = { latitude: 48.2082, longitude: 16.3738, accuracy: 8 };
const report: Asked = {
  market: {
    answer: { type: "text", charactersMax: 200 },
    template: {
      id: "report",
      parameters: { question: "Is the shop open?", track: "walk", required: ["photo", "track"] },
    },
    known: { place: { latitudeE7: 482_082_000, longitudeE7: 163_738_000 } },
    verification: {
      all: [
        {
          witness: {
            type: "track",
            name: "walk",
            sightingsMin: 1,
            distanceMmMax: 150_000,
            accuracyMmMax: 30_000,
            speedMmPerSecondMax: 60_000,
          },
        },
      ],
    },
  },
  content: { text: "Hauptplatz 1" },
  async answer(page) {
    await page.getByRole("textbox", { name: "What you found" }).fill("Open until six.");
    expect(await send(page).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Say where I am" }).click();
    await page.getByText("48.2082°, 16.3738° ± 8 m").first().waitFor();
    const file = page.locator("input[type=file]");
    await file.setInputFiles({ name: "x.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
    await page.getByText("This photo cannot be read.").waitFor();
    await file.setInputFiles({ name: "x.bmp", mimeType: "image/bmp", buffer: noise(900, 600) });
    await page.getByRole("img", { name: "Your photo" }).waitFor();
    await reload(page);
    await page.getByRole("img", { name: "Your photo" }).waitFor();
  },
  label: "Open until six.",
  check({ photo, evidence }) {
    const bytes = Buffer.from(String(photo).slice("data:image/jpeg;base64,".length), "base64");
    expect(bytes.length).toBeLessThanOrEqual(30_000);
    expect(bytes.subarray(0, 3).toString("hex")).toBe("ffd8ff");
    expect(evidence).toMatchObject({
      digests: { photo: createHash("sha256").update(bytes).digest("hex") },
      tracks: { walk: [{ latitudeE7: 482_082_000, longitudeE7: 163_738_000, accuracyMm: 8_000 }] },
    });
  },
};

const code: Asked = {
  market: { answer: { type: "text", charactersMax: 500 }, template: { id: "code", parameters: {} } },
  content: {
    question: "On what does it fail?",
    content: [{ type: "text", label: "Program", text: "max = (a) => a.sort()[0]" }],
  },
  async answer(page) {
    const [program, input] = [page.getByLabel("Code"), page.getByLabel("Input on which it fails")];
    await program.fill("max([1, 2])");
    expect(await send(page).isDisabled()).toBe(true);
    await input.pressSequentially("[1, 2]");
    // A new line, not the end of it.
    await input.press("Enter");
    await reload(page);
    await page.getByText("459 characters left").first().waitFor();
    expect(await input.inputValue()).toBe("[1, 2]\n");
  },
  label: JSON.stringify({ code: "max([1, 2])", input: "[1, 2]\n" }),
};

describe.skipIf(browserPath === null)("somebody who answers", () => {
  const web = useWeb();
  const visit = useVisitors(() => web().url);

  it("does so by thumb, by mouse and by keyboard, loses nothing by a reload, and says what they meant", async () => {
    const { page } = await visit({ hasTouch: true, permissions: ["geolocation"], geolocation: here });
    const sent = new Map<string, Json>();
    page.on("request", (request) => {
      const [, id] = /markets\/([^/]+)\/submissions$/.exec(request.url()) ?? [];
      if (id !== undefined)
        sent.set(id, (request.postDataJSON() as { submissions: { body: Json }[] }).submissions[0]?.body ?? null);
    });
    const settling: { readonly id: string; readonly asked: Asked }[] = [];
    // The report comes last: what a page sends while it is left, nobody sees from outside.
    for (const asked of [number, slider, ranking, search, spans, boxes, areas, code, report]) {
      const { market, content, answer } = asked;
      const id = await web().openMarket({ ...market, overlap: { min: 1, max: 1, target: 0.5 } }, [
        { id: "one", content },
      ]);
      await page.goto(`/desk/${id}`);
      await page.locator(".task-question").waitFor();
      await answer(page);
      await page.keyboard.press("Control+Enter");
      // Until then it is not kept.
      await page.getByText("Nothing to do here right now").waitFor();
      settling.push({ id, asked });
    }
    for (const { id, asked } of settling) {
      await expect.poll(() => web().labels(id), { timeout: 30_000 }).toEqual([asked.label]);
      asked.check?.(sent.get(id) as { readonly [field: string]: Json });
    }
  }, 240_000);
});
