import { bytes32, fromHex } from "../../core/bytes.ts";
import type { ApiContext } from "../context.ts";
import type { Handlers } from "../handler.ts";
import { readBytes, writeBytes } from "../values.ts";

type Ids = "getWallet" | "saveKey" | "getSavedKey";

const wrappedBytes = 60;

export function walletHandlers({ engine, moneys }: ApiContext): Handlers<Ids> {
  return {
    getWallet: async ({ query: { mint }, caller }) => {
      const held = await engine.heldInWallet(caller.session, mint);
      return { held: (await moneys.in(mint)).write(held) };
    },

    saveKey: async ({ params, body, caller }) => {
      const wrapped = readBytes(body.wrapped, wrappedBytes, "wrapped key");
      await engine.saveKey(caller.session, bytes32(fromHex(params.id)), wrapped);
    },

    getSavedKey: async ({ params }) => ({ wrapped: writeBytes(await engine.savedKey(bytes32(fromHex(params.id)))) }),
  };
}
