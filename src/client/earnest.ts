import type { ApiKey, CreatedApiKey, NewApiKey } from "../contract/api-keys.ts";
import type { WireArchive, WireArchivePart } from "../contract/archive-routes.ts";
import type { Question } from "../contract/ask.ts";
import type { ContributorRecord } from "../contract/contributors.ts";
import type { WalletPlan } from "../contract/deposit-routes.ts";
import type { Evidence } from "../contract/evidence.ts";
import type { Item, ItemDetail, Timeline } from "../contract/items.ts";
import type { Market, NewBalance, NewBonus, NewMarket, NewQualification } from "../contract/markets.ts";
import type { NewBlock } from "../contract/message-routes.ts";
import type { Network, Totals } from "../contract/network.ts";
import type { AddedProgram, WireProgram } from "../contract/program-routes.ts";
import type { NewTest, RetiredControls, Test } from "../contract/qualifying.ts";
import type { Acknowledgement, LogPage } from "../contract/receipts.ts";
import type { MarketReport } from "../contract/report.ts";
import { type Result, type ResultFormat, resultMediaTypes } from "../contract/results.ts";
import { routes } from "../contract/routes.ts";
import { type AddedTasks, type NewTask, type Task, tasksPerRequestMax } from "../contract/tasks.ts";
import type { NewToken, Token } from "../contract/tokens.ts";
import type { Decision, Reviewable, Submission } from "../contract/work.ts";
import { toBase64 } from "../core/bytes.ts";
import { Asking } from "./ask.ts";
import { Commits } from "./commits.ts";
import { closingToSign, depositToSign } from "./deposits.ts";
import { linesOf } from "./events.ts";
import type { Signer } from "./keys.ts";
import { type EventOptions, marketEvents } from "./market-events.ts";
import { Work } from "./open-work.ts";
import type { CallOptions, ClientOptions } from "./options.ts";
import { type Pages, pagesOf } from "./pages.ts";
import { signIn } from "./session.ts";
import { type RequestBody, Transport } from "./transport.ts";
import { Webhooks } from "./webhooks.ts";

/** Which columns or fields of imported rows mean what. */
export interface ImportOptions extends CallOptions {
  readonly format: "csv" | "jsonl";
  readonly id?: string;
  readonly control?: string;
  /** What contributors see: field by column. */
  readonly map?: Readonly<Record<string, string>>;
}

/** A source of bytes for an import: text, a file's stream, a Blob, or anything that yields chunks. */
export type RowSource = RequestBody | AsyncIterable<Uint8Array | string>;

/**
 * A requester's client.
 *
 *     const client = new Earnest({ server: "http://127.0.0.1:4500", apiKey });
 *     const { answer } = await client.ask({ question: "Is this a cat?", reward: "0.02" }).answer();
 */
export class Earnest {
  readonly transport: Transport;
  readonly markets: Markets;
  readonly work: Work;
  readonly apiKeys: ApiKeys;
  readonly webhooks: Webhooks;
  readonly commits: Commits;

  constructor(options: ClientOptions) {
    this.transport = new Transport(options);
    this.markets = new Markets(this.transport);
    this.work = new Work(this.transport);
    this.apiKeys = new ApiKeys(this.transport);
    this.webhooks = new Webhooks(this.transport);
    this.commits = new Commits(this.transport);
  }

  /** A client that acts for a wallet, for as long as its session lasts: enough to create an API key with. */
  static async signIn({ signer, ...options }: ClientOptions & { readonly signer: Signer }): Promise<Earnest> {
    const { token } = await signIn(new Transport(options), signer);
    return new Earnest({ ...options, apiKey: token });
  }

  network(): Promise<Network> {
    return this.transport.call(routes.getNetwork);
  }

  /** Of the home token, or of the one that is named. */
  totals(mint?: string): Promise<Totals> {
    return this.transport.call(routes.getTotals, { query: { mint } });
  }

  /** Has the network pay in a token from now on: one that is there, or one that it issues. */
  addToken(wanted: NewToken, options?: CallOptions): Promise<Token> {
    return this.transport.call(routes.addToken, { body: wanted }, options);
  }

  /** Asks people one question, paid from the prepaid balance. Nothing is sent before it is iterated or awaited. */
  ask(question: Question, options: CallOptions = {}): Asking {
    return new Asking(this.transport, question, options);
  }

