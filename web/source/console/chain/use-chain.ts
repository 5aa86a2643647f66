import { useCallback, useEffect, useState } from "preact/hooks";
import type { Network } from "../../../../src/contract/network.ts";
import { heldIn, type PoolTrust, readPoolTrust } from "../../../../src/core/pool-trust.ts";
import { network } from "../../connection.ts";
import { chainReaderAt } from "./chain-reader.ts";

export interface OnChainNow {
  readonly network: Network;
  readonly trust: PoolTrust;
  /** What the vault holds, in base units. */
  readonly held: bigint;
}

/** Why nothing was read from the chain, or what was. */
export type Chain =
  | { readonly state: "asking" }
  /** The operator named no node of the chain for browsers. */
  | { readonly state: "unnamed" }
  /** The node answers on the server's own machine alone, and this is another. */
  | { readonly state: "elsewhere"; readonly host: string }
  /** A host of somebody else's, which is asked once whoever looks says so. */
  | { readonly state: "unasked"; readonly host: string }
  | { readonly state: "failed"; readonly host: string; readonly error: unknown }
  | ({ readonly state: "read"; readonly host: string } & OnChainNow);

export interface UsedChain {
  readonly chain: Chain;
  /** Asks now, or again. */
  readonly ask: () => void;
}

/**
 * What the chain says of the network, asked by this page itself.
 *
 * @param load which network, and which of its pools
 */
export function useChain(load: () => Promise<Network> = network): UsedChain {
  const [chain, setChain] = useState<Chain>({ state: "asking" });
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    const set = (found: Chain): void => {
      if (isCurrent) setChain(found);
    };
    load().then(
      async (known) => {
        const before = beforeAsking(known, asked > 0);
        if (before !== null) return set(before);
        const { rpcUrl = "" } = known;
        const { host } = new URL(rpcUrl);
        try {
          const reader = chainReaderAt(rpcUrl);
          const trust = await readPoolTrust(reader, known);
          set({ state: "read", host, network: known, trust, held: await heldIn(reader, trust.vault) });
        } catch (error) {
          set({ state: "failed", host, error });
        }
      },
      (error: unknown) => set({ state: "failed", host: location.host, error }),
    );
    return () => {
      isCurrent = false;
    };
  }, [asked]);
  return { chain, ask: useCallback(() => setAsked((now) => now + 1), []) };
}

const loopback = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

/** No host of a third party hears of who looks before they say so. */
function beforeAsking({ rpcUrl }: Network, isAsked: boolean): Chain | null {
  if (rpcUrl === undefined) return { state: "unnamed" };
  const { host, hostname } = new URL(rpcUrl);
  const isHere = loopback.test(location.hostname);
  if (loopback.test(hostname)) return isHere ? null : { state: "elsewhere", host };
  return isAsked || hostname === location.hostname ? null : { state: "unasked", host };
}
