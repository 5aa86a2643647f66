import type { Chain } from "./chain.ts";
import type { Params } from "./params.ts";
import type { Sender } from "./sender.ts";
import type { WireJson } from "./wire-json.ts";

export interface RpcContext {
  readonly chain: Chain;
  readonly sender: Sender;
}

export type Method = (context: RpcContext, params: Params) => WireJson | Promise<WireJson>;

export type Methods = Readonly<Record<string, Method>>;

export const withContext = (chain: Chain, value: WireJson): WireJson => ({
  context: { apiVersion: version, slot: chain.now().slot },
  value,
});

/** The Agave release that the runtime is built from. */
export const version = "4.3.0";
