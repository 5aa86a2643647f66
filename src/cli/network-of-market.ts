import type { Earnest } from "../client/earnest.ts";
import type { Network } from "../contract/network.ts";
import type { Token } from "../contract/tokens.ts";

/** What the network is for a market: its own fields are those of the market's token. */
export async function networkOfMarket(client: Earnest, market: string): Promise<Network> {
  const [network, { token }] = await Promise.all([client.network(), client.markets.get(market)]);
  return inToken(network, token);
}

export const inToken = (network: Network, { mint, decimals, canFreeze, pool, vault }: Token): Network => ({
  ...network,
  mint,
  decimals,
  canFreeze,
  pool,
  vault,
});
