import type { Challengeable } from "../contract/challenge-routes.ts";
import type { OwnRecord } from "../contract/contributors.ts";
import type { EarnedDay } from "../contract/earnings.ts";
import type { Message } from "../contract/message-routes.ts";
import type { NoticeAddress } from "../contract/notice-routes.ts";
import type { OpenWork } from "../contract/open-work.ts";
import type { Score, Test } from "../contract/qualifying.ts";
import type { Acknowledgement } from "../contract/receipts.ts";
import { resultMediaTypes } from "../contract/results.ts";
import type { Route } from "../contract/route.ts";
import { routes } from "../contract/routes.ts";
import type { Me } from "../contract/sessions.ts";
import type { Token } from "../contract/tokens.ts";
import type { Withdrawal } from "../contract/withdrawals.ts";
import type { NewSubmission, NewSubmissions, Offer, Submission, Turn, Verdict } from "../contract/work.ts";
import { type Bytes32, bytes32, fromBase58, toBase58, toBase64, toHex } from "../core/bytes.ts";
import type { Json } from "../core/json.ts";
import { marketId } from "../core/market-id.ts";
import { formatSlot, parseSlot } from "../core/slot.ts";
import { bodyHashOf, commitmentOf, payToStatement, submissionsStatement } from "../core/statements.ts";
import { Coverage } from "./coverage.ts";
import { isApiError } from "./errors.ts";
import { linesOf } from "./events.ts";
import type { Signer } from "./keys.ts";
import type { CallOptions, ClientOptions } from "./options.ts";
import { type Pages, pagesOf } from "./pages.ts";
import { pause } from "./pause.ts";
import { randomId } from "./random-id.ts";
import { saltedBody, saltSecretOf } from "./salt.ts";
import { type Begun, beginSession, type OpenSession, type SignInOptions } from "./session.ts";
import { sha256 } from "./sha256.ts";
import { type CallInput, Transport } from "./transport.ts";
import { messageToSign } from "./withdrawals.ts";

export interface ContributorOptions extends Omit<ClientOptions, "apiKey">, SignInOptions {
  /** The contributor's wallet; it signs in, and once `saltText`, and never signs work. */
  readonly signer: Signer;
  /**
   * 32 secret bytes to make salts of, the same at every start: for a page that can keep them beside its key, and for
   * wallets that ask their owner each time or whose signatures differ. Default: the wallet's signature of `saltText`.
   */
  readonly saltSecret?: Uint8Array;
  /** A session that was kept, for wallets that ask their owner at every sign-in. */
  readonly session?: OpenSession;
  /** Told of every sign-in, so that the session can be kept. */
  readonly onSession?: (session: OpenSession) => void;
  /**
   * Sends answers by the session's token and signs for them later, every 50 and at `signOut`: for agents and devices that
   * answer many times a second. What they earn is held until then; of a process that dies before, it stays so. Default:
   * each request is signed.
   */
  readonly isCheckpointed?: boolean;
}

/** What to work on: a task by number or by the requester's id, or as many as wished of whatever there is. */
export interface Wish {
  readonly task?: number;
  readonly taskId?: string;
  readonly count?: number;
}

/** One answer: `{ answer: "a" }` for a choice. A body without a salt gets one on its way, see `salted`. */
export interface Work {
  readonly slot: string;
  readonly body: Json;
}

/** A token of the network by its mint: the home token where none is named. */
export interface OfToken extends CallOptions {
  readonly mint?: string;
}

/** Two minutes: by then a transaction is final, or has expired. */
const withdrawalPollMs = 1_000;
const withdrawalPollsMax = 120;

/** So many slots of one request may turn out to have expired before we give up. */
const resendsMax = 5;
/** Of so many answers we remember that they went to a new slot. */
const movedMax = 1_000;

/**
 * Somebody who works: a person's page, a device, an agent.
 *
 * It signs in when it has to, and again when the session has ended. Answers are sent until they are acknowledged: the
 * same answer to the same slot counts once, however often it arrives. An answer whose slot expired on the way gets a
 * new slot of the same task.
 *
 * The log shows the hash of each body, so each gets a salt (`salted`): nobody reads an answer off the log before it is
 * judged. A retry must have the same salt. It has, of the same Contributor, and after a restart of any with the same
 * wallet or `saltSecret`. Only where the secret cannot be had again (salt.ts says when) must a caller that sends
 * after a restart what it may have sent before keep the body, as `salted` gives it.
 */
