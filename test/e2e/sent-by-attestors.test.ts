import { afterAll, beforeAll, expect, it } from "vitest";
import { amount } from "../../src/core/amount.ts";
import { bytes32, fromBase58, toBase58 } from "../../src/core/bytes.ts";
import { signerFromSeed } from "../../src/main/crypto.ts";
import { useTestDatabase } from "../../src/store/testing.ts";
import {
  type AttestedServer,
  attestorSeeds,
  type RunningAttestor,
  startAttestedServer,
} from "../support/attested-server.ts";
import { TestContributor } from "../support/engine.ts";
import { manyTasks, single, specOf, workThrough } from "../support/engine-world.ts";

/** An operator that has its commits signed, and then keeps them to itself and shows no attestor what others signed. */

const database = useTestDatabase();
let network: AttestedServer;
beforeAll(async () => {
  network = await startAttestedServer({
    pool: database().pool,
    clock: Date.now,
    settings: { signaturesMs: 0 },
    changeRail: (rail) => ({ ...rail, sendCommit: () => Promise.reject(new Error("the operator sends nothing")) }),
  });
});
afterAll(() => network.close());

/** The server's answers, without anybody's signatures. */
const secretive: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (!/\/v1\/commits(\?|$)/.test(input instanceof Request ? input.url : input.toString())) return response;
  const { items } = (await response.json()) as { readonly items: readonly object[] };
  return Response.json({ items: items.map((each) => ({ ...each, signatures: [] })) });
};

it("cannot stop them: attestors show each other what they signed, and one of them sends it", async () => {
  const { engine, chain } = network;
  const requester = await chain.requester(1_000_000n);
  const owner = bytes32(fromBase58(requester.address));
  const made = await engine.createMarket(owner, { spec: specOf(single), refundTo: requester.address, standing: false });
  const { market } = made;
  await engine.fundMarket(owner, market, await chain.fund(requester, { ...made, amount: amount(1_000_000n) }));
  await engine.changeStatus(owner, market, "open");
  await engine.addTasks(owner, market, manyTasks(3));
  const ann: RunningAttestor = await network.attestor(0, { fetch: secretive });
  const seed = attestorSeeds[1] as Uint8Array;
  await chain.supply(toBase58(signerFromSeed(seed).publicKey), 0n);
  const bob = await network.attestor(1, { fetch: secretive, peers: [ann.url as string], graceMs: 200 });
  await workThrough(await TestContributor.signIn(engine), market, () => "a");
  const pool = async () => (await chain.rail.readPool()).pool;
  await expect.poll(async () => (await pool()).epoch, { timeout: 15_000, interval: 100 }).toBeGreaterThan(0n);
  await expect.poll(() => bob.events.some(({ type }) => type === "sent"), { timeout: 15_000 }).toBe(true);
  expect(ann.events.some(({ type }) => type === "sent")).toBe(false);
});
