import { amount } from "#src/core/amount";
import { type Bytes32, equalBytes, toBase58, toUtf8 } from "#src/core/bytes";
import { isEarnestError } from "#src/core/errors";
import type { MarketId } from "#src/core/market-id";
import { formatSlot, type Slot } from "#src/core/slot";
import { bodyHashOf, coverageStatement, runningHash, signInText, submissionsStatement } from "#src/core/statements";
import type { Signer } from "#src/engine/context";
import type { OfferView, SessionGrant, SubmitRequest, TurnView } from "#src/engine/types";
import { noFacts } from "#src/market/state";
import { sha256, signerOf } from "./crypto.ts";
import { insist, insistOnce, mayBeAskedAgain } from "./insist.ts";
import type { Journal } from "./journal.ts";
import { choices } from "./market-spec.ts";
import { type ApiNode, domain } from "./node.ts";
import type { World } from "./parts.ts";
import type { OpenMarket } from "./requester.ts";

interface Given {
  readonly slot: Slot;
  readonly answer: string;
}

/** Somebody who works: honest for the most part, forgetful, impatient, and on a bad line. */
export class Contributor {
  readonly name: string;
  readonly #world: World;
  readonly #nodes: readonly ApiNode[];
  readonly #journal: Journal;
  readonly #wallet: Signer;
  readonly #sessionSigner: Signer;
  /** Of ten answers, how many are wrong. */
  readonly #wrong: number;
  /** Submits by its session's token, and signs for many answers at once. */
  readonly #hasToken: boolean;
  /** Slot → hash of the body that was sent with the token. */
  readonly #sent = new Map<string, Bytes32>();
  #session: SessionGrant | null = null;
  #keys = 0;

  constructor(world: World, nodes: readonly ApiNode[], journal: Journal, place: number) {
    this.name = `contributor ${place}`;
    this.#world = world;
    this.#nodes = nodes;
    this.#journal = journal;
    this.#wallet = signerOf(world.random);
    this.#sessionSigner = signerOf(world.random);
    this.#hasToken = world.random.chance(0.4);
    this.#wrong = world.random.pick([0, 1, 2, 7]);
  }

  get key(): Bytes32 | null {
    return this.#session?.key ?? null;
  }

  async signIn(): Promise<void> {
    while (this.#session === null) {
      try {
        const { nonce } = await insist(this.#world, this.#nodes, (node) =>
          node.call(this.name, "challenge", ({ engine }) => engine.createChallenge()),
        );
        this.#session = await insist(this.#world, this.#nodes, (node) => this.#signInWith(node, nonce));
      } catch (error) {
        // The first try may have used it up, and its answer was lost.
        if (!isEarnestError(error, "CHALLENGE_MISMATCH")) throw error;
      }
    }
  }

