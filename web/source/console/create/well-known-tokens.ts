/** A token that requesters often have, so that nobody has to copy its address. */
export interface WellKnownToken {
  readonly symbol: string;
  readonly mint: string;
}

/** By the genesis hash of the chain. From Circle's list of USDC contract addresses (developers.circle.com). */
const byChain: ReadonlyMap<string, readonly WellKnownToken[]> = new Map([
  [
    "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d",
    [{ symbol: "USDC", mint: "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v" }],
  ],
  [
    "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG",
    [{ symbol: "USDC", mint: "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU" }],
  ],
]);

/** Those of a chain that a network does not pay in yet. */
export const wellKnownTokens = (cluster: string, paidIn: readonly { readonly mint: string }[]): WellKnownToken[] =>
  (byChain.get(cluster) ?? []).filter(({ mint }) => paidIn.every((token) => token.mint !== mint));
