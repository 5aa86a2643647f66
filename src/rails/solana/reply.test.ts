import { describe, expect, it } from "vitest";
import { checkedReply } from "./reply.ts";

describe("a node's reply", () => {
  it.each([
    { jsonrpc: "2.0", id: 1, result: null },
    { jsonrpc: "2.0", id: 1, error: { code: -32601, message: "Method not found" } },
    // As kit's transport reads integers.
    { jsonrpc: "2.0", id: 1, error: { code: -32002n, message: "no", data: { err: "AccountNotFound", logs: [] } } },
  ])("is taken as it is: %o", (reply) => {
    expect(checkedReply(reply)).toBe(reply);
  });

  it.each([undefined, null, "ok", 42, [], {}, { hello: 1 }, { jsonrpc: "2.0", id: 1 }])("is none: %o", (reply) => {
    expect(() => checkedReply(reply)).toThrow(/^what it answers is not JSON-RPC/);
  });

  it.each([
    [{ code: -32429, message: "Too many requests for your plan" }, "Too many requests for your plan (code -32429)"],
    [{ code: 429n, message: "" }, "it gives no reason (code 429)"],
  ])("refuses with a code that kit does not know: %o", (error, words) => {
    expect(() => checkedReply({ jsonrpc: "2.0", id: 1, error })).toThrow(new TypeError(words));
  });
});