  /** The owner's prepaid balance: a standing market, to be funded and opened like any other. */
  balance(wanted: NewBalance = {}): Promise<Market> {
    return this.transport.call(routes.openBalance, { body: wanted });
  }

  /** What a wallet holds of the home token, or of the one that is named. */
  async holdings(wallet: string, mint?: string): Promise<string> {
    return (await this.transport.call(routes.getHoldings, { params: { wallet }, query: { mint } })).held;
  }

  /** Test tokens for a wallet, on a network whose tokens are worth nothing. */
  async giveTestTokens(wallet: string, amount: string): Promise<void> {
    await this.transport.call(routes.giveTestTokens, { body: { wallet, amount } });
  }

  /** Proof that entries stand in a lane's log under a signed head. */
  receipt(market: string, lane: number, ...sequences: readonly number[]): Promise<Acknowledgement> {
    const params = { market, lane: `${lane}`, sequence: sequences.join(",") };
    return this.transport.call(routes.getReceipt, { params });
  }
}

class ApiKeys {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  create(wanted: NewApiKey): Promise<CreatedApiKey> {
    return this.#transport.call(routes.createApiKey, { body: wanted });
  }

  /** All of them, also those that were revoked, the newest first. */
  list({ limit = 100 }: { readonly limit?: number } = {}): Pages<ApiKey> {
    return pagesOf((after) => this.#transport.call(routes.listApiKeys, { query: { after, limit } }));
  }

  async revoke(id: string): Promise<void> {
    await this.#transport.call(routes.revokeApiKey, { params: { id } });
  }
}

class Markets {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  create(wanted: NewMarket, options?: CallOptions): Promise<Market> {
    return this.#transport.call(routes.createMarket, { body: wanted }, options);
  }

  get(market: string): Promise<Market> {
    return this.#transport.call(routes.getMarket, { params: { market } });
  }