  #signInWith(node: ApiNode, nonce: string): Promise<SessionGrant> {
    const { nowMs } = this.#world.scheduler;
    const message = signInText({
      domain,
      address: toBase58(this.#wallet.publicKey),
      nonce,
      issuedAt: new Date(nowMs).toISOString(),
      expirationTime: new Date(nowMs + 86_400_000).toISOString(),
      sessionKey: toBase58(this.#sessionSigner.publicKey),
    });
    const [contributor, sessionKey] = [this.#wallet.publicKey, this.#sessionSigner.publicKey];
    const signature = this.#wallet.sign(toUtf8(message));
    return node.call(this.name, "signs in", ({ engine }) =>
      engine.signIn({ message, signature, contributor, sessionKey, automated: false, facts: noFacts }),
    );
  }

  async work(open: readonly OpenMarket[]): Promise<void> {
    const { random, scheduler } = this.#world;
    await this.signIn();
    while (!this.#world.isEnding) {
      await scheduler.sleep(random.between(50, 1_500));
      const market = random.pick(open);
      if (market === undefined) continue;
      try {
        if (this.#hasToken && random.chance(0.1)) await this.#cover(market.market);
        if (random.chance(0.03)) await this.#setReserve(market.market, random.pick([0n, 500n, 5_000n]));
        await this.#workIn(market);
      } catch (error) {
        if (!isEarnestError(error) && !mayBeAskedAgain(error)) throw error;
      }
    }
  }

  async #workIn(open: OpenMarket): Promise<void> {
    const { random, scheduler } = this.#world;
    let offers = await this.#assign(open.market);
    while (offers.length > 0 && !this.#world.isEnding) {
      await scheduler.sleep(random.between(20, 2_500));
      // Some are forgotten: their leases run out.
      if (random.chance(0.06)) return;
      const given = offers.slice(0, random.between(1, 2)).map(({ slot }) => this.#answer(slot, open));
      if (random.chance(0.03)) await this.#forge(open.market, given);
      const turn = await this.#submit(open.market, given, random.between(0, 1));
      for (const { slot, state } of turn.submissions) {
        if (state === "appealable" && random.chance(0.5)) await this.#appeal(open.market, slot);
      }
      offers = turn.offers;
    }
  }

  async #assign(market: MarketId): Promise<readonly OfferView[]> {
    const count = this.#world.random.between(1, 3);
    const node = this.#world.random.pick(this.#nodes);
    return await node.call(this.name, "takes", ({ engine }) =>
      engine.assign(this.#granted, market, { task: null, count }),
    );
  }

  get #granted(): SessionGrant {
    if (this.#session === null) throw new Error("nobody has signed in");
    return this.#session;
  }

  #answer(slot: Slot, { truth }: OpenMarket): Given {
    const { random } = this.#world;
    const isWrong = random.between(0, 9) < this.#wrong;
    return { slot, answer: isWrong ? random.pick(choices) : truth(slot.task) };
  }

  #request(market: MarketId, given: readonly Given[], next: number): SubmitRequest {
    const timeMs = Math.floor(this.#world.scheduler.nowMs);
    const submissions = given.map(({ slot, answer }) => ({ slot, body: { answer } }));
    const hashed = submissions.map(({ slot, body }) => ({ ...slot, body: bodyHashOf(sha256, body) }));
    const signature = this.#sessionSigner.sign(submissionsStatement(market, timeMs, hashed));
    return { market, session: this.#granted, signed: { timeMs, signature }, submissions, next };
  }

  /** By the token alone: a checkpoint is signed later. */
  #uncovered(request: SubmitRequest): SubmitRequest {
    for (const { slot, body } of request.submissions) {
      this.#sent.set(`${request.market} ${formatSlot(slot)}`, bodyHashOf(sha256, body));
    }
    return { ...request, signed: null };
  }

  /** Signs for what it sent itself, and for nothing else. */
  async #cover(market: MarketId): Promise<void> {
    const shown = await insist(this.#world, this.#nodes, (node) =>
      node.call(this.name, "looks what is not signed", ({ engine }) => engine.coverage(this.#granted, market)),
    );
    for (const { session, count: before, running: from, submissions } of shown) {
      if (submissions.length === 0) continue;
      const isOwn = submissions.every(({ slot, body }) => {
        const sent = this.#sent.get(`${market} ${formatSlot(slot)}`);
        return sent !== undefined && equalBytes(sent, body);
      });
      if (!isOwn) this.#world.trace.fail(this.name, "is to sign for what it did not send");
      const hashed = submissions.map(({ slot, body }) => ({ ...slot, body }));
      const [count, running] = [before + submissions.length, runningHash(sha256, from, hashed)];
      const signature = this.#sessionSigner.sign(coverageStatement({ market, lane: 0, session, count, running }));
      await insist(this.#world, this.#nodes, (node) =>
        node.call(this.name, `signs for ${count}`, ({ engine }) =>
          engine.cover(this.#granted, market, { session, count, running, signature }),
        ),
      );
    }
  }

  /** Until there is an answer: what was not answered may have been taken, and the same again says so. */
  async #submit(market: MarketId, given: readonly Given[], next: number): Promise<TurnView> {
    const { random, scheduler } = this.#world;
    const send = (node: ApiNode): Promise<TurnView> => {
      const signed = this.#request(market, given, next);
      const request = this.#hasToken ? this.#uncovered(signed) : signed;
      const slots = given.map(({ slot }) => `${slot.task}.${slot.ordinal}`).join(" ");
      return node.call(this.name, `submits ${slots}`, ({ engine }) => engine.submit(request));
    };
    if (random.chance(0.08)) {
      // The same message arrives twice, at another process perhaps.
      const again = random.pick(this.#nodes);
      scheduler.after(random.between(0, 300), () => {
        send(again).then(
          (turn) => this.#note(market, given, turn),
          () => undefined,
        );
      });
    }
    const turn = await insist(this.#world, this.#nodes, send);
    this.#note(market, given, turn);
    return turn;
  }

  #note(market: MarketId, given: readonly Given[], { submissions, acknowledgement: proof }: TurnView): void {
    for (const [i, { slot, answer }] of given.entries()) {
      const view = submissions[i];
      if (view === undefined) {
        this.#world.trace.fail(this.name, "an answer without one of its submissions");
        return;
      }
      this.#journal.submissions.push({
        who: this.name,
        market,
        slot,
        body: bodyHashOf(sha256, { answer }),
        view,
        proof,
      });
    }
  }

  /** Somebody who has the token of a session, and not its key. */
  async #forge(market: MarketId, given: readonly Given[]): Promise<void> {
    const request = this.#request(market, given, 0);
    if (request.signed === null) return;
    const { timeMs } = request.signed;
    const signature = Uint8Array.from(request.signed.signature, (byte, i) => (i === 5 ? byte ^ 1 : byte));
    const node = this.#world.random.pick(this.#nodes);
    try {
      await node.call(this.name, "forges", ({ engine }) =>
        engine.submit({ ...request, signed: { timeMs, signature } }),
      );
      this.#world.trace.fail(this.name, "a forged submission was taken");
    } catch (error) {
      if (!isEarnestError(error) && !mayBeAskedAgain(error)) throw error;
    }
  }

  async #appeal(market: MarketId, slot: Slot): Promise<void> {
    await insistOnce(this.#world, this.#nodes, {
      who: this.name,
      what: "appeals",
      key: `${this.name} appeal ${this.#keys++}`,
      work: async (engine, once) => void (await engine.appeal(this.#granted, market, slot, once)),
      again: () => undefined,
    });
  }

  async #setReserve(market: MarketId, target: bigint): Promise<void> {
    await insistOnce(this.#world, this.#nodes, {
      who: this.name,
      what: "sets its reserve",
      key: `${this.name} reserve ${this.#keys++}`,
      work: (engine, once) => engine.setReserve(this.#granted, market, amount(target), once),
      again: () => undefined,
    });
  }

  /** Wants all that it earned. */
  async leave(open: readonly OpenMarket[]): Promise<void> {
    await this.signIn();
    for (const { market } of open) {
      try {
        if (this.#hasToken) await this.#cover(market);
        await this.#setReserve(market, 0n);
      } catch (error) {
        // It never worked there.
        if (!isEarnestError(error)) throw error;
      }
    }
  }
}
