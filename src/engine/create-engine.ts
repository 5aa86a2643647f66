import { toBase58 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { pruneChallenges } from "../store/identity/challenges.ts";
import { pruneResponses } from "../store/identity/idempotency.ts";
import { pruneRequests } from "../store/identity/requests.ts";
import { putSetting } from "../store/identity/settings.ts";
import { pruneNodes } from "../store/nodes/standings.ts";
import { readUncut } from "../store/settlement/read-uncut.ts";
import { pruneMessages } from "../store/webhooks/messages.ts";
import { createAsk } from "./ask.ts";
import { challengeMs } from "./challenge-nonces.ts";
import { createChallenges } from "./challenges.ts";
import { createCommits } from "./commits.ts";
import type { EngineContext } from "./context.ts";
import { createControls } from "./controls.ts";
import { createCoverage } from "./coverage.ts";
import { createDeposits } from "./deposits.ts";
import type { Engine } from "./engine.ts";
import { Events } from "./events.ts";
import { createEvidence } from "./evidence.ts";
import { Executor } from "./executions.ts";
import { createIdentity } from "./identity.ts";
import { createInsight } from "./insight/create-insight.ts";
import { createExplaining } from "./insight/explain.ts";
import { measurePaces } from "./insight/measure-paces.ts";
import { createPublicRecords } from "./insight/reputation.ts";
import { Lanes } from "./lanes.ts";
import { Loop } from "./loop.ts";
import { createMarkets } from "./markets.ts";
import { createMeasuring } from "./measuring.ts";
import { createMessages } from "./messages.ts";
import { createNotices } from "./notices.ts";
import { createPaying } from "./paying.ts";
import { PlaceForgetter } from "./places/forget.ts";
import { Pools, tokenView } from "./pools.ts";
import { createPrograms } from "./programs.ts";
import { createQualifying } from "./qualifying.ts";
import { createReceipts } from "./receipts.ts";
import { createResults } from "./results.ts";
import { createSavedKeys } from "./saved-keys.ts";
import { Settling } from "./settlement/settling.ts";
import { createSlotReceipts } from "./slot-receipts.ts";
import { createSolvency } from "./solvency.ts";
import { sweepOnce } from "./sweep.ts";
import { createTasks } from "./tasks.ts";
import { createTokens } from "./tokens.ts";
import { createTotals } from "./totals.ts";
import { UnderWay } from "./under-way.ts";
import { Deliveries } from "./webhooks/deliver.ts";
import { createRequests } from "./webhooks/requests.ts";
import { createWebhooks } from "./webhooks/webhooks.ts";
import { Withdrawals } from "./withdrawals/withdrawals.ts";
import { createWork } from "./work.ts";

const idempotencyMs = 24 * 3_600_000;
const messagesMs = 30 * 24 * 3_600_000;
const requestsMs = 7 * 24 * 3_600_000;
const requestsKept = 1_000;
const housekeepingMs = 60_000;
/** What a node showed is remembered for so long after its last session. */
const nodesMs = 180 * 86_400_000;
const measureMs = 15_000;
const withdrawMs = 2_000;
const tellMs = 15_000;

/**
 * Puts the use cases together and starts the loops: the sweeper (what falls due without a request), the settler (from
 * verdicts to wallets), the withdrawer (what contributors send on) and housekeeping.
 *
 * @throws DATABASE_NETWORK_MISMATCH where the database belongs to another chain, token or signing key.
 */
export async function createEngine(context: EngineContext): Promise<Engine> {
  const { pool, rail, clock, settings } = context;
  await checkDeployment(context);
  const lanes: Lanes = new Lanes(context, (market, lane) => executor.wake(market, lane));
  const executor = new Executor(context, lanes);
  const pools = new Pools(context);
  const identity = createIdentity(context);
  const receipts = createReceipts(context);
  const markets = createMarkets(context, lanes, { identity, pools });
  const tasks = createTasks(context, lanes, markets, pools);
  const explaining = createExplaining(context, lanes);
  const work = createWork(context, { lanes, pools, identity, tasks, receipts, explaining });
  const challenges = createChallenges(lanes);
  const signing = createCoverage(context, lanes);
  const submits = new UnderWay();
  const results = createResults(context, { lanes, receipts, markets });
  const evidence = createEvidence(context, { lanes, markets });
  const commits = createCommits(context, pools);
  const events = new Events(context, lanes);
  const ask = createAsk(context, { markets, tasks });

  const sweeper = new Loop("sweep", settings.sweepMs, context.log, () => sweepOnce(context, lanes));
  const settling = new Settling(pools, lanes);
  const settler = new Loop("settle", settings.epochMs, context.log, () => settling.once());
  const { epochAmount } = settings;
  const full = new Loop("look for a full epoch", settings.sweepMs, context.log, async () => {
    if (epochAmount !== undefined && (await readUncut(pool, pools.home.poolNumber)) >= epochAmount)
      await settler.runNow();
  });
  const measurer = new Loop("measure paces", measureMs, context.log, () => measurePaces(context));
  const insight = createInsight(context, { lanes, pools, identity, markets });
  const notices = createNotices(context, insight);
  const teller = new Loop("tell of new work", tellMs, context.log, () => notices.tell());
  const deliveries = new Deliveries(context);
  const deliverer = new Loop("deliver webhooks", settings.sweepMs, context.log, () => deliveries.begin());
  const withdrawals = new Withdrawals(context, pools);
  const withdrawer = new Loop("withdraw", withdrawMs, context.log, () => withdrawals.advance());
  const forgetter = new PlaceForgetter(context, lanes);
  const housekeeper = new Loop("housekeeping", housekeepingMs, context.log, async () => {
    // Clocks of processes differ: what one of them still takes, another must not have forgotten.
    await pruneChallenges(pool, clock() - challengeMs);
    await pruneResponses(pool, clock() - idempotencyMs);
    await pruneMessages(pool, clock() - messagesMs);
    await pruneNodes(pool, clock() - nodesMs);
    await pruneRequests(pool, clock() - requestsMs, requestsKept);
    await forgetter.once();
  });

  return {
    ...identity,
    ...markets,
    ...createDeposits(context, markets, pools),
    ...tasks,
    ...work,
    // Before a lane knows of it, its signature is checked aside.
    submit: (request) => submits.add(work.submit(request)),
    coverage: signing.coverage,
    cover: (session, market, checkpoint) => submits.add(signing.cover(session, market, checkpoint)),
    ...createMeasuring(context, { lanes, tasks, pools }),
    ...results,
    ...evidence,
    ...challenges,
    ...ask,
    ...createPrograms(context, { lanes, receipts, markets }),
    ...createQualifying(context, { lanes, identity, markets }),
    ...createControls(lanes, markets),
    ...insight,
    noticeKey: () => context.notices.publicKey,
    putNoticeAddress: (session, address) => notices.put(session, address),
    removeNoticeAddress: (session, endpoint) => notices.remove(session, endpoint),
    receipt: receipts.receipt,
    log: receipts.log,
    wholeLog: receipts.wholeLog,
    ...commits,
    ...createPaying(context, lanes, pools),
    planWithdrawal: (session, wish, once) => withdrawals.plan(session, wish, once),
    sendWithdrawal: (session, id, signature) => withdrawals.send(session, id, signature),
    withdrawal: (session, id) => withdrawals.one(session, id),
    heldInWallet: (session, mint) => withdrawals.held(session, mint),
    ...createSavedKeys(context),
    ...createPublicRecords(context, { lanes, identity }),
    ...createMessages(context, { lanes, identity, markets }),
    ...createWebhooks(context),
    ...createRequests(context),
    ...createSolvency(pools),
    ...createTokens(context, pools),
    ...createTotals(context, pools),
    listWithdrawals: (session, limit) => withdrawals.list(session, limit),
    ...createSlotReceipts(context, { receipts, markets, pools }),

    async network() {
      const { cluster, mint, decimals, canFreeze, program, network, pool: poolAccount, vault } = rail;
      return {
        cluster,
        mint,
        decimals,
        canFreeze,
        testTokens: context.giveTestTokens !== undefined,
        program,
        network,
        pool: poolAccount,
        vault,
        ...(settings.publicRpcUrl !== undefined && { rpcUrl: settings.publicRpcUrl }),
        tokens: (await pools.all()).map((each) => tokenView(each.rail)),
        attestors: await commits.attestors(),
        signer: context.signer.publicKey,
        feeBasisPoints: settings.feeBasisPoints,
        domain: settings.domain,
        timeMs: clock(),
      };
    },

    async checkReady() {
      await pool.query("select 1");
      await rail.heldBy([]);
    },

    events: (market, after, signal) => events.follow(market, after, signal),

    token: async (mint) => tokenView((await pools.byMint(mint)).rail),
    tokenOf: async (market) => tokenView((await pools.of(market)).rail),

    settle: () => settler.runNow(),

    async close() {
      settling.stop();
      const loops = [full, sweeper, settler, measurer, withdrawer, teller, deliverer, housekeeper];
      await Promise.all(loops.map((each) => each.stop()));
      await deliveries.stop();
      await submits.over();
      await executor.stop();
      await lanes.leave();
    },
  };
}

/**
 * A database remembers its chain and token: paying debts of one in coins of another would be a disaster. It remembers
 * whose signatures its heads bear as well: acknowledgements of a lane under two keys would prove nothing.
 */
async function checkDeployment({ pool, rail, signer }: EngineContext): Promise<void> {
  for (const [field, expected, source] of [
    ["cluster", rail.cluster, "the chain"],
    ["mint", rail.mint, "the chain"],
    ["pool", rail.pool, "the chain"],
    ["signer", toBase58(signer.publicKey), "this process's data folder"],
  ] as const) {
    const found = await putSetting(pool, field, expected);
    if (found !== expected) throw earnestError("DATABASE_NETWORK_MISMATCH", { field, found, source, expected });
  }
}
