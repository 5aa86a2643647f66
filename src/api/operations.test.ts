import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allRoutes, type routes } from "../contract/routes.ts";
import { startTestApi, type TestApi } from "./testing.ts";
import { apiKeyOfOwner, fakeEngine, sessionToken, testMarket } from "./testing-engine.ts";

let api: TestApi;
const engine = fakeEngine();

beforeAll(async () => {
  api = await startTestApi(engine);
});
afterAll(() => api.close());

const key = "11111111111111111111111111111111";
const signature = `${"A".repeat(86)}==`;
const market = `/v1/markets/${testMarket}`;
const signedPlan = {
  message: "gAIB",
  lastValidBlockHeight: "150",
  ticket: signature,
  paidByNetwork: { feeLamports: 1, rentLamports: 0 },
  signature,
};
const commit = `/v1/commits/${"0b".repeat(32)}`;

/** A fitting request for every operation of the table. */
const endpoint = "https://push.example/a1";
const examples: Record<keyof typeof routes, readonly [operation: string, json?: unknown]> = {
  getNetwork: ["GET /v1/network"],
  getTotals: ["GET /v1/totals"],
  addToken: ["POST /v1/tokens", { mint: key }],
  createChallenge: ["POST /v1/challenges"],
  createSession: ["POST /v1/sessions", { message: "hello", signature }],
  endSession: ["DELETE /v1/sessions/current"],
  getMe: ["GET /v1/me"],
  payTo: ["PUT /v1/me/paying-address", { wallet: key, number: 5, signature }],
  planWithdrawal: ["POST /v1/me/withdrawals", { to: key, amount: "1.5" }],
  sendWithdrawal: [`POST /v1/me/withdrawals/${"0c".repeat(16)}/signature`, { signature }],
  listWithdrawals: ["GET /v1/me/withdrawals?limit=5"],
  getWallet: ["GET /v1/me/wallet"],
  saveKey: [`PUT /v1/me/saved-keys/${"0d".repeat(32)}`, { wrapped: "A".repeat(80) }],
  getSavedKey: [`GET /v1/saved-keys/${"0d".repeat(32)}`],
  getNoticeKey: ["GET /v1/notice-key"],
  putNoticeAddress: [
    "PUT /v1/me/notice-address",
    { endpoint, publicKey: `${"A".repeat(87)}=`, secret: `${"A".repeat(22)}==` },
  ],
  removeNoticeAddress: ["POST /v1/me/notice-address/removal", { endpoint }],
  listVerdicts: ["GET /v1/me/verdicts?limit=10&after=4.1"],
  listApiKeys: ["GET /v1/api-keys?limit=5"],
  createApiKey: ["POST /v1/api-keys", { name: "mine" }],
  revokeApiKey: ["DELETE /v1/api-keys/k1"],
  listWebhooks: ["GET /v1/webhooks"],
  createWebhook: ["POST /v1/webhooks", { url: "https://example.com/hook" }],
  removeWebhook: ["DELETE /v1/webhooks/wh_1"],
  resumeWebhook: ["POST /v1/webhooks/wh_1/resume"],
  tryWebhook: ["POST /v1/webhooks/wh_1/trial"],
  listWebhookMessages: ["GET /v1/webhooks/wh_1/messages?limit=5"],
  repeatWebhookMessage: ["POST /v1/webhooks/wh_1/messages/msg_1/repeat"],
  listRequesters: ["GET /v1/requesters?limit=5"],
  getReputation: [`GET /v1/contributors/${key}/reputation`],
  getSponsorship: ["GET /v1/sponsorship"],
  listPlaces: ["GET /v1/places?limit=5"],
  blockContributor: [`POST ${market}/blocks`, { contributor: key, note: "It copies." }],
  tellContributor: [`POST ${market}/messages`, { contributor: key, text: "Thank you" }],
  listMessages: ["GET /v1/me/messages?limit=5"],
  listRequests: ["GET /v1/requests?only=failed"],
  createMarket: ["POST /v1/markets", { title: "t", answer: { choices: ["a", "b"] }, reward: "0.02" }],
  listMarkets: [`GET /v1/markets?owner=${key}&limit=5`],
  getMarket: [`GET ${market}`],
  fundMarket: [`POST ${market}/fund`, { signature: "5".repeat(88) }],
  planDeposit: [`POST ${market}/deposits`, { amount: "1.5" }],
  sendDeposit: [`POST ${market}/deposits/signature`, signedPlan],
  getClosing: [`GET ${market}/closing`],
  planClosing: [`POST ${market}/closing`],
  sendClosing: [`POST ${market}/closing/signature`, signedPlan],
  giveTestTokens: ["POST /v1/test-tokens", { wallet: key, amount: "5" }],
  getHoldings: [`GET /v1/wallets/${key}/holdings`],
  getSolvency: ["GET /v1/solvency"],
  openMarket: [`POST ${market}/open`],
  pauseMarket: [`POST ${market}/pause`],
  resumeMarket: [`POST ${market}/resume`],
  closeMarket: [`POST ${market}/close`],
  addTasks: [`POST ${market}/tasks`, { tasks: [{ id: "t9", content: null, control: "a" }] }],
  listArchives: [`GET ${market}/archives?limit=5`],
  getArchive: [`GET ${market}/archives/0.0/warc`],
  addProgram: [`POST ${market}/programs`, { language: "javascript", program: "AAAA" }],
  getProgram: [`GET ${market}/programs/${"0e".repeat(32)}`],
  commitTo: [`POST ${market}/commitments`, { slot: "1.0", commitment: "0f".repeat(32) }],
  importTasks: [`POST ${market}/imports`],
  listTasks: [`GET ${market}/tasks?after=0&limit=1`],
  getTask: [`GET ${market}/tasks/2`],
  getResults: [`GET ${market}/results?task=1`],
  listContributors: [`GET ${market}/contributors?after=7&limit=5`],
  getReport: [`GET ${market}/report`],
  listItems: [`GET ${market}/items?only=disputed&limit=5`],
  getItem: [`GET ${market}/items/2`],
  getTimeline: [`GET ${market}/timeline`],
  listWork: ["GET /v1/work?limit=5"],
  getFirstWork: ["GET /v1/work/first"],
  getEarnings: ["GET /v1/me/earnings?year=2026"],
  getOwnRecord: [`GET /v1/me/markets/${testMarket}`],
  getLog: [`GET ${market}/log?lane=0&from=1&limit=10`],
  getSlotReceipt: [`GET ${market}/slots/1.0/receipt`],
  listSlotReceipts: [`GET ${market}/receipts?after=1.0`],
  listCommits: ["GET /v1/commits?limit=5&after=7.1700000000000"],
  getCommit: [`GET ${commit}`],
  getLeafFile: [`GET ${commit}/leaves`],
  signCommit: [`POST ${commit}/signatures`, { key, signature }],
  refuseCommit: [
    `POST ${commit}/outcomes`,
    { key, outcome: "refuse", code: "LEAF_DIFFERS", place: "payout leaf 5", what: "", signature },
  ],
  getEvents: [`GET ${market}/events?after=3`],
  getReceipt: [`GET /v1/receipts/${testMarket}/0/9,10`],
  assign: [`POST ${market}/assignments`, { taskId: "t1" }],
  submit: [
    `POST ${market}/submissions`,
    { timeMs: 1, signature, submissions: [{ slot: "1.0", body: { answer: "a" } }], next: 1 },
  ],
  getCoverage: [`GET ${market}/coverage`],
  cover: [`POST ${market}/coverage`, { session: key, count: 3, running: "ab".repeat(32), signature }],
  getSlot: [`GET ${market}/slots/1.0`],
  appeal: [`POST ${market}/slots/1.0/appeal`],
  giveBack: [`POST ${market}/slots/1.0/return`],
  listChallenges: [`GET ${market}/challenges`],
  challengeTask: [`POST ${market}/challenges`, { task: 1 }],
  getEvidence: [`GET ${market}/slots/1.0/evidence`],
  getCell: [`GET ${market}/slots/1.0/cell`],
  listNearby: [`GET ${market}/nearby?cell=871e15b71ffffff`],
  setReserve: [`POST ${market}/reserve`, { target: "1.5" }],
  listReviews: [`GET ${market}/reviews`],
  review: [`POST ${market}/slots/1.0/review`, { accepted: true }],
  payBonus: [`POST ${market}/bonuses`, { contributor: key, amount: "0.5" }],
  qualify: [`POST ${market}/qualifications`, { contributor: key, name: "driver" }],
  retireControls: [`POST ${market}/controls/retire`],
  putTest: [
    `PUT ${market}/tests/reading`,
    { questions: [{ content: "2 + 2?", choices: ["3", "4"], answer: "4" }], passingShare: 0.5, validDays: 30 },
  ],
  listTests: [`GET ${market}/tests`],
  getTest: [`GET ${market}/tests/reading`],
  takeTest: [`POST ${market}/tests/reading/attempts`, { answers: ["4"] }],
  ask: ["POST /v1/ask", { question: "Is it?", reward: "0.05", waitSeconds: 0 }],
  openBalance: ["POST /v1/balance", {}],
  checkHealth: ["GET /healthz"],
  checkReady: ["GET /readyz"],
  getMetrics: ["GET /metrics"],
  getOpenApi: ["GET /openapi.json"],
};

