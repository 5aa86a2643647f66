import { beforeAll } from "vitest";
import { Contributor } from "../../src/client/contributor.ts";
import { Earnest } from "../../src/client/earnest.ts";
import { generateSigner, signerFromKeyPair } from "../../src/client/keys.ts";
import type { NewMarket } from "../../src/contract/markets.ts";
import type { NewTest } from "../../src/contract/qualifying.ts";
import type { NewTask } from "../../src/contract/tasks.ts";
import { amount, formatAmount } from "../../src/core/amount.ts";
import type { Json } from "../../src/core/json.ts";
import { addWeb } from "../../src/main/web.ts";
import { startTestRail, type TestRail } from "../../src/rails/rail-fixture.ts";
import { createMint, mintTo } from "../../src/rails/solana/tokens.ts";
import { depositInto } from "./deposit-into.ts";
import { useWholeServer } from "./whole-server.ts";

/** The pages over the real API, engine, database and chain; and a requester who opens markets for them. */
export interface WebWorld {
  readonly url: string;
  /** The chain's own address, which the explorer asks. */
  readonly rpcUrl: string;
  openMarket(market: Partial<NewMarket>, tasks: readonly NewTask[]): Promise<string>;
  /** An API key of the requester, for a browser of theirs. */
  apiKey(): Promise<string>;
  closeMarket(market: string): Promise<void>;
  /** What the first tasks of a market settled on so far. */
  labels(market: string): Promise<Json[]>;
  /** Brings what was earned onto the chain. */
  settle(): Promise<unknown>;
  /** Moves the clock of chain and server on: nobody signs in by the machine's clock after that. */
  later(ms: number): void;
  /** What a wallet holds on chain, in tokens. */
  heldBy(wallet: string): Promise<string>;
  /** A token that somebody else made on the chain. */
  otherToken(): Promise<{ readonly mint: string; giveTo: (wallet: string, units: bigint) => Promise<unknown> }>;
  putTest(market: string, name: string, test: NewTest): Promise<void>;
  /** Somebody else who works, without a browser. */
  person(): Promise<Contributor>;
}

export function useWeb(): () => WebWorld {
  const time = { aheadMs: 0 };
  const clock = (): number => Date.now() + time.aheadMs;
  let rail: TestRail;
  let world: WebWorld | undefined;
  const server = useWholeServer(
    async () => {
      rail = await startTestRail({ clock });
      return { ...rail, clock };
    },
    (app) => addWeb(app, { rpcUrl: rail.net.rpcUrl }),
    {
      // Soon, so that receipts are completed while somebody looks at them.
      epochMs: 1_000,
      get publicRpcUrl() {
        return rail.net.rpcUrl;
      },
    },
  );
  beforeAll(async () => {
    const { url } = server();
    const wallet = await rail.requester(1_000_000_000n);
    const client = await Earnest.signIn({ server: url, signer: await signerFromKeyPair(wallet.keyPair) });
    world = {
      url,
      rpcUrl: rail.net.rpcUrl,
      later(ms) {
        time.aheadMs += ms;
      },
      async openMarket(wanted, tasks) {
        const market: NewMarket = {
          title: "Small judgements",
          answer: { type: "choice", choices: ["a", "b", "c"] },
          reward: "0.02",
          newcomer: { answers: 50, budget: "2" },
          policy: null,
          ...wanted,
        };
        const { id } = await client.markets.create(market);
        await client.markets.fund(id, await depositInto(rail, wallet, client, id, amount(20_000_000n)));
        await client.markets.open(id);
        if (tasks.length > 0) await client.markets.addTasks(id, tasks);
        return id;
      },
      apiKey: async () => (await client.apiKeys.create({ name: "browser" })).secret,
      closeMarket: async (market) => void (await client.markets.close(market)),
      async labels(market) {
        const found: Json[] = [];
        for await (const { label } of client.markets.results(market)) found.push(label);
        return found;
      },
      settle: () => server().engine.settle(),
      heldBy: async (address) =>
        formatAmount((await rail.rail.heldBy([address])).get(address) ?? 0n, rail.rail.decimals),
      async otherToken() {
        const mint = await createMint(rail.client, rail.operator, 6);
        const giveTo = (owner: string, units: bigint) => mintTo(rail.client, rail.operator, mint, owner, amount(units));
        return { mint: mint.address, giveTo };
      },
      putTest: async (market, name, test) => void (await client.markets.putTest(market, name, test)),
      person: async () => new Contributor({ server: url, signer: await generateSigner() }),
    };
  });
  return () => {
    if (world === undefined) throw new Error("the pages are there only while tests run");
    return world;
  };
}

/** Tasks whose right answer is the second, as whoever reads sees. */
export const plainTasks = (count: number, name = "task"): NewTask[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `${name}-${i}`,
    content: {
      question: `Which of these is a fruit (${name} ${i})?`,
      choices: [
        { id: "a", label: "A hammer" },
        { id: "b", label: "A pear" },
        { id: "c", label: "A cloud" },
      ],
      content: [{ type: "text", label: "Hint", text: "It grows on a tree." }],
    },
  }));

/** Of which the requester has told nobody the answer. */
export const controlTasks = (count: number): NewTask[] =>
  plainTasks(count, "control").map((task) => ({ ...task, control: "b" }));
