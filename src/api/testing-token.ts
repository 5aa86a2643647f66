import { earnestError } from "../core/errors.ts";
import type { Engine } from "../engine/engine.ts";
import type { TokenView } from "../engine/types.ts";

export const testToken: TokenView = {
  mint: "So11111111111111111111111111111111111111112",
  name: null,
  symbol: null,
  decimals: 6,
  canFreeze: false,
  pool: "So11111111111111111111111111111111111111112",
  vault: "So11111111111111111111111111111111111111112",
};

export const tokenPart: Pick<Engine, "token" | "tokenOf" | "addToken"> = {
  token: async (mint = testToken.mint) => {
    if (mint !== testToken.mint) throw earnestError("TOKEN_NOT_FOUND", { mint });
    return testToken;
  },
  tokenOf: async () => testToken,
  addToken: async () => testToken,
};
