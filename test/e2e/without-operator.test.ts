import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { amount } from "../../src/core/amount.ts";
import { type Bytes32, bytes32, fromBase58, toBase58, toHex } from "../../src/core/bytes.ts";
import type { MarketId } from "../../src/core/market-id.ts";
import { payToStatement } from "../../src/core/statements.ts";
import { signerFromSeed } from "../../src/main/crypto.ts";
import { startTestLocalnet, type TestLocalnet } from "../../src/rails/localnet/fixture.ts";
import { closeMarket, marketAt } from "../../src/rails/solana/escrow/markets.ts";
import { useTestDatabase } from "../../src/store/testing.ts";
import { type AttestedServer, type RunningAttestor, startAttestedServer } from "../support/attested-server.ts";
import { runCli } from "../support/cli.ts";
import { TestContributor } from "../support/engine.ts";
import { manyTasks, single, specOf, workThrough } from "../support/engine-world.ts";
import { named } from "../support/market-hash.ts";

/**
 * The whole network with three real attestors over HTTP; then the operator is deleted, and what the log owed is paid from
 * attestors' leaf files and the chain alone.
 */

const database = useTestDatabase();
/** One clock for chain, engine and attestors, which the test moves on. */
const time = { aheadMs: 0 };
const clock = (): number => Date.now() + time.aheadMs;
const day = 86_400;

let network: AttestedServer;
let attestors: RunningAttestor[];
let market: MarketId;
let requester: Awaited<ReturnType<AttestedServer["chain"]["requester"]>>;
const seeds = [named("first person"), named("second person")];
const wallets = seeds.map((seed) => toBase58(signerFromSeed(seed).publicKey));

beforeAll(async () => {
  network = await startAttestedServer({
    pool: database().pool,
    clock,
    // Nobody is sponsored: whoever wants its tokens has to claim them.
    settings: { sponsor: { dueMin: amount(0n), perDayMax: 0, lamportsMax: 0n } },
    delays: { refundDelaySeconds: 30 * day, deadAfterSeconds: 60 * day },
  });
  attestors = [];
  for (const place of [0, 1, 2]) attestors.push(await network.attestor(place));
});
afterAll(() => network.close());

async function openMarket(deposit: bigint): Promise<void> {
  const { engine, chain } = network;
  requester = await chain.requester(deposit);
  const owner: Bytes32 = bytes32(fromBase58(requester.address));
  const made = await engine.createMarket(owner, { spec: specOf(single), refundTo: requester.address, standing: false });
  market = made.market;
  await engine.fundMarket(owner, market, await chain.fund(requester, { ...made, amount: amount(deposit) }));
  await engine.changeStatus(owner, market, "open");
  // One of them is a control task, whose answer nobody but attestors is shown.
  await engine.addTasks(
    owner,
    market,
    manyTasks(6, (place) => (place === 2 ? "a" : null)),
  );
}

async function work(seed: Uint8Array, reserve = 0n): Promise<void> {
  const person = await TestContributor.signIn(network.engine, seed, clock);
  const [first] = await person.assign(market);
  if (reserve > 0n) await network.engine.setReserve(person.session, market, amount(reserve));
  await person.submit(market, (first as NonNullable<typeof first>).slot, "a");
  expect(await workThrough(person, market, () => "a")).toBe(5);
}

/** Until the chain has allocated what the log says, in commits that attestors signed. */
async function committed(allocated: bigint): Promise<void> {
  await expect
    .poll(async () => (await network.chain.rail.readPool()).pool.allocated, { timeout: 20_000, interval: 100 })
    .toBe(allocated);
}

const balanceOf = async (wallet: string): Promise<bigint> =>
  (await network.chain.rail.heldBy([wallet])).get(wallet) as bigint;

const cli = (...args: readonly string[]) =>
  runCli(["--json", "--yes", ...args, "--rpc", network.chain.net.rpcUrl], { nowMs: clock() });

const genesisOf = async ({ rpc }: TestLocalnet): Promise<string> => await rpc.getGenesisHash().send();

const wait = { timeout: 10_000, interval: 200 } as const;

/** What an attestor keeps of the pool's last commit. */
async function leafFiles(): Promise<string[]> {
  const { digest } = (await network.chain.rail.readPool()).pool;
  return attestors.map(({ folder }) => join(folder, "commits", `${toHex(digest)}.leaves`));
}

const urlOf = (place: number): string => attestors[place]?.url ?? "";