  list({ owner, limit = 100 }: { readonly owner?: string; readonly limit?: number } = {}): Pages<Market> {
    return pagesOf((after) => this.#transport.call(routes.listMarkets, { query: { owner, after, limit } }));
  }

  /** Credits a deposit that is final on chain, by its transaction's signature. */
  fund(market: string, signature: string, options?: CallOptions): Promise<Market> {
    return this.#transport.call(routes.fundMarket, { params: { market }, body: { signature } }, options);
  }

  /**
   * Pays in from the wallet that the market's refund goes to. The network pays for the transaction, so the wallet needs
   * no SOL; it signs nothing but a deposit of so much into this market.
   *
   * @throws UnaskedSignature
   */
  async deposit(market: string, amount: string, wallet: Signer): Promise<Market> {
    const params = { market };
    const [found, network, plan] = await Promise.all([
      this.get(market),
      this.#transport.call(routes.getNetwork),
      this.#transport.call(routes.planDeposit, { params, body: { amount } }),
    ]);
    const message = depositToSign(plan, { market: found, network, amount, wallet: wallet.publicKey });
    const body = signedPlan(plan, await wallet.sign(message));
    return await this.#transport.call(routes.sendDeposit, { params, body });
  }

  /** Whether nothing is left to end on chain of a market that is over here: then what nobody earned comes back by itself. */
  async isEndedOnChain(market: string): Promise<boolean> {
    const { isEnded } = await this.#transport.call(routes.getClosing, { params: { market } });
    return isEnded;
  }

  /**
   * Ends a market for good, here and on chain, so that what nobody earned comes back to its wallet after the network's
   * refund delay. The network pays for the transaction. Repeated, it does what is still to be done.
   *
   * @throws UnaskedSignature
   */
  async closeAndRefund(market: string, wallet: Signer): Promise<Market> {
    const params = { market };
    let found = await this.get(market);
    if (found.status !== "closing" && found.status !== "closed") found = await this.close(market);
    const [network, { plan }] = await Promise.all([
      this.#transport.call(routes.getNetwork),
      this.#transport.call(routes.planClosing, { params }),
    ]);
    if (plan === null) return found;
    const message = closingToSign(plan, { market: found, network, wallet: wallet.publicKey });
    const body = signedPlan(plan, await wallet.sign(message));
    return await this.#transport.call(routes.sendClosing, { params, body });
  }

  open(market: string, options?: CallOptions): Promise<Market> {
    return this.#transport.call(routes.openMarket, { params: { market } }, options);
  }

  pause(market: string, options?: CallOptions): Promise<Market> {
    return this.#transport.call(routes.pauseMarket, { params: { market } }, options);
  }

  resume(market: string, options?: CallOptions): Promise<Market> {
    return this.#transport.call(routes.resumeMarket, { params: { market } }, options);
  }

  close(market: string, options?: CallOptions): Promise<Market> {
    return this.#transport.call(routes.closeMarket, { params: { market } }, options);
  }

  /** Adds a program, which tasks name by its hash; the same again changes nothing. */
  addProgram(
    market: string,
    language: WireProgram["language"],
    program: Uint8Array,
    options?: CallOptions,
  ): Promise<AddedProgram> {
    const body = { language, program: toBase64(program) };
    return this.#transport.call(routes.addProgram, { params: { market }, body }, options);
  }

  program(market: string, hash: string): Promise<WireProgram> {
    return this.#transport.call(routes.getProgram, { params: { market, hash } });
  }

  /** Sessions in which pages were fetched and paid for. */
  archives(market: string, { limit = 100 }: { readonly limit?: number } = {}): Pages<WireArchive> {
    return pagesOf((after) =>
      this.#transport.call(routes.listArchives, { params: { market }, query: { after, limit: `${limit}` } }),
    );
  }

  /** One file of such a session, as it comes. */
  archive(market: string, slot: string, part: WireArchivePart, options?: CallOptions): Promise<Response> {
    return this.#transport.send(routes.getArchive, { params: { market, slot, part } }, options);
  }

  /** Adds tasks, a thousand to a request. Each request is all or none; use `importTasks` for all or none of many. */
  async addTasks(market: string, tasks: readonly NewTask[], options: CallOptions = {}): Promise<AddedTasks> {
    let first = 0;
    for (let start = 0; start < tasks.length; start += tasksPerRequestMax) {
      const body = { tasks: tasks.slice(start, start + tasksPerRequestMax) };
      const key = options.idempotencyKey;
      const own = typeof key === "string" && start > 0 ? { ...options, idempotencyKey: `${key}.${start}` } : options;
      const added = await this.#transport.call(routes.addTasks, { params: { market }, body }, own);
      if (start === 0) first = added.first;
    }
    return { first, count: tasks.length };
  }

  /** Streams rows of any number: all of them become tasks, or none. */
  importTasks(
    market: string,
    source: RowSource,
    { format, id, control, map, ...options }: ImportOptions,
  ): Promise<AddedTasks> {
    const pairs = map === undefined ? undefined : Object.entries(map).map((pair) => pair.join("="));
    const query = { id, control, map: pairs?.join(",") };
    const stream = { type: resultMediaTypes[format], body: bodyOf(source) };
    return this.#transport.call(routes.importTasks, { params: { market }, query, stream }, options);
  }

  tasks(market: string, { limit = 100 }: { readonly limit?: number } = {}): Pages<Task> {
    return pagesOf((after) => this.#transport.call(routes.listTasks, { params: { market }, query: { after, limit } }));
  }

  task(market: string, task: number): Promise<Task> {
    return this.#transport.call(routes.getTask, { params: { market, task: `${task}` } });
  }

  /** The task with the requester's own id. */
  async taskById(market: string, id: string): Promise<Task> {
    const { items } = await this.#transport.call(routes.listTasks, { params: { market }, query: { id } });
    return items[0] as Task;
  }

  /** Rows of settled tasks, streamed: label, confidence, votes, cost, receipt. */
  async *results(market: string, { task, signal }: { readonly task?: number; readonly signal?: AbortSignal } = {}) {
    const input = { params: { market }, query: { format: "jsonl", task }, accept: resultMediaTypes.jsonl };
    const response = await this.#transport.send(routes.getResults, input, signal === undefined ? {} : { signal });
    for await (const line of linesOf(response, this.#transport.server)) yield JSON.parse(line) as Result;
  }

  /** The same as one stream of bytes, to be written to a file. */
  async resultBytes(market: string, format: ResultFormat): Promise<ReadableStream<Uint8Array>> {
    const input = { params: { market }, query: { format }, accept: resultMediaTypes[format] };
    const response = await this.#transport.send(routes.getResults, input);
    return response.body as ReadableStream<Uint8Array>;
  }

  /** What a market came to: what machines saved, and what people added. */
  report(market: string): Promise<MarketReport> {
    return this.#transport.call(routes.getReport, { params: { market } });
  }

  /** Tasks with what came of them: in order, or the disputed ones, the least certain first. */
  items(
    market: string,
    { only, limit = 100 }: { readonly only?: "disputed"; readonly limit?: number } = {},
  ): Pages<Item> {
    return pagesOf((after) =>
      this.#transport.call(routes.listItems, { params: { market }, query: { only, after, limit } }),
    );
  }

  /** A task with all its answers, and why each was decided as it was. */
  item(market: string, task: number): Promise<ItemDetail> {
    return this.#transport.call(routes.getItem, { params: { market, task: `${task}` } });
  }

  /** What was decided over time. */
  timeline(market: string): Promise<Timeline> {
    return this.#transport.call(routes.getTimeline, { params: { market } });
  }

  /** Who worked in a market, for its owner. */
  contributors(market: string, { limit = 100 }: { readonly limit?: number } = {}): Pages<ContributorRecord> {
    return pagesOf((after) =>
      this.#transport.call(routes.listContributors, { params: { market }, query: { after, limit } }),
    );
  }

  log(
    market: string,
    {
      lane = 0,
      from = 1,
      limit = 1_000,
    }: { readonly lane?: number; readonly from?: number; readonly limit?: number } = {},
  ): Promise<LogPage> {
    return this.#transport.call(routes.getLog, { params: { market }, query: { lane, from, limit } });
  }

  events(market: string, options?: EventOptions) {
    return marketEvents(this.#transport, market, options);
  }

  slot(market: string, slot: string): Promise<Submission> {
    return this.#transport.call(routes.getSlot, { params: { market, slot } });
  }

  async reviews(market: string): Promise<readonly Reviewable[]> {
    return (await this.#transport.call(routes.listReviews, { params: { market } })).items;
  }

  /** What came with a submission: where it was, exactly for 30 days, and its pictures as they may be shown. */
  evidence(market: string, slot: string): Promise<Evidence> {
    return this.#transport.call(routes.getEvidence, { params: { market, slot } });
  }

  review(market: string, slot: string, decision: Decision, options?: CallOptions): Promise<Submission> {
    return this.#transport.call(routes.review, { params: { market, slot }, body: decision }, options);
  }

  async payBonus(market: string, bonus: NewBonus, options?: CallOptions): Promise<void> {
    await this.#transport.call(routes.payBonus, { params: { market }, body: bonus }, options);
  }

  /** Gives a contributor no more work, and says why; with `isBlocked: false` again. */
  async block(market: string, wanted: NewBlock, options?: CallOptions): Promise<void> {
    await this.#transport.call(routes.blockContributor, { params: { market }, body: wanted }, options);
  }

  /** Tells something to somebody who worked in the market. */
  async tell(market: string, contributor: string, text: string): Promise<void> {
    await this.#transport.call(routes.tellContributor, { params: { market }, body: { contributor, text } });
  }

  async qualify(market: string, grant: NewQualification, options?: CallOptions): Promise<void> {
    await this.#transport.call(routes.qualify, { params: { market }, body: grant }, options);
  }

  /** Adds a qualification test, or replaces the one of that name. */
  putTest(market: string, name: string, wanted: NewTest, options?: CallOptions): Promise<Test> {
    return this.#transport.call(routes.putTest, { params: { market, name }, body: wanted }, options);
  }

  async tests(market: string): Promise<readonly Test[]> {
    return (await this.#transport.call(routes.listTests, { params: { market } })).items;
  }

  test(market: string, name: string): Promise<Test> {
    return this.#transport.call(routes.getTest, { params: { market, name } });
  }

  /** Shows everybody the answers of the control tasks that nobody is about to answer. */
  retireControls(market: string, options?: CallOptions): Promise<RetiredControls> {
    return this.#transport.call(routes.retireControls, { params: { market } }, options);
  }
}

export type { ApiKeys, Markets };

/** A plan with the signature of the wallet that it is for. */
const signedPlan = ({ message, lastValidBlockHeight, ticket, paidByNetwork }: WalletPlan, signature: Uint8Array) => ({
  message,
  lastValidBlockHeight,
  ticket,
  paidByNetwork,
  signature: toBase64(signature),
});

/** fetch takes streams, not iterables; each chunk is asked for only when the connection has room. */
function bodyOf(source: RowSource): RequestBody {
  if (typeof source !== "object" || !(Symbol.asyncIterator in source) || source instanceof ReadableStream) {
    return source as RequestBody;
  }
  const iterator = source[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(typeof value === "string" ? encoder.encode(value) : value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