/** What these answer instead of their success: the double has no signed message, nobody answers the question, no gateway ran. */
const otherwise: Record<string, number> = { createSession: 401, ask: 202, getArchive: 404 };

const tokenFor = (auth: string): { token?: string } =>
  auth === "none" ? {} : { token: auth === "session" ? sessionToken : apiKeyOfOwner };

describe("every operation of the table", () => {
  for (const route of allRoutes) {
    it(`${route.method} ${route.path} is served, in the shape of its schema`, async () => {
      const [operation, json] = examples[route.id as keyof typeof routes];
      const rows = route.bodyKind === "rows" ? { body: '{"id":"a","content":1}\n', headers: csvOrLines } : {};
      const answer = await api.ask(operation, {
        ...tokenFor(route.auth),
        ...rows,
        ...(json !== undefined && { json }),
      });
      expect(answer.status, answer.text).toBe(otherwise[route.id] ?? route.status);
      expect(answer.headers.get("earnest-request-id")).toMatch(/^[\w-]{36}$/);
      expect(answer.headers.get("date")).not.toBeNull();
    });
  }

  it("nothing else is served", () => {
    const served = servedRoutes(api.app.printRoutes({ commonPrefix: false }));
    const wanted = allRoutes.map(({ method, path }) => `${method} ${path}`);
    expect(served.sort()).toEqual(wanted.sort());
  });
});

