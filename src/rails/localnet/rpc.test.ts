import { generateKeyPairSigner } from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toBase58, toBase64 } from "../../core/bytes.ts";
import { call, post, startTestLocalnet, type TestLocalnet, wireOf } from "./fixture.ts";
import { bodyBytesMax } from "./http.ts";

let net: TestLocalnet;
let now = 1_700_000_000_000;
beforeAll(async () => {
  net = await startTestLocalnet({ clock: () => now });
});
afterAll(async () => {
  await net.close();
  net.remove();
});

const codeOf = async (body: string | Uint8Array<ArrayBuffer>, headers?: Record<string, string>) => {
  const { status, text } = await post(net.rpcUrl, body, headers);
  return { status, code: (JSON.parse(text) as { error?: { code: number } }).error?.code };
};

async function signedTransfer(lamports = 1_000_000n) {
  const [payer, to] = [await net.funded(), await generateKeyPairSigner()];
  const transfer = getTransferSolInstruction({ source: payer, destination: to.address, amount: lamports });
  const transaction = await net.sign(payer, [transfer]);
  return { payer, to, wire: wireOf(transaction) };
}

const sendWire = (wire: Uint8Array, config = {}) =>
  call(net.rpcUrl, "sendTransaction", [toBase64(wire), { encoding: "base64", ...config }]);

