import type { WireJson } from "./wire-json.ts";

/** Codes of JSON-RPC 2.0 and of Agave's rpc-client-api (custom_error.rs). */
export const rpcCodes = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  preflight: -32002,
  signature: -32003,
  blockNotAvailable: -32004,
  unhealthy: -32005,
  noSnapshot: -32008,
  version: -32015,
  minContextSlot: -32016,
} as const;

export class RpcError extends Error {
  readonly code: number;
  readonly data: WireJson | undefined;

  constructor(code: number, message: string, data?: WireJson) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export const invalidParams = (problem: string): RpcError =>
  new RpcError(rpcCodes.invalidParams, `Invalid params: ${problem}`);
