import { type ComponentChildren, createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Network } from "../../../src/contract/network.ts";
import type { Token } from "../../../src/contract/tokens.ts";
import { networkFound } from "../connection.ts";
import { safeText } from "../content/safe-text.ts";
import { useStore } from "../store.ts";

/** The test token of a network whose tokens are worth nothing, where its mint has no name. */
const testName = "EARN";
const symbolCharactersMax = 10;

/** What a token is called. Anybody may choose any symbol: what it is, its mint says. */
export function nameOfToken(token: Pick<Token, "mint" | "symbol"> | undefined, network: Network | null): string {
  if (token === undefined) return testName;
  const symbol = safeText(token.symbol ?? "", symbolCharactersMax);
  if (symbol !== "") return symbol;
  const isTest = network === null || (network.testTokens === true && token.mint === network.mint);
  return isTest ? testName : `${token.mint.slice(0, 4)}…`;
}

/** What the network's home token is called, also before the network was asked. */
export const homeName = (network: Network | null = networkFound.value): string =>
  nameOfToken(network?.tokens[0], network);

/** The token that a mint is of, where the network pays in it. */
export const tokenOf = (mint: string): Token | undefined =>
  networkFound.value?.tokens.find((token) => token.mint === mint);

export const nameOfMint = (mint: string | undefined): string =>
  mint === undefined ? homeName() : nameOfToken(tokenOf(mint) ?? { mint, symbol: null }, networkFound.value);

const Current = createContext<Pick<Token, "mint" | "symbol"> | null>(null);

interface OfTokenProps {
  readonly token: Pick<Token, "mint" | "symbol">;
  readonly children: ComponentChildren;
}

/** All amounts within are in this token. Elsewhere they are in the network's home token. */
export const OfToken = ({ token, children }: OfTokenProps) => (
  <Current.Provider value={token}>{children}</Current.Provider>
);

interface OfMintProps {
  /** The home token's where it is left out. */
  readonly mint: string | undefined;
  readonly children: ComponentChildren;
}

export function OfMint({ mint, children }: OfMintProps) {
  useStore(networkFound);
  if (mint === undefined) return <>{children}</>;
  return <OfToken token={tokenOf(mint) ?? { mint, symbol: null }}>{children}</OfToken>;
}

/** What the token here is called, and which it is. */
export function useToken(): { readonly name: string; readonly mint: string | undefined } {
  const network = useStore(networkFound);
  const token = useContext(Current) ?? network?.tokens[0];
  return { name: nameOfToken(token, network), mint: token?.mint };
}