describe("JSON-RPC", () => {
  it.each([
    ["malformed JSON", "{", -32700],
    ["no JSON at all", "", -32700],
    ["a number", "1", -32600],
    ["an empty batch", "[]", -32600],
    ["no method", '{"jsonrpc":"2.0","id":1}', -32600],
    ["another version", '{"jsonrpc":"1.0","id":1,"method":"getSlot"}', -32600],
    ["an unknown method", '{"jsonrpc":"2.0","id":1,"method":"getNonsense"}', -32601],
    ["a method of every object", '{"jsonrpc":"2.0","id":1,"method":"toString"}', -32601],
    ["named parameters", '{"jsonrpc":"2.0","id":1,"method":"getSlot","params":{"a":1}}', -32602],
    ["a wrong address", '{"jsonrpc":"2.0","id":1,"method":"getBalance","params":["0OIl"]}', -32602],
    ["a short address", '{"jsonrpc":"2.0","id":1,"method":"getBalance","params":["abc"]}', -32602],
    ["a missing address", '{"jsonrpc":"2.0","id":1,"method":"getBalance"}', -32602],
    [
      "a wrong encoding",
      '{"jsonrpc":"2.0","id":1,"method":"sendTransaction","params":["AA",{"encoding":"x"}]}',
      -32602,
    ],
    ["bytes that are no transaction", '{"jsonrpc":"2.0","id":1,"method":"sendTransaction","params":["11"]}', -32602],
    ["deep nesting", "[".repeat(50_000), -32700],
  ])("answers %s with its code", async (_, body, code) => {
    expect(await codeOf(body)).toEqual({ status: 200, code });
  });

  it("refuses invalid UTF-8", async () => {
    expect(await codeOf(new Uint8Array([0x22, 0xff, 0x22]))).toEqual({ status: 200, code: -32700 });
  });

  it("refuses a body larger than its limit, and goes on", async () => {
    for (const size of [bodyBytesMax + 1, 20 * bodyBytesMax]) {
      expect(await codeOf(" ".repeat(size))).toEqual({ status: 413, code: -32600 });
    }
    await expect(post(net.rpcUrl, " ".repeat(100 * bodyBytesMax))).rejects.toThrow();
    expect((await call(net.rpcUrl, "getHealth")).result).toBe("ok");
  });

  it("answers batches in order, and notifications not at all", async () => {
    const body = JSON.stringify([
      { jsonrpc: "2.0", id: "a", method: "getHealth" },
      { jsonrpc: "2.0", method: "getHealth" },
      { jsonrpc: "2.0", id: 7, method: "nope" },
    ]);
    const replies = JSON.parse((await post(net.rpcUrl, body)).text) as { id: unknown }[];
    expect(replies.map((each) => each.id)).toEqual(["a", 7]);
    expect((await post(net.rpcUrl, '{"jsonrpc":"2.0","method":"getHealth"}')).text).toBe("");
  });

  it("gives a 64-bit id and 64-bit integers back unrounded", async () => {
    const { text } = await post(
      net.rpcUrl,
      `{"jsonrpc":"2.0","id":9007199254740993,"method":"getAccountInfo","params":["${(await net.funded()).address}"]}`,
    );
    expect(text).toContain('"id":9007199254740993');
    expect(text).toContain('"rentEpoch":18446744073709551615');
    const tooMuch = "18446744073709551616";
    const body = `{"jsonrpc":"2.0","id":1,"method":"getMinimumBalanceForRentExemption","params":[${tooMuch}]}`;
    expect((await codeOf(body)).code).toBe(-32602);
  });

  it("lets browsers in from anywhere", async () => {
    const preflight = await fetch(net.rpcUrl, { method: "OPTIONS", headers: { origin: "https://wallet.example" } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    const { headers } = await post(net.rpcUrl, "{}");
    expect(headers.get("access-control-allow-origin")).toBe("*");
  });

  it("takes POST of JSON only", async () => {
    expect((await fetch(net.rpcUrl)).status).toBe(405);
    expect((await post(net.rpcUrl, "{}", { "content-type": "text/plain" })).status).toBe(415);
    expect(await (await fetch(`${net.rpcUrl}/health`)).text()).toBe("ok");
  });

  it("honours minContextSlot", async () => {
    const { error } = await call(net.rpcUrl, "getSlot", [{ minContextSlot: 1_000_000_000 }]);
    expect(error?.code).toBe(-32016);
  });
});

describe("sendTransaction", () => {
  it("executes once, whatever is sent again", async () => {
    const { to, wire } = await signedTransfer();
    const first = await sendWire(wire);
    expect(first.result).toBe(toBase58(wire.slice(1, 65)));
    const again = await sendWire(wire);
    expect(again.error).toMatchObject({ code: -32002, data: { err: "AlreadyProcessed" } });
    expect((await sendWire(wire, { skipPreflight: true })).result).toBe(first.result);
    expect((await net.rpc.getBalance(to.address).send()).value).toBe(1_000_000n);
  });

  it("executes once among a hundred at the same time", async () => {
    const { to, wire } = await signedTransfer();
    const replies = await Promise.all(Array.from({ length: 100 }, () => sendWire(wire)));
    expect(replies.filter((each) => each.error === undefined)).toHaveLength(1);
    expect((await net.rpc.getBalance(to.address).send()).value).toBe(1_000_000n);
  });

  it("takes base58 as its default", async () => {
    const { wire } = await signedTransfer();
    expect((await call(net.rpcUrl, "sendTransaction", [toBase58(wire)])).error).toBeUndefined();
  });

  it("refuses a blockhash after 150 slots, and does not execute it later", async () => {
    const { to, wire } = await signedTransfer();
    now += 151 * 400;
    const reply = await sendWire(wire);
    expect(reply.error).toMatchObject({ code: -32002, data: { err: "BlockhashNotFound" } });
    expect(reply.error?.message).toContain("Blockhash not found");
    expect((await sendWire(wire, { skipPreflight: true })).result).toBe(toBase58(wire.slice(1, 65)));
    expect((await net.rpc.getBalance(to.address).send()).value).toBe(0n);
  });

  it("still knows a duplicate in the last slot of its blockhash", async () => {
    const { to, wire } = await signedTransfer();
    await sendWire(wire);
    now += 150 * 400;
    expect((await sendWire(wire)).error).toMatchObject({ data: { err: "AlreadyProcessed" } });
    now += 400;
    expect((await sendWire(wire)).error).toMatchObject({ data: { err: "BlockhashNotFound" } });
    expect((await net.rpc.getBalance(to.address).send()).value).toBe(1_000_000n);
  });

  it("refuses a wrong signature", async () => {
    const { wire } = await signedTransfer();
    wire[10] = (wire[10] ?? 0) ^ 1;
    expect((await sendWire(wire)).error?.code).toBe(-32003);
    expect((await sendWire(wire, { skipPreflight: true })).error?.code).toBe(-32003);
  });

  it("tells why a program refused, and charges nothing", async () => {
    const { payer, wire } = await signedTransfer(10n ** 15n);
    const { error } = await sendWire(wire);
    expect(error).toMatchObject({
      code: -32002,
      message: "Transaction simulation failed: Error processing Instruction 0: custom program error: 0x1",
      data: { err: { InstructionError: [0, { Custom: 1 }] } },
    });
    expect(JSON.stringify(error?.data)).toContain("insufficient lamports");
    expect((await net.rpc.getBalance(payer.address).send()).value).toBe(10_000_000_000n);
  });

  it("records a failure and charges its fee without preflight", async () => {
    const { payer, wire } = await signedTransfer(10n ** 15n);
    const { result } = await sendWire(wire, { skipPreflight: true });
    expect((await net.rpc.getBalance(payer.address).send()).value).toBe(9_999_995_000n);
    expect((await call(net.rpcUrl, "getSignatureStatuses", [[result]])).result).toMatchObject({
      value: [{ confirmationStatus: "finalized", err: { InstructionError: [0, { Custom: 1 }] } }],
    });
    const shown = (await call(net.rpcUrl, "getTransaction", [result, { maxSupportedTransactionVersion: 0 }])) as {
      result: { meta: { err: unknown; fee: number; preBalances: number[]; postBalances: number[] } };
    };
    expect(shown.result.meta).toMatchObject({ err: { InstructionError: [0, { Custom: 1 }] }, fee: 5000 });
    expect(shown.result.meta.preBalances[0]).toBe((shown.result.meta.postBalances[0] ?? 0) + 5000);
  });

  it("refuses a payer without money", async () => {
    const payer = await generateKeyPairSigner();
    const transfer = getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n });
    const { error } = await sendWire(wireOf(await net.sign(payer, [transfer])));
    expect(error).toMatchObject({ code: -32002, data: { err: "AccountNotFound" } });
  });
});

