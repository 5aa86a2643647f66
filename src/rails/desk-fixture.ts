import type { TokenDesk } from "./rail.ts";

const oneToken = (): Promise<never> => Promise.reject(new Error("there is one token"));

/** Of a network that pays in its home token alone. */
export const noFurtherTokens: TokenDesk = {
  permits: () => false,
  limits: { perDayMax: 0, allPerDayMax: 0, poolsMax: 0 },
  check: oneToken,
  open: oneToken,
  mintOf: oneToken,
  issue: oneToken,
};