describe("a network whose attestors replay its log", () => {
  it("commits what they came to by themselves", async () => {
    await openMarket(1_000_000n);
    await work(seeds[0] as Uint8Array);
    // Six answers of 20,000, and a fee of 2%.
    await committed(122_400n);
    for (const { events } of attestors.slice(0, 2)) {
      expect(events.filter(({ type }) => type === "refused" || type === "abstained")).toEqual([]);
    }
    expect(attestors.flatMap(({ events }) => events).filter(({ type }) => type === "signed").length).toBeGreaterThan(1);
    expect(await balanceOf(wallets[0] as string)).toBe(0n);
  });

  it("goes on where one of them is stopped, and started again", async () => {
    const [ann] = attestors as [RunningAttestor];
    await ann.close();
    await openMarket(1_000_000n);
    await work(seeds[1] as Uint8Array, 50_000n);
    await committed(244_800n);
    const again = await network.attestor(0, { folder: ann.folder });
    attestors[0] = again;
    expect(again.pins).toEqual(ann.pins);
  });

  it("pays at another wallet from the next commit on, where the contributor's own key asks for it", async () => {
    const { engine, chain } = network;
    const seed = seeds[0] as Uint8Array;
    const [number, wallet] = [clock(), signerFromSeed(named("other wallet")).publicKey];
    const statement = payToStatement({ pool: bytes32(fromBase58(chain.rail.pool)), number, wallet });
    const { session } = await TestContributor.signIn(engine, seed, clock);
    await engine.payTo(session, { wallet, number, signature: signerFromSeed(seed).sign(statement) });
    const floor = async () => (await chain.rail.readPool()).pool.floor;
    await expect.poll(floor, { timeout: 20_000, interval: 100 }).toBeGreaterThan(0n);
  });

  it("shows everybody their leaf, also on the operator's server", async () => {
    const keypair = network.keypairFile(seeds[1] as Uint8Array);
    const poor = await cli("claim", "--keypair", keypair, "--server", network.url);
    expect(poor.json).toMatchObject({ ok: false, error: { code: "LAMPORTS_INSUFFICIENT" } });
    const stranger = await cli("claim", "--keypair", network.keypairFile(named("a stranger")), "--server", network.url);
    expect(stranger.json).toMatchObject({ ok: false, error: { code: "LEAF_NOT_FOUND" } });
  });

  it.each([
    ["claim", ["claim"]],
    ["refund", ["refund", "00112233445566778899aabbccddeeff"]],
    ["wind-down", ["wind-down"]],
  ])("%s: says of a chain that it is not the one that server and attestor name", async (_, command) => {
    const other = await startTestLocalnet();
    try {
      const keypair = ["--keypair", network.keypairFile(seeds[1] as Uint8Array)];
      for (const by of [
        ["--server", network.url],
        ["--attestor", urlOf(0)],
      ]) {
        const args = ["--json", "--yes", ...command, ...keypair, ...by, "--rpc", other.rpcUrl];
        const { exitCode, json, stderr } = await runCli(args, { nowMs: clock() });
        const { cluster } = network.chain.rail;
        const context = { url: other.rpcUrl, found: await genesisOf(other), expected: cluster };
        expect([json.error.code, exitCode === 0], `${by[0]}: ${stderr}`).toEqual(["CLUSTER_MISMATCH", false]);
        expect(json.error.context).toMatchObject(context);
        expect(stderr.split("\n").filter((line) => line.startsWith("✗"))).toHaveLength(1);
      }
    } finally {
      await other.close();
      other.remove();
    }
  });

  it("does not let an attestor change sides", async () => {
    const [, , cid] = attestors as [RunningAttestor, RunningAttestor, RunningAttestor];
    await cid.close();
    const elsewhere = { network: bytes32(new Uint8Array(32).fill(1)) };
    await expect(network.attestor(2, { folder: cid.folder, expected: elsewhere })).rejects.toMatchObject({
      code: "PIN_MISMATCH",
    });
    attestors[2] = await network.attestor(2, { folder: cid.folder });
  });
});