describe("simulateTransaction", () => {
  it("shows what would happen and changes nothing", async () => {
    const { payer, to, wire } = await signedTransfer();
    const config = { encoding: "base64", accounts: { encoding: "base64", addresses: [to.address] } };
    const { result } = await call(net.rpcUrl, "simulateTransaction", [toBase64(wire), config]);
    expect(result).toMatchObject({ value: { err: null, unitsConsumed: 150, accounts: [{ lamports: 1_000_000 }] } });
    expect((await net.rpc.getBalance(payer.address).send()).value).toBe(10_000_000_000n);
  });

  it("replaces an old blockhash and ignores signatures only when asked", async () => {
    const { wire } = await signedTransfer();
    now += 200 * 400;
    const encoding = "base64";
    const plain = await call(net.rpcUrl, "simulateTransaction", [toBase64(wire), { encoding }]);
    expect(plain.result).toMatchObject({ value: { err: "BlockhashNotFound" } });
    wire[10] = (wire[10] ?? 0) ^ 1;
    const replaced = { encoding, replaceRecentBlockhash: true };
    expect((await call(net.rpcUrl, "simulateTransaction", [toBase64(wire), replaced])).result).toMatchObject({
      value: { err: null, replacementBlockhash: { lastValidBlockHeight: expect.any(Number) } },
    });
    expect(
      (await call(net.rpcUrl, "simulateTransaction", [toBase64(wire), { ...replaced, sigVerify: true }])).error?.code,
    ).toBe(-32602);
    const { wire: fresh } = await signedTransfer();
    fresh[10] = (fresh[10] ?? 0) ^ 1;
    const verified = await call(net.rpcUrl, "simulateTransaction", [toBase64(fresh), { encoding, sigVerify: true }]);
    expect(verified.error?.code).toBe(-32003);
    // The runtime must still check signatures of real transactions afterwards.
    expect((await sendWire(fresh)).error?.code).toBe(-32003);
  });
});

describe("time", () => {
  it("follows the clock in slots, block times and the runtime", async () => {
    const before = await net.rpc.getSlot().send();
    now += 4_000;
    expect(await net.rpc.getSlot().send()).toBe(before + 10n);
    const seconds = Math.floor(now / 1000);
    const blockTime = Number(await net.rpc.getBlockTime(before + 10n).send());
    expect(Math.abs(blockTime - seconds)).toBeLessThanOrEqual(1);
    await net.funded();
    const clock = await net.rpc
      .getAccountInfo("SysvarC1ock11111111111111111111111111111111" as never, { encoding: "base64" })
      .send();
    const data = Buffer.from(clock.value?.data[0] ?? "", "base64");
    expect(data.readBigUInt64LE(0)).toBe(before + 10n);
    expect(Math.abs(Number(data.readBigInt64LE(32)) - seconds)).toBeLessThanOrEqual(1);
    expect((await call(net.rpcUrl, "getBlockTime", [Number(before) + 1_000_000])).error?.code).toBe(-32004);
  });
});
