import type { Page } from "playwright-core";
import { Earnest } from "#src/client/earnest";
import { generateSigner } from "#src/client/keys";
import type { NewMarket } from "#src/contract/markets";
import { toBase58 } from "#src/core/bytes";
import type { Json } from "#src/core/json";
import type { Look } from "./tour.ts";

interface Way {
  readonly name: string;
  readonly market: Partial<NewMarket> & Pick<NewMarket, "answer">;
  readonly content: Json;
}

const frame = { width: 240, height: 160 };
const drawing =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 160"><rect width="240" height="160" fill="#dbe7ef"/>' +
  '<rect y="110" width="240" height="50" fill="#7d9a6a"/><circle cx="70" cy="85" r="34" fill="#c65d3b"/>' +
  '<rect x="140" y="60" width="70" height="62" fill="#55606b"/><path d="M132 62 175 26 218 62z" fill="#8c4a36"/></svg>';
const picture = { type: "svg", label: "Garden", svg: drawing, alt: "A ball and a hut on a lawn" };
const story = "Ada Lovelace met Charles Babbage in London, and wrote to him from Ockham for years.";

const track = { sightingsMin: 3, distanceMmMax: 50_000, accuracyMmMax: 50_000, speedMmPerSecondMax: 7_000 };
const shot = { distanceMmMax: 50_000, clockSkewMsMax: 120_000, likenessBitsMax: 20, isTimeNeeded: true };
const mail =
  "<p>Good morning,</p><p>we still miss the amount of <b>your order</b> of last month:</p>" +
  "<table><tr><th>Seeds</th><td>12.40</td></tr><tr><th>Pots</th><td>31.00</td></tr></table><p>Kind regards</p>";

/** A small market for every way to answer that the shipped tasks do not have. */
const ways: readonly Way[] = [
  {
    name: "number",
    market: { answer: { type: "number", min: 0, max: 50, decimals: 1 } },
    content: { question: "How many metres from the ball to the hut?", content: [picture] },
  },
  {
    name: "slider",
    market: { answer: { type: "scale", min: 0, max: 100 } },
    content: { question: "How calm is it?", content: [picture] },
  },
  {
    name: "scale",
    market: { answer: { type: "scale", min: 1, max: 5 } },
    content: { question: "How clear is this sentence?", content: [{ type: "text", label: "Sentence", text: story }] },
  },
  {
    name: "choices",
    market: { answer: { type: "choices", choices: ["ball", "hut", "tree", "person"], max: 3 } },
    content: { question: "What is in the picture?", content: [picture] },
  },
  {
    name: "search",
    market: { answer: { type: "choices", choices: Array.from({ length: 120 }, (_, i) => `plant ${i + 1}`), max: 2 } },
    content: {
      question: "Which plants are named?",
      content: [{ type: "text", label: "Note", text: "Plants 12 and 77 need water." }],
    },
  },
  {
    name: "pair",
    market: { answer: { type: "pair" } },
    content: {
      question: "Which answer is better?",
      content: [
        { type: "text", label: "A", text: "Water boils at 100 °C at sea level." },
        { type: "text", label: "B", text: "Water boils when it is hot." },
      ],
    },
  },
  {
    name: "ranking",
    market: { answer: { type: "ranking", items: ["tea", "milk", "water", "juice"] } },
    content: { question: "From the coldest to the warmest?" },
  },
  {
    name: "text",
    market: { answer: { type: "text", charactersMax: 300 } },
    content: { question: "Say it in your own words.", content: [{ type: "text", label: "Sentence", text: story }] },
  },
  {
    name: "spans",
    market: { answer: { type: "spans", labels: ["person", "place"], charactersMax: 200 } },
    content: { question: "Who and where?", content: [{ type: "text", label: "Story", text: story }] },
  },
  {
    name: "boxes",
    market: { answer: { type: "boxes", labels: ["ball", "hut"], frame, boxesMax: 3 } },
    content: { question: "Where are they?", content: [picture] },
  },
  {
    name: "polygons",
    market: { answer: { type: "polygons", labels: ["hut"], frame, polygonsMax: 2, verticesMax: 8 } },
    content: { question: "Go round the hut.", content: [picture] },
  },
  {
    name: "report",
    market: {
      answer: { type: "text", charactersMax: 200 },
      template: { id: "report", parameters: { question: "Is the shop open?", required: ["photo"] } },
    },
    content: { text: "Hauptplatz 1" },
  },
  {
    name: "place",
    market: {
      answer: { type: "choice", choices: ["in order", "damaged", "not there"] },
      verification: {
        all: [
          { attest: { isSignatureNeeded: true, isNonceNeeded: true, isOnePerOwner: true } },
          { witness: { type: "track", name: "walk", ...track } },
          { witness: { type: "picture", name: "shot", track: "walk", ...shot } },
        ],
      },
      known: { place: { latitudeE7: 482_082_000, longitudeE7: 163_738_000 } },
    },
    content: { question: "Is the charging station in order?" },
  },
  {
    name: "markup",
    market: { answer: { type: "choice", choices: ["an invoice", "a reminder", "something else"] } },
    content: { question: "What is this mail?", content: [{ label: "Mail", html: mail }] },
  },
  {
    name: "code",
    market: { answer: { type: "text", charactersMax: 500 }, template: { id: "code", parameters: {} } },
    content: {
      question: "On what does it fail?",
      content: [{ type: "text", label: "Program", text: "max = (a) => a.sort()[0]" }],
    },
  },
];

/** Opens a market for each way to answer, paid in test tokens, and says where its task is. */
export async function openWays(server: string): Promise<readonly { readonly name: string; readonly path: string }[]> {
  const wallet = await generateSigner();
  const client = await Earnest.signIn({ server, signer: wallet });
  await client.giveTestTokens(toBase58(wallet.publicKey), "100");
  const opened = [];
  for (const { name, market, content } of ways) {
    const { id } = await client.markets.create({
      title: "Ways to answer",
      reward: "0.02",
      newcomer: { answers: 50, budget: "2" },
      policy: null,
      ...market,
    });
    await client.markets.deposit(id, "5", wallet);
    await client.markets.open(id);
    // One for each look: a task has places for a few visitors only.
    await client.markets.addTasks(
      id,
      [1, 2, 3, 4].map((look) => ({ id: `${name} ${look}`, content })),
    );
    opened.push({ name: `way-${name}`, path: `/desk/${id}` });
  }
  return opened;
}

/** Looks at each as its first task shows. */
export async function tourWays(page: Page, opened: Awaited<ReturnType<typeof openWays>>, look: Look): Promise<void> {
  for (const { name, path } of opened) {
    await page.goto(path);
    await page.locator(".work .actions .button-main").waitFor();
    await look(name);
  }
}
