import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createSolanaClient } from "./client.ts";
import { outcomeOf, submit } from "./submission.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(handle: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => handle(request, response, body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = (attempts = 2) =>
    createSolanaClient({
      rpcUrl: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
      attempts,
      sleep: () => Promise.resolve(),
    });
  return { client };
}

/** A node that answers each method as told. */
async function nodeSaying(answers: Readonly<Record<string, unknown>>) {
  const { client } = await serve((_, response, body) => {
    const { method } = JSON.parse(body) as { method: string };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, ...(answers[method] as object) }));
  });
  return client();
}

const transaction = { signature: "1".repeat(64), wire: new Uint8Array(10), lastValidBlockHeight: 1_000n };

describe("outcomeOf", () => {
  const outcome = async (height: number, contextSlot: number, status: unknown) => {
    const epoch = { absoluteSlot: height + 50, blockHeight: height, epoch: 0, slotIndex: 0, slotsInEpoch: 432_000 };
    const client = await nodeSaying({
      getEpochInfo: { result: { ...epoch, transactionCount: 1 } },
      getSignatureStatuses: { result: { context: { slot: contextSlot }, value: [status] } },
    });
    return outcomeOf(client, transaction);
  };
  const status = (confirmationStatus: string, err: unknown = null) => ({
    slot: 5,
    confirmations: null,
    confirmationStatus,
    err,
  });

  it.each([
    ["unknown, and a block may still hold it", 1_000, 1_050, null, "pending"],
    ["unknown, and no block can hold it", 1_001, 1_051, null, "expired"],
    ["unknown to a node that is behind the final height", 1_001, 1_050, null, "pending"],
    ["processed", 1_001, 1_051, status("processed"), "pending"],
    ["confirmed long after its time", 9_000, 9_050, status("confirmed"), "pending"],
    ["failed, but not finally", 9_000, 9_050, status("confirmed", "AccountInUse"), "pending"],
    ["finally failed", 500, 550, status("finalized", { InstructionError: [0, { Custom: 1 }] }), "failed"],
    ["final", 500, 550, status("finalized"), "finalized"],
    ["final long after its time", 9_000, 9_050, status("finalized"), "finalized"],
  ])("says of a transaction that is %s: %#", async (_, height, contextSlot, value, expected) => {
    expect(await outcome(height, contextSlot, value)).toBe(expected);
  });
});

describe("submit", () => {
  const refusing = (code: number, data?: unknown) =>
    nodeSaying({ sendTransaction: { error: { code, message: "Transaction simulation failed", data } } });
  const preflight = (err: unknown, logs: readonly string[] = []) => refusing(-32002, { err, logs, unitsConsumed: 0 });

  it.each(["AlreadyProcessed", "BlockhashNotFound"])("leaves %s to its outcome", async (err) => {
    await submit(await preflight(err), transaction);
  });

  it.each(["AccountNotFound", "InsufficientFundsForFee"])("says of %s that SOL is missing", async (err) => {
    await expect(submit(await preflight(err), transaction)).rejects.toMatchObject({
      code: "TRANSACTION_FAILED",
      message: expect.stringContaining("too little SOL"),
    });
  });

  it("says what the program said", async () => {
    const sent = submit(
      await preflight({ InstructionError: [1, { Custom: 17 }] }, ["a", "b", "Account is frozen"]),
      transaction,
    );
    await expect(sent).rejects.toMatchObject({ message: expect.stringContaining("b; Account is frozen") });
  });

  it("says that the node refuses the call", async () => {
    await expect(submit(await refusing(-32602), transaction)).rejects.toMatchObject({ code: "TRANSACTION_FAILED" });
  });

  it("says that the chain does not answer while the node is behind", async () => {
    const sent = submit(await refusing(-32005, { numSlotsBehind: 9 }), transaction);
    await expect(sent).rejects.toMatchObject({ code: "CHAIN_UNAVAILABLE" });
  });
});
