import { isEarnestError } from "../../core/errors.ts";
import type { Methods, RpcContext } from "./methods.ts";
import { accountMethods } from "./methods-accounts.ts";
import { blockMethods } from "./methods-blocks.ts";
import { clusterMethods } from "./methods-cluster.ts";
import { nodeMethods } from "./methods-node.ts";
import { transactionMethods } from "./methods-transactions.ts";
import { isObject, Params } from "./params.ts";
import { RpcError, rpcCodes } from "./rpc-error.ts";
import { readJson, type WireJson, writeJson } from "./wire-json.ts";

const batchMax = 1000;

/** By their names. */
export const methods: Methods = {
  ...nodeMethods,
  ...clusterMethods,
  ...blockMethods,
  ...accountMethods,
  ...transactionMethods,
};

/** JSON-RPC 2.0: one text in, one text out; null where nothing is to be answered. */
export async function dispatch(context: RpcContext, text: string): Promise<string | null> {
  let request: WireJson;
  try {
    request = readJson(text);
  } catch {
    return writeJson(errorReply(null, new RpcError(rpcCodes.parse, "Parse error")));
  }
  if (!Array.isArray(request)) {
    const reply = await answer(context, request);
    return reply === null ? null : writeJson(reply);
  }
  if (request.length === 0 || request.length > batchMax) {
    const problem = `Invalid request: a batch holds 1 to ${batchMax} calls`;
    return writeJson(errorReply(null, new RpcError(rpcCodes.invalidRequest, problem)));
  }
  const replies = await Promise.all((request as readonly WireJson[]).map((each) => answer(context, each)));
  const told = replies.filter((each) => each !== null);
  return told.length === 0 ? null : writeJson(told);
}

async function answer(context: RpcContext, request: WireJson): Promise<WireJson> {
  let call: Call;
  try {
    call = readCall(request);
  } catch (error) {
    return errorReply(null, error);
  }
  try {
    const method = Object.hasOwn(methods, call.method) ? methods[call.method] : undefined;
    if (method === undefined) throw new RpcError(rpcCodes.methodNotFound, "Method not found");
    const result = await method(context, new Params(call.params));
    // Nothing is shown that a crash could take back.
    await context.chain.durable();
    return call.id === undefined ? null : { jsonrpc: "2.0", id: call.id, result };
  } catch (error) {
    return call.id === undefined ? null : errorReply(call.id, error);
  }
}

export interface Call {
  readonly id: WireJson | undefined;
  readonly method: string;
  readonly params: readonly WireJson[];
}

/** @throws RpcError where it is not a call */
export function readCall(request: WireJson): Call {
  const invalid = (): RpcError => new RpcError(rpcCodes.invalidRequest, "Invalid request");
  if (!isObject(request)) throw invalid();
  const { jsonrpc, id, method, params = [] } = request;
  if (jsonrpc !== "2.0" || typeof method !== "string" || (typeof id === "object" && id !== null)) throw invalid();
  if (!Array.isArray(params)) throw new RpcError(rpcCodes.invalidParams, "Invalid params: expected an array");
  return { id, method, params };
}

export function errorReply(id: WireJson, error: unknown): WireJson {
  const { code, message, data } = rpcErrorOf(error);
  return { jsonrpc: "2.0", id, error: { code, message, data } };
}

/** A failure of the disk is the node's ill health; any other surprise keeps its text to itself. */
function rpcErrorOf(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (isEarnestError(error)) return new RpcError(rpcCodes.unhealthy, `Node is unhealthy: ${error.message}`);
  return new RpcError(rpcCodes.internal, "Internal error");
}