const csvOrLines = { "content-type": "application/x-ndjson" };

/** Fastify prints a tree; each line's path continues that of the line above it with less indentation. */
function servedRoutes(tree: string): string[] {
  const above: string[] = [];
  const found: string[] = [];
  for (const line of tree.split("\n")) {
    const match = /^([\s│]*)(?:├|└)── (\S*)(?: \(([^)]*)\))?$/.exec(line);
    if (match === null) continue;
    const [, indent = "", part = "", methods = ""] = match;
    const depth = indent.length / 4;
    above.splice(depth, above.length, part);
    const path = above.join("");
    for (const method of methods.split(", ").filter((each) => each !== "" && each !== "HEAD"))
      found.push(`${method} ${path}`);
  }
  return [...new Set(found)];
}

describe("what the operations say", () => {
  it("shows money in tokens, shares as fractions, times as they are", async () => {
    const { body } = await api.ask(`GET ${market}`);
    expect(body.terms).toEqual({
      answer: { type: "choice", choices: ["a", "b"] },
      agreement: null,
      reward: "0.02",
      overlap: { min: 2, max: 3, target: 0.95 },
      leaseSeconds: 600,
      deadlineMs: null,
      eligibility: [],
      known: null,
    });
    expect(body.escrow.free).toBe("1");
    expect(body.spec.terms.reward).toBe("20000");
    expect(body.appeal.windowSeconds).toBe(3_600);
  });

  it("answers HEAD where it answers GET with JSON", async () => {
    const answer = await api.ask("HEAD /healthz");
    expect(answer.status).toBe(200);
    expect(answer.text).toBe("");
  });

  it("finds a task by the requester's own id", async () => {
    expect((await api.ask(`GET ${market}/tasks?id=t2`)).body.items).toMatchObject([{ id: "t2" }]);
    expect((await api.ask(`GET ${market}/tasks?id=x`)).body.code).toBe("TASK_NOT_FOUND");
  });

  it("refuses an assignment that names its task twice", async () => {
    const answer = await api.ask(`POST ${market}/assignments`, {
      token: sessionToken,
      json: { task: 1, taskId: "t1" },
    });
    expect(answer.body.code).toBe("MALFORMED_REQUEST");
  });
});
