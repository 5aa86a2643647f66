import { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import { resultMediaTypes } from "../../contract/results.ts";
import { bytes32, fromBase58, fromBase64 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { marketId } from "../../core/market-id.ts";
import { formatSlot, parseSlot } from "../../core/slot.ts";
import type { Engine } from "../../engine/engine.ts";
import type { EventView, SlotReceipt } from "../../engine/types.ts";
import type { ApiContext } from "../context.ts";
import { Feeds } from "../feeds.ts";
import { concerns } from "../follow-task.ts";
import type { Handlers } from "../handler.ts";
import { sendResults } from "../rows/results.ts";
import { eventText } from "../streams.ts";
import { readCount, writeBytes } from "../values.ts";
import { acknowledgementView, eventView, logView } from "../views.ts";

type Ids = "getSlotReceipt" | "listSlotReceipts" | "getLog" | "getEvents" | "getReceipt" | "getResults";

export function logHandlers(context: ApiContext): Handlers<Ids> {
  const { engine, moneys, streams } = context;
  const feeds = new Feeds(
    (market, after, signal) => engine.events(market, after, signal),
    async (market) => {
      const money = await moneys.of(market);
      return (event) => eventText({ id: event.sequence, event: event.kind, data: eventView(money, event) });
    },
  );
  return {
    getLog: async ({ params, query, request }) => {
      const { lane, from, limit } = query;
      const range = [marketId(params.market), laneOf(lane), readCount(from, 1), readCount(limit, 100)] as const;
      const isWhole = await isAttestor(engine, request);
      return logView(await (isWhole ? engine.wholeLog(...range) : engine.log(...range)));
    },

    getSlotReceipt: async ({ params }) => {
      const slot = parseSlot(params.slot);
      const receipt = await engine.slotReceipt(marketId(params.market), slot);
      return { slot: params.slot, receipt: writeBytes(receipt) };
    },

    listSlotReceipts: async ({ params, query, reply }) => {
      const after = query.after === undefined ? null : parseSlot(query.after);
      const rows = engine.slotReceipts(marketId(params.market), after)[Symbol.asyncIterator]();
      // What is refused is refused before the first byte.
      const first = await rows.next();
      return reply.type(resultMediaTypes.jsonl).send(Readable.from(receiptLines(first, rows), { objectMode: false }));
    },

    getReceipt: async ({ params }) => {
      const sequences = params.sequence.split(",").map(Number);
      return acknowledgementView(await engine.receipt(marketId(params.market), laneOf(params.lane), sequences));
    },

    getEvents: async ({ params, query, request, reply }) => {
      const market = marketId(params.market);
      const { lanes } = await engine.market(market);
      const after = lastEventId(request) ?? readCount(query.after, 0);
      const task = query.task === undefined ? null : Number(query.task);
      const wants = task === null ? null : (event: EventView) => concerns(event, task);
      const head = lanes[0]?.sequence ?? 0;
      streams.follow(request, reply, "getEvents", { feeds, market, after, wants, head });
      return reply;
    },

    getResults: async ({ params, query, caller, request, reply }) =>
      await sendResults(context, caller.owner, marketId(params.market), query, request, reply),
  };
}

const attestor = /^Attestor ([1-9A-HJ-NP-Za-km-z]{32,44}):(\d{1,15}):([A-Za-z0-9+/]{86}==)$/;

/** Attestors read the log whole; any other credentials say nothing here. */
async function isAttestor(engine: Engine, { headers }: FastifyRequest): Promise<boolean> {
  const match = attestor.exec(headers.authorization ?? "");
  if (match === null) return false;
  const [, key = "", timeMs = "", signature = ""] = match;
  await engine.authenticateAttestor({
    key: bytes32(fromBase58(key)),
    timeMs: Number(timeMs),
    signature: fromBase64(signature),
  });
  return true;
}

/** Lanes are numbered in 16 bits. */
function laneOf(text: string | undefined): number {
  const lane = readCount(text, 0);
  if (lane > 0x7fff) throw earnestError("MALFORMED_REQUEST", { where: "lane", problem: "must be below 32768" });
  return lane;
}

type SlotReceipts = AsyncIterator<readonly SlotReceipt[]>;

async function* receiptLines(first: Awaited<ReturnType<SlotReceipts["next"]>>, rest: SlotReceipts) {
  for (let next = first; next.done !== true; next = await rest.next()) {
    const bytes = receiptRows(next.value);
    // An empty chunk would end the answer.
    if (bytes.length > 0) yield bytes;
  }
}

/** One chunk for all of them, put down where they go out from: a write for each line, and its copies, cost most of an export. */
function receiptRows(receipts: readonly SlotReceipt[]): Buffer {
  const starts = receipts.map(({ slot }) => `{"slot":${JSON.stringify(formatSlot(slot))},"receipt":"`);
  const lengths = receipts.map(
    ({ receipt }, i) => (starts[i] as string).length + 4 * Math.ceil(receipt.length / 3) + 3,
  );
  const bytes = Buffer.allocUnsafeSlow(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const [i, { receipt }] of receipts.entries()) {
    for (const text of [starts[i] as string, writeBytes(receipt), '"}\n']) at += bytes.write(text, at, "latin1");
  }
  return bytes;
}

/** Where the caller's last stream ended: the header that browsers send when they reconnect. */
function lastEventId(request: FastifyRequest): number | null {
  const header = request.headers["last-event-id"];
  if (header === undefined || header === "") return null;
  if (typeof header !== "string" || !/^\d{1,15}$/.test(header)) {
    throw earnestError("MALFORMED_REQUEST", { where: "Last-Event-ID", problem: "must be the id of an event" });
  }
  return Number(header);
}