describe("with the operator deleted", () => {
  beforeAll(async () => {
    await closeMarket(
      network.chain.escrow,
      network.chain.pool.at,
      requester,
      marketAt(network.chain.pool.at, requester.address, market),
    );
    await network.deleteOperator();
  });

  it("a contributor without SOL is told so, and with some is paid from an attestor's proof", async () => {
    const keypair = network.keypairFile(seeds[0] as Uint8Array);
    const wallet = toBase58(signerFromSeed(named("other wallet")).publicKey);
    const poor = await cli("claim", "--keypair", keypair, "--wallet", wallet, "--attestor", urlOf(0));
    expect(poor.exitCode).not.toBe(0);
    expect(poor.json).toMatchObject({ ok: false, error: { code: "LAMPORTS_INSUFFICIENT" } });
    await network.chain.supply(wallets[0] as string, 0n);
    // It asked to be paid at another wallet.
    const own = await cli("claim", "--keypair", keypair, "--attestor", urlOf(0));
    expect(own.json).toMatchObject({ ok: false, error: { code: "LEAF_NOT_FOUND" } });
    const paid = await cli("claim", "--keypair", keypair, "--wallet", wallet, "--attestor", urlOf(0));
    expect(paid.json).toMatchObject({ ok: true, paid: true, wallet, owed: "0.12" });
    expect(await balanceOf(wallet)).toBe(120_000n);
    const again = await cli("claim", "--keypair", keypair, "--wallet", wallet, "--attestor", urlOf(1));
    expect(again.json).toMatchObject({ ok: true, paid: false, reason: "nothingDue" });
    expect(await balanceOf(wallet)).toBe(120_000n);
  });

  it("another one is paid from a leaf file, and what is held stays", async () => {
    const [file] = await leafFiles();
    const keypair = network.keypairFile(seeds[1] as Uint8Array);
    await network.chain.supply(wallets[1] as string, 0n);
    const paid = await cli("claim", "--keypair", keypair, "--leaf-file", file as string);
    expect(paid.json).toMatchObject({ ok: true, paid: true, owed: "0.07", held: "0.05" });
    expect(await balanceOf(wallets[1] as string)).toBe(70_000n);
  });

  it("a leaf file that was altered, or is an old one, pays nobody", async () => {
    const [file] = await leafFiles();
    const bytes = new Uint8Array(readFileSync(file as string));
    // A digit of the first contributor's earnings.
    bytes[88 + 56 + 40] = (bytes[88 + 56 + 40] as number) + 1;
    const altered = `${file}.altered`;
    writeFileSync(altered, bytes);
    const keypair = network.keypairFile(seeds[0] as Uint8Array);
    const refused = await cli("claim", "--keypair", keypair, "--leaf-file", altered);
    expect(refused.json).toMatchObject({ ok: false, error: { code: "COMMIT_NOT_FOUND" } });
    const none = await cli("claim", "--keypair", keypair, "--leaf-file", keypair);
    expect(none.json).toMatchObject({ ok: false, error: { code: "MALFORMED_ENCODING" } });
  });

  it("whoever asks the operator only is told whom else to ask", async () => {
    const keypair = network.keypairFile(seeds[1] as Uint8Array);
    const pool = ["--pool", network.chain.rail.pool];
    const nobody = await cli("claim", "--keypair", keypair, "--server", network.url, ...pool);
    expect(nobody.json).toMatchObject({ ok: false, error: { code: "SERVER_UNAVAILABLE" } });
    expect(nobody.stderr).toContain("--attestor URL");
  });

  it("a stranger is told that nothing is owed to it", async () => {
    const keypair = network.keypairFile(named("a stranger"));
    const nobody = await cli("claim", "--keypair", keypair, "--attestor", urlOf(0));
    expect(nobody.json).toMatchObject({ ok: false, error: { code: "LEAF_NOT_FOUND" } });
  });

  it("everybody leaves once the dead time has passed, and not before", async () => {
    const keypair = network.keypairFile(seeds[1] as Uint8Array);
    const early = await cli("wind-down", "--keypair", keypair, "--attestor", urlOf(0));
    expect(early.json).toMatchObject({
      ok: false,
      error: { code: "PROGRAM_REFUSED", context: { error: "NOT_DEAD_YET" } },
    });
    const tooEarly = await cli("refund", market, "--keypair", keypair, "--attestor", urlOf(0));
    expect(tooEarly.json).toMatchObject({ ok: false, error: { context: { error: "REFUND_TOO_EARLY" } } });
    time.aheadMs += 61 * day * 1_000;
    await expect
      .poll(async () => (await cli("wind-down", "--keypair", keypair, "--attestor", urlOf(0))).json, wait)
      .toMatchObject({ ok: true });
    const held = await cli("claim", "--keypair", keypair, "--attestor", urlOf(1));
    expect(held.json).toMatchObject({ ok: true, paid: true, owed: "0.12" });
    expect(await balanceOf(wallets[1] as string)).toBe(120_000n);
    const back = await cli("refund", market, "--keypair", keypair, "--attestor", urlOf(2));
    expect(back.json).toMatchObject({ ok: true, refunded: "0.8776", to: expect.any(String) });
    expect(await balanceOf(requester.address)).toBe(877_600n);
    const [file] = await leafFiles();
    const again = await cli("refund", market, "--keypair", keypair, "--leaf-file", file as string);
    expect(again.json).toMatchObject({ ok: false, error: { code: "ESCROW_ACCOUNT_NOT_FOUND" } });
  });
});