export class Contributor {
  readonly address: string;
  readonly #transport: Transport;
  readonly #options: ContributorOptions;
  #session: Promise<OpenSession> | null;
  #saltSecret: Promise<Bytes32> | null;
  readonly #coverage = new Coverage();
  /** By market: a checkpoint that is under way. */
  readonly #covering = new Map<string, Promise<void>>();
  /** By market and slot, the oldest first: the new slot of an answer that came too late for its own. */
  readonly #moved = new Map<string, string>();
  /** The server's clock less ours. */
  #clockOffsetMs = 0;

  constructor(options: ContributorOptions) {
    this.address = toBase58(options.signer.publicKey);
    this.#transport = new Transport(options);
    this.#options = options;
    const { saltSecret, session } = options;
    this.#session = session === undefined ? null : Promise.resolve(session);
    this.#saltSecret = saltSecret === undefined ? null : Promise.resolve(bytes32(saltSecret));
  }

  /** The current session; several callers share one sign-in. */
  async signIn(): Promise<OpenSession> {
    this.#session ??= this.#begin().then(({ session }) => session);
    const session = this.#session;
    try {
      return await session;
    } catch (error) {
      if (this.#session === session) this.#session = null;
      throw error;
    }
  }

  async #begin(first?: Wish & { readonly market: string }): Promise<Begun> {
    const begun = await beginSession(this.#transport, this.#options.signer, this.#options, first);
    this.#options.onSession?.(begun.session);
    return begun;
  }

  /** Null where there is a session, or nothing was given with it. */
  async #signInAndTake(market: string, wish: Wish): Promise<readonly Offer[] | null> {
    if (this.#session !== null) return null;
    const begun = this.#begin({ market, ...wish });
    this.#session = begun.then(({ session }) => session);
    await this.signIn();
    return (await begun).offers;
  }

  async signOut(options?: CallOptions): Promise<void> {
    if (this.#session === null) return;
    for (const market of this.#coverage.markets) await this.cover(market);
    const { token } = await this.#session;
    await this.#transport.call(routes.endSession, { token }, options);
    this.#session = null;
  }

  /** The market's qualification tests; `takeTest` answers one. */
  async tests(market: string): Promise<readonly Test[]> {
    return (await this.#transport.call(routes.listTests, { params: { market } })).items;
  }

  /** One choice for each question. The score stands, and keeps from another attempt, until it expires. */
  takeTest(market: string, name: string, answers: readonly string[]): Promise<Score> {
    return this.#call(routes.takeTest, { params: { market, name }, body: { answers: [...answers] } });
  }

  me(): Promise<Me> {
    return this.#call(routes.getMe);
  }

  /** What requesters said, the newest first. */
  async messages(): Promise<readonly Message[]> {
    return (await this.#call(routes.listMessages)).items;
  }

  /** One's own record in a market: answers, verdicts, earnings, and what they came to by the hour. */
  record(market: string): Promise<OwnRecord> {
    return this.#call(routes.getOwnRecord, { params: { market } });
  }

  /** Open markets with work, the best paid by the hour first, and whether one may take part. */
  work({ limit = 100 }: { readonly limit?: number } = {}): Pages<OpenWork> {
    return pagesOf((after) => this.#call(routes.listWork, { query: { after, limit } }));
  }

  /** What was earned on each day of a year, in UTC. Default: the current one. */
  async earnings(year?: number): Promise<readonly EarnedDay[]> {
    const query = { year, format: "jsonl" };
    const response = await this.#withSession(({ token }) =>
      this.#transport.send(routes.getEarnings, { query, token, accept: resultMediaTypes.jsonl }),
    );
    const days: EarnedDay[] = [];
    for await (const line of linesOf(response, this.#transport.server)) days.push(JSON.parse(line) as EarnedDay);
    return days;
  }

  /** The same as a table with a line of titles, for spreadsheets: as it comes. */
  earningsCsv(year?: number): Promise<Response> {
    const query = { year, format: "csv" };
    return this.#withSession(({ token }) =>
      this.#transport.send(routes.getEarnings, { query, token, accept: resultMediaTypes.csv }),
    );
  }

  verdicts({ limit = 100 }: { readonly limit?: number } = {}): Pages<Verdict> {
    return pagesOf((after) => this.#call(routes.listVerdicts, { query: { after, limit } }));
  }

  /**
   * Takes slots; who is not signed in yet does both in one request.
   *
   * @throws WORK_NOT_FOUND where there is nothing for this contributor
   */
  async assign(market: string, wish: Wish = {}, options: CallOptions = {}): Promise<readonly Offer[]> {
    const first = (options.idempotencyKey ?? null) === null ? await this.#signInAndTake(market, wish) : null;
    if (first !== null) return first;
    // A named task is asked for once: a repetition must find the slot that a lost answer spoke of. Otherwise a slot
    // that nobody heard of simply expires, and the server need not remember the request.
    const isNamed = wish.task !== undefined || wish.taskId !== undefined;
    const own: CallOptions = isNamed ? options : { idempotencyKey: null, ...options };
    return (await this.#call(routes.assign, { params: { market }, body: { ...wish } }, own)).offers;
  }

  /** The answers as they are sent: each body with the salt of its slot. A salt that is there stays. */
  async salted(market: string, works: readonly Work[]): Promise<Work[]> {
    this.#saltSecret ??= saltSecretOf(this.#options.signer);
    const secret = await this.#saltSecret;
    return works.map(({ slot, body }) => ({ slot, body: saltedBody(secret, market, slot, body) }));
  }

  /** Submits one answer, or up to 100 under one signature. */
  async submit(market: string, work: Work | readonly Work[], options: CallOptions = {}): Promise<Turn> {
    return await this.turn(market, work, 0, options);
  }

  /** Submits, and takes `next` further slots in the same breath. */
  async turn(market: string, work: Work | readonly Work[], next = 1, options: CallOptions = {}): Promise<Turn> {
    const given = "slot" in work ? [work] : work;
    // It may have arrived in its new slot, and the server's word of it not here.
    let works = given.map(({ slot, body }) => ({ slot: this.#moved.get(`${market} ${slot}`) ?? slot, body }));
    for (let resends = 0; ; resends++) {
      try {
        return await this.#send(market, works, next, options);
      } catch (error) {
        const expired = expiredSlot(error);
        if (expired === null || resends >= resendsMax) throw error;
        works = await this.#inNewSlot(market, works, expired);
        for (const [i, { slot }] of given.entries()) this.#move(`${market} ${slot}`, slot, (works[i] as Work).slot);
      }
    }
  }

  /**
   * Signs for what was sent by token alone, so that its pay is released. It signs for what this Contributor sent itself.
   *
   * @throws UnsentSubmission where the server shows anything else
   */
  async cover(market: string): Promise<void> {
    const before = this.#covering.get(market);
    const covering = (async () => {
      await before?.catch(() => undefined);
      await this.#withSession((session) => this.#cover(session, market));
    })();
    this.#covering.set(market, covering);
    try {
      await covering;
    } finally {
      if (this.#covering.get(market) === covering) this.#covering.delete(market);
    }
  }

  async #cover({ token, signer }: OpenSession, market: string): Promise<void> {
    const params = { market };
    for (const shown of (await this.#transport.call(routes.getCoverage, { params, token })).sessions) {
      const checkpoint = this.#coverage.toSign(market, shown);
      if (checkpoint === null) continue;
      this.#coverage.asked(market, checkpoint);
      const { session, count, running, statement } = checkpoint;
      const signature = toBase64(await signer.sign(statement));
      const body = { session, count, running: toHex(running), signature };
      await this.#transport.call(routes.cover, { params, body, token });
      this.#coverage.covered(market, shown, checkpoint);
    }
  }

  /** Gives an assignment back: whoever cannot or does not want to do it loses nothing. */
  giveBack(market: string, slot: string, options?: CallOptions): Promise<Submission> {
    return this.#call(routes.giveBack, { params: { market, slot } }, options);
  }

  /**
   * Says what will be submitted before showing it, where being first counts: then send the very same with `submit`.
   * The acknowledgement proves when.
   */
  async commitTo(market: string, work: Work): Promise<Acknowledgement> {
    const [{ slot, body }] = (await this.salted(market, [work])) as [Work];
    const key = bytes32(this.#options.signer.publicKey);
    const commitment = toHex(commitmentOf(sha256, key, bodyHashOf(sha256, body)));
    return await this.#call(routes.commitTo, { params: { market }, body: { slot, commitment } });
  }

  appeal(market: string, slot: string, options?: CallOptions): Promise<Submission> {
    return this.#call(routes.appeal, { params: { market, slot } }, options);
  }

  /** Settled tasks that can be challenged, or whose challenge is heard. */
  async challenges(market: string, options?: CallOptions): Promise<readonly Challengeable[]> {
    return (await this.#call(routes.listChallenges, { params: { market } }, options)).items;
  }

  /** Objects to what a task settled on, with reserve of this market at stake. A panel that is drawn decides. */
  challenge(market: string, task: number, options?: CallOptions): Promise<Challengeable> {
    return this.#call(routes.challengeTask, { params: { market }, body: { task } }, options);
  }

  /** Be paid a token at another wallet from the next commit on; signed by the contributor's own key. */
  async payTo(wallet: string, { mint, ...options }: OfToken = {}): Promise<void> {
    const { pool } = await this.#token(mint);
    const number = Math.round(Date.now() + this.#clockOffsetMs);
    const wish = { pool: bytes32(fromBase58(pool)), number, wallet: bytes32(fromBase58(wallet)) };
    const signature = toBase64(await this.#options.signer.sign(payToStatement(wish)));
    await this.#call(routes.payTo, { body: { wallet, mint, number, signature } }, options);
  }

  /** What sending tokens on would be: the amount, and what it costs the network. It costs the contributor nothing. */
  planWithdrawal(to: string, amount: string | null = null, { mint, ...options }: OfToken = {}): Promise<Withdrawal> {
    return this.#call(routes.planWithdrawal, { body: { to, mint, amount: amount ?? undefined } }, options);
  }

  /**
   * Sends tokens on from this wallet, all where no amount is given: without SOL, as the network pays for it. The key signs
   * only a transaction that does what was asked. It waits until that has ended: `final`, `failed` or `expired`.
   *
   * @throws UnaskedTransfer
   */
  async withdraw(to: string, amount: string | null = null, options?: OfToken): Promise<Withdrawal> {
    const plan = await this.planWithdrawal(to, amount, options);
    return await this.ended(await this.sendPlanned(plan, to, amount, options?.mint));
  }

  /**
   * Signs and sends a plan that its owner has looked at. The key signs only a transaction that does what was asked.
   *
   * @throws UnaskedTransfer
   */
  async sendPlanned(plan: Withdrawal, to: string, amount: string | null, mint?: string): Promise<Withdrawal> {
    const token = await this.#token(mint);
    const message = messageToSign(plan, { from: this.address, to, amount, mint: token.mint, decimals: token.decimals });
    const signature = toBase64(await this.#options.signer.sign(message));
    return await this.#call(routes.sendWithdrawal, { params: { withdrawal: plan.id }, body: { signature } });
  }

  /** The withdrawal once it has ended, or as it is after two minutes. */
  async ended(sent: Withdrawal): Promise<Withdrawal> {
    let now = sent;
    for (let polls = 0; now.state === "sent" && polls < withdrawalPollsMax; polls++) {
      await pause(withdrawalPollMs);
      const { items } = await this.withdrawals();
      now = items.find(({ id }) => id === sent.id) ?? now;
    }
    return now;
  }

  /** What this wallet holds on chain: of the home token, or of the one that is named. */
  async held(mint?: string): Promise<string> {
    return (await this.#call(routes.getWallet, { query: { mint } })).held;
  }

  /** Keeps this wallet's key, as a passkey wrapped it, under an id that only the passkey gives. */
  async saveKey(id: string, wrapped: string): Promise<void> {
    await this.#call(routes.saveKey, { params: { id }, body: { wrapped } });
  }

  /** Tells a browser of new work by its push service, at most once an hour. */
  async tellHere(address: NoticeAddress): Promise<void> {
    await this.#call(routes.putNoticeAddress, { body: address });
  }

  async tellNoMore(endpoint: string): Promise<void> {
    await this.#call(routes.removeNoticeAddress, { body: { endpoint } });
  }

  /** What was sent on, the newest first. */
  withdrawals({ limit = 100 }: { readonly limit?: number } = {}): Promise<{ readonly items: readonly Withdrawal[] }> {
    return this.#call(routes.listWithdrawals, { query: { limit } });
  }

  async setReserve(market: string, target: string, options?: CallOptions): Promise<void> {
    await this.#call(routes.setReserve, { params: { market }, body: { target } }, options);
  }

  slot(market: string, slot: string): Promise<Submission> {
    return this.#transport.call(routes.getSlot, { params: { market, slot } });
  }

  /** @throws where the network has none of the name */
  async #token(mint?: string): Promise<Pick<Token, "mint" | "decimals" | "pool">> {
    const { tokens, ...home } = await this.#transport.call(routes.getNetwork);
    const token = mint === undefined ? home : tokens.find((each) => each.mint === mint);
    if (token === undefined) throw new Error(`the network has no token ${mint}`);
    return token;
  }

  async #send(market: string, works: readonly Work[], next: number, options: CallOptions): Promise<Turn> {
    const salted = await this.salted(market, works);
    const params = { market };
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#withSession(async (session) =>
          this.#options.isCheckpointed === true
            ? await this.#carry(session, market, salted, next, options)
            : await this.#transport.call(
                routes.submit,
                { params, body: await this.#signed(session, market, salted, next), token: session.token },
                options,
              ),
        );
      } catch (error) {
        if (isApiError(error, "UNCOVERED_EXCEEDED") && attempt === 1) {
          await this.cover(market);
          continue;
        }
        if (!isApiError(error, "REQUEST_TIME_MISMATCH") || error.serverTimeMs === null || attempt > 1) throw error;
        // The device's clock is wrong: sign by the server's.
        this.#clockOffsetMs = error.serverTimeMs - Date.now();
      }
    }
  }

  #signed({ signer }: OpenSession, market: string, works: readonly Work[], next: number): Promise<NewSubmissions> {
    return signedBody(signer, market, works, next, Math.round(Date.now() + this.#clockOffsetMs));
  }

  /** By the session's token; a checkpoint that is due comes with it. */
  async #carry(
    { token, sessionKey }: OpenSession,
    market: string,
    works: readonly Work[],
    next: number,
    options: CallOptions,
  ): Promise<Turn> {
    this.#coverage.sent(sessionKey, market, hashed(works));
    try {
      const body = { submissions: wireOf(works), next };
      const turn = await this.#transport.call(routes.submit, { params: { market }, body, token }, options);
      if (this.#coverage.isDue(sessionKey, market)) await this.cover(market);
      return turn;
    } catch (error) {
      if (isApiError(error) && error.status < 500) this.#coverage.refused(sessionKey, market, hashed(works));
      throw error;
    }
  }

  #move(answer: string, from: string, to: string): void {
    if (from === to) return;
    const [oldest] = this.#moved.keys();
    if (oldest !== undefined && this.#moved.size >= movedMax) this.#moved.delete(oldest);
    this.#moved.set(answer, to);
  }

  async #inNewSlot(market: string, works: readonly Work[], expired: string): Promise<Work[]> {
    const { task } = parseSlot(expired);
    const [offer] = await this.assign(market, { task });
    if (offer === undefined) throw new Error(`no new slot for task ${task}`);
    return works.map((work) => (work.slot === expired ? { ...work, slot: offer.slot } : work));
  }

  #call<R extends Route>(route: R, input: CallInput<R> = {}, options: CallOptions = {}) {
    // One key for both attempts where the first one finds the session ended.
    const key = options.idempotencyKey === undefined ? randomId() : options.idempotencyKey;
    return this.#withSession(({ token }) =>
      this.#transport.call(route, { ...input, token }, { ...options, idempotencyKey: key }),
    );
  }

  /** Runs with a session, and once more with a new one where the server no longer knows the old. */
  async #withSession<T>(work: (session: OpenSession) => Promise<T>): Promise<T> {
    const session = await this.signIn();
    try {
      return await work(session);
    } catch (error) {
      if (!isApiError(error, "SESSION_NOT_FOUND")) throw error;
      // Another caller may have signed in again meanwhile.
      if ((await this.signIn()).token === session.token) this.#session = null;
      return await work(await this.signIn());
    }
  }
}

async function signedBody(
  signer: Signer,
  market: string,
  works: readonly Work[],
  next: number,
  timeMs: number,
): Promise<NewSubmissions> {
  const signature = toBase64(await signer.sign(submissionsStatement(marketId(market), timeMs, hashed(works))));
  return { timeMs, signature, submissions: wireOf(works), next };
}

const hashed = (works: readonly Work[]) =>
  works.map(({ slot, body }) => ({ ...parseSlot(slot), body: bodyHashOf(sha256, body) }));

const wireOf = (works: readonly Work[]): NewSubmission[] =>
  works.map(({ slot, body }) => ({ slot: formatSlot(parseSlot(slot)), body }));

/** The slot that expired before its answer arrived, by what the server says of it. */
function expiredSlot(error: unknown): string | null {
  if (!isApiError(error, "SLOT_STATE", "SLOT_NOT_FOUND")) return null;
  const { slot, state } = error.context;
  const isOver = error.code === "SLOT_NOT_FOUND" || state === "expired";
  return isOver && typeof slot === "string" ? slot : null;
}
