import type { Amount } from "../../core/amount.ts";
import type { Bytes32 } from "../../core/bytes.ts";
import type { AttestorSet } from "../../core/commit/attestors.ts";
import type { MarketId } from "../../core/market-id.ts";

/** What an attestor is set up for; what it finds elsewhere it does not sign. */
export interface Pinned {
  /** Genesis hash. */
  readonly cluster: Bytes32;
  readonly program: Bytes32;
  /** sha256 of the program's ELF file. */
  readonly programHash: Bytes32;
  readonly network: Bytes32;
  readonly pool: Bytes32;
}

/** The accounts of a pool at one finalized slot, read through one's own RPC. Times are seconds since 1970. */
export interface ChainView {
  /** The cluster's clock at that slot. */
  readonly clock: bigint;
  /** The genesis hash that the RPC answers with. */
  readonly cluster: Bytes32;
  readonly programHash: Bytes32;
  readonly network: {
    readonly operator: Bytes32;
    readonly setVersion: number;
    readonly attestors: AttestorSet;
    readonly maxValiditySeconds: number;
  };
  readonly pool: {
    readonly network: Bytes32;
    readonly isLive: boolean;
    readonly epoch: bigint;
    readonly floor: bigint;
    readonly asOf: bigint;
    readonly leafCount: bigint;
    readonly deposited: Amount;
    readonly refunded: Amount;
    readonly allocated: Amount;
    /** Of the last commit; zeros before the first. */
    readonly digest: Bytes32;
  };
  /** The market accounts of the pool. One that was refunded is gone. */
  readonly markets: readonly ChainMarket[];
}

export interface ChainMarket {
  readonly account: Bytes32;
  readonly openedAt: number;
  /** 0 while it is open. */
  readonly closesAt: number;
  readonly deposited: Amount;
  readonly specHash: Bytes32;
}

/** Which account on chain is the escrow of a market of the log: said by the log, once. */
export interface Escrow {
  readonly market: MarketId;
  readonly account: Bytes32;
  readonly openedAt: number;
}
