import { toBase58, toUtf8 } from "#src/core/bytes";
import { canonicalJson } from "#src/core/json";
import { type MarketId, marketId } from "#src/core/market-id";
import type { Slot } from "#src/core/slot";
import { bodyHashOf, signInText } from "#src/core/statements";
import type { Signer } from "#src/engine/context";
import { Lanes } from "#src/engine/lanes";
import type { NewTask } from "#src/engine/types";
import { sha256, signerFromSeed } from "#src/main/crypto";
import { openDataFolder } from "#src/main/folder";
import { type Network, startNetwork } from "#src/main/network";
import type { Offer } from "#src/market/decide";

const contributors = 120;
/** Larger batches would look longer for the next started task than all the rest of a submission takes. */
const perRequest = 20;
const overlap = 3;
const hourMs = 3_600_000;

const named = (name: string): Signer => signerFromSeed(sha256(toUtf8(name)));

async function fill({ engine, context }: Network, market: MarketId, submissions: number): Promise<void> {
  const { owner } = await engine.market(market);
  const tasks = Math.ceil(submissions / overlap);
  await engine.importTasks(owner, market, portions(tasks));
  const lanes = new Lanes(context);
  const lane = lanes.get(market);
  let left = submissions;
  const work = async (each: number): Promise<void> => {
    const hand = await signedUp({ engine, context } as Network, each);
    let slots: readonly Slot[] = [];
    const slotsOf = (offers: readonly Offer[]): readonly Slot[] => offers.map(({ slot }) => slot);
    while (left > 0) {
      if (slots.length === 0) {
        const { outcome } = await lane.run({
          type: "assign",
          contributor: hand.contributor,
          task: null,
          count: perRequest,
          join: hand.join,
        });
        slots = slotsOf(outcome.offers);
        if (slots.length === 0) return;
        continue;
      }
      left -= slots.length;
      const { outcome } = await lane.run({
        type: "submit",
        contributor: hand.contributor,
        session: hand.session.publicKey,
        authorisation: hand.authorisation,
        signed: { timeMs: context.clock(), signature: unsigned },
        submissions: slots.map((slot) => ({ slot, ...answer })),
        next: left > 0 ? slots.length : 0,
      });
      slots = slotsOf(outcome.offers);
    }
  };
  await Promise.all(Array.from({ length: contributors }, (_, each) => work(each)));
  await lanes.leave();
}

/** Another one each time, as a past that is kept may be filled further. */
const run = crypto.randomUUID();
const unsigned = new Uint8Array(64);
const body = { answer: "yes" };
const answer = { body: toUtf8(canonicalJson(body)), bodyHash: bodyHashOf(sha256, body) };

async function* portions(tasks: number): AsyncGenerator<readonly NewTask[]> {
  for (let from = 0; from < tasks; from += 1_000) {
    yield Array.from({ length: Math.min(1_000, tasks - from) }, (_, i) => ({
      externalId: `${run} ${from + i}`,
      content: { n: from + i },
      terms: null,
      control: null,
    }));
  }
}

/** A contributor as a sign-in makes one. */
async function signedUp({ context }: Network, each: number) {
  const [wallet, session] = [named(`wallet ${run} ${each}`), named(`session ${run} ${each}`)];
  const { rows } = await context.pool.query<{ contributor: number }>(
    `insert into contributors (key, owner, automated, facts, created_at_ms) values ($1, $1, true, '{}', $2)
     returning contributor`,
    [wallet.publicKey, context.clock()],
  );
  const contributor = Number(rows[0]?.contributor);
  const text = signInText({
    domain: "bench",
    address: toBase58(wallet.publicKey),
    nonce: "nonce",
    issuedAt: new Date(context.clock()).toISOString(),
    expirationTime: new Date(context.clock() + 24 * hourMs).toISOString(),
    sessionKey: toBase58(session.publicKey),
  });
  const { publicKey: key } = wallet;
  const join = { kind: "joined", contributor, key, owner: key, automated: true, facts: "{}" } as const;
  return { contributor, session, join, authorisation: { text, signature: wallet.sign(toUtf8(text)) } };
}

/**
 * Gives a market a past: so many submissions, three to a task, all judged and paid, decided and written as a server does it,
 * but for HTTP and the check of signatures.
 */
const [, , dataFolder = "", id = "", rows = ""] = process.argv;

const network = await startNetwork({
  folder: await openDataFolder(dataFolder),
  databaseUrl: null,
  localnetPort: 0,
  epochMs: hourMs,
  domain: () => "bench",
  log: () => undefined,
  say: () => undefined,
});
await fill(network, marketId(id), Number(rows));
await network.close();
console.log(JSON.stringify({ processorSeconds: process.cpuUsage().user / 1e6 }));
process.exit(0);
