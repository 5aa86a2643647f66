import { amount, zero } from "../core/amount.ts";
import { toBase58 } from "../core/bytes.ts";
import type { Engine } from "../engine/engine.ts";
import type { PublicRecords } from "../engine/insight/reputation.ts";
import type { Messages } from "../engine/messages.ts";
import type { Acknowledgement, EventView } from "../engine/types.ts";
import type { Requests } from "../engine/webhooks/requests.ts";
import type { Webhooks, WebhookView } from "../engine/webhooks/webhooks.ts";

type Part<Name extends keyof Engine> = Pick<Engine, Name>;

interface Told {
  readonly acknowledgement: Acknowledgement;
  readonly eventOf: (sequence: number) => EventView;
}

/** Of the engine in tests of the API: what reads logs, and what ends it. */
export const logPart = ({
  acknowledgement,
  eventOf,
}: Told): Part<
  | "slotReceipt"
  | "slotReceipts"
  | "receipt"
  | "log"
  | "wholeLog"
  | "events"
  | "totals"
  | "solvency"
  | "settle"
  | "close"
> => ({
  slotReceipt: async () => new Uint8Array([1, 2]),
  slotReceipts: async function* () {
    yield [{ slot: { task: 1, ordinal: 0 }, receipt: new Uint8Array([1, 2]) }];
  },
  receipt: async () => acknowledgement,
  log: async () => ({
    records: [{ sequence: 1, encoded: new Uint8Array([1]), attachment: null }],
    head: acknowledgement.head,
  }),
  wholeLog: async () => ({
    records: [{ sequence: 1, encoded: new Uint8Array([1]), attachment: new Uint8Array([2]) }],
    head: acknowledgement.head,
  }),
  events: async function* (_market, after) {
    for (let sequence = after + 1; sequence <= 5; sequence++) yield eventOf(sequence);
  },
  totals: async () => ({
    mint: "So11111111111111111111111111111111111111112",
    earned: amount(60_000n),
    fee: amount(1_200n),
    refunded: zero,
    settled: amount(40_000n),
    contributorsPaid: 2,
  }),
  solvency: async () => ({
    mint: "So11111111111111111111111111111111111111112",
    atMs: 5,
    held: amount(900_000n),
    deposited: amount(1_000_000n),
    refunded: zero,
    unearned: amount(938_800n),
  }),
  settle: async () => undefined,
  close: async () => undefined,
});

/** For the network's own instruments, which the API does not serve. */
const newcomer = { strikes: 0, foundBy: null, sharingUntilMs: 0, demotedUntilMs: 0, sessions: 0 };

export const measuring = (): Part<"heldSlot" | "measure" | "nodeStanding" | "noteNode"> => ({
  heldSlot: async () => null,
  measure: async () => undefined,
  nodeStanding: async () => newcomer,
  noteNode: async () => newcomer,
});

export const webhooksPart = (): PublicRecords & Messages & Webhooks & Requests => ({
  requesters: async () => ({ items: [], next: null }),
  sponsorship: async () => ({ lamports: 1n, lamportsMax: 2n, today: 1, perDayMax: 2 }),
  placesOfWork: async () => ({
    items: [{ cell: "85283473fffffff", markets: 1, tasks: 2 }],
    resolution: 5,
    next: null,
  }),
  reputation: async (contributor) => ({
    reputation: {
      network: "network",
      contributor: toBase58(contributor),
      automated: false,
      asOfMs: 1,
      markets: 1,
      accepted: 2,
      rejected: 0,
      firstAtMs: 1,
      lastAtMs: 1,
    },
    signature: new Uint8Array(64),
  }),
  block: async () => undefined,
  tell: async () => undefined,
  listMessages: async () => [],
  createWebhook: async (_owner, { url, kinds }) => ({ webhook: webhook({ url, kinds }), secret: new Uint8Array(32) }),
  listWebhooks: async () => [webhook({})],
  removeWebhook: async () => undefined,
  resumeWebhook: async () => undefined,
  tryWebhook: async () => undefined,
  listWebhookMessages: async () => ({
    items: [{ id: "msg_1", range: null, createdAtMs: 1, takenAtMs: null, tries: [] }],
    next: null,
  }),
  repeatWebhookMessage: async () => undefined,
  logRequests: async () => undefined,
  listRequests: async () => ({ items: [], next: null }),
});

const webhook = (changes: Partial<WebhookView>): WebhookView => ({
  id: "wh_1",
  url: "https://example.com/hook",
  kinds: ["settled"],
  createdAtMs: 1,
  failures: 0,
  nextTryAtMs: null,
  stoppedAtMs: null,
  ...changes,
});
