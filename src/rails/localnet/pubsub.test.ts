import { base58 } from "@scure/base";
import { generateKeyPairSigner, lamports } from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { toBase64 } from "../../core/bytes.ts";
import { call, startTestLocalnet, type TestLocalnet, wireOf } from "./fixture.ts";

let net: TestLocalnet;
beforeAll(async () => {
  net = await startTestLocalnet();
});
afterAll(async () => {
  await net.close();
  net.remove();
});

interface Message {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number };
  readonly method?: string;
  readonly params?: { readonly result: unknown; readonly subscription: number };
}

/** A bare connection: what it received, and a wait for the next message that fits. */
async function connect(url = net.wsUrl) {
  const socket = new WebSocket(url);
  const received: Message[] = [];
  let wake: () => void = () => undefined;
  socket.on("message", (data) => {
    received.push(JSON.parse(data.toString()) as Message);
    wake();
  });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const next = async (fits: (message: Message) => boolean): Promise<Message> => {
    for (;;) {
      const found = received.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const ask = async (id: number, method: string, params: unknown[] = []): Promise<Message> => {
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return next((message) => message.id === id);
  };
  return { socket, received, next, ask };
}

async function transferWire() {
  const payer = await net.funded();
  const transfer = getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n });
  return { payer, wire: wireOf(await net.sign(payer, [transfer])) };
}

const send = (wire: Uint8Array) => call(net.rpcUrl, "sendTransaction", [toBase64(wire), { encoding: "base64" }]);

describe("subscriptions of an unmodified kit client", () => {
  it("follow accounts", async () => {
    const [payer, to] = [await net.funded(), await generateKeyPairSigner()];
    const abort = new AbortController();
    const notifications = await net.rpcSubscriptions
      .accountNotifications(to.address, { commitment: "confirmed", encoding: "base64" })
      .subscribe({ abortSignal: abort.signal });
    // Kit drops what arrives before somebody iterates.
    const told = notifications[Symbol.asyncIterator]().next();
    const transfer = getTransferSolInstruction({ source: payer, destination: to.address, amount: 1_000_000n });
    await net.sendAndConfirm(await net.sign(payer, [transfer]), { commitment: "confirmed" });
    expect((await told).value.value.lamports).toBe(lamports(1_000_000n));
    abort.abort();
  });

  it("follow logs that mention an address", async () => {
    const { payer, wire } = await transferWire();
    const abort = new AbortController();
    const notifications = await net.rpcSubscriptions
      .logsNotifications({ mentions: [payer.address] })
      .subscribe({ abortSignal: abort.signal });
    const told = notifications[Symbol.asyncIterator]().next();
    await net.funded();
    const { result } = await send(wire);
    const { value } = (await told).value;
    expect(value.signature).toBe(result);
    expect(value.logs?.at(-1)).toContain("success");
    abort.abort();
  });

  it("follow slots", async () => {
    const abort = new AbortController();
    const notifications = await net.rpcSubscriptions.slotNotifications().subscribe({ abortSignal: abort.signal });
    const slots: bigint[] = [];
    for await (const { slot } of notifications) if (slots.push(slot) === 2) break;
    expect((slots[1] as bigint) > (slots[0] as bigint)).toBe(true);
    abort.abort();
  });
});

describe("subscriptions on the wire", () => {
  it("tell of a signature once, and end", async () => {
    const { received, next, ask } = await connect();
    const { wire } = await transferWire();
    const signature = toSignature(wire);
    const { result } = await ask(1, "signatureSubscribe", [signature, { commitment: "finalized" }]);
    await send(wire);
    const told = await next((message) => message.method === "signatureNotification");
    expect(told.params).toMatchObject({ subscription: result, result: { value: { err: null } } });
    expect((await ask(2, "signatureUnsubscribe", [result])).result).toBe(true);
    expect(received.filter((message) => message.method !== undefined)).toHaveLength(1);
  });

  it("tell at once of a signature that is final already", async () => {
    const { wire } = await transferWire();
    await send(wire);
    const { next, ask } = await connect();
    await ask(1, "signatureSubscribe", [toSignature(wire)]);
    expect((await next((message) => message.method === "signatureNotification")).params?.result).toMatchObject({
      value: { err: null },
    });
  });

  it("work on the RPC's own port too", async () => {
    const { ask } = await connect(net.rpcUrl.replace("http", "ws"));
    expect((await ask(1, "slotSubscribe")).result).toEqual(expect.any(Number));
  });

  it("ignore pings, refuse nonsense, and stay open", async () => {
    const { socket, next, ask } = await connect();
    socket.send('{"jsonrpc":"2.0","method":"ping"}');
    socket.send("{");
    expect((await next((message) => message.id === null)).error?.code).toBe(-32700);
    expect((await ask(1, "nopeSubscribe")).error?.code).toBe(-32601);
    expect((await ask(2, "constructor")).error?.code).toBe(-32601);
    expect((await ask(3, "accountSubscribe", ["x"])).error?.code).toBe(-32602);
    expect((await ask(4, "slotUnsubscribe", [12345])).error?.code).toBe(-32602);
    expect((await ask(5, "logsSubscribe", [{ mentions: [] }])).error?.code).toBe(-32602);
    expect((await ask(6, "slotSubscribe")).result).toEqual(expect.any(Number));
  });

  it("cannot end another connection's", async () => {
    const [a, b] = [await connect(), await connect()];
    const { result } = await a.ask(1, "slotSubscribe");
    expect((await b.ask(1, "slotUnsubscribe", [result])).error?.code).toBe(-32602);
    expect((await a.next((message) => message.method === "slotNotification")).params?.subscription).toBe(result);
  });

  it("end with a message that is too large", async () => {
    const { socket } = await connect();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.send("x".repeat(100_000));
    await closed;
  });

  it("follow all accounts of a program", async () => {
    const { ask, next } = await connect();
    await ask(1, "programSubscribe", ["11111111111111111111111111111111", { encoding: "base64" }]);
    const payer = await net.funded();
    const told = await next(
      (message) => (message.params?.result as { value: { pubkey: string } })?.value.pubkey === payer.address,
    );
    expect(told.params?.result).toMatchObject({ value: { account: { lamports: 10_000_000_000 } } });
  });
});

const toSignature = (wire: Uint8Array): string => base58.encode(wire.slice(1, 65));
