import type { Address } from "@solana/kit";
import { amount } from "../../../core/amount.ts";
import { type Bytes32, bytes32, fromBase58, fromHex } from "../../../core/bytes.ts";
import { marketIdFromBytes } from "../../../core/market-id.ts";
import type { MarketView, PoolView } from "../../rail.ts";
import { programDataAddress, readProgramData } from "../program/deployed-program.ts";
import type { PoolAddresses } from "../program/instructions.ts";
import type { MarketAccount } from "../program/layouts.ts";
import { listMarkets, readAccounts, readPoolNow } from "./accounts.ts";
import { type Escrow, hashWithoutPadding } from "./escrow.ts";

const bytesOf = (address: string): Bytes32 => bytes32(fromBase58(address));

/**
 * All that a commit depends on, finalized: what an operator makes a message on, and what an attestor checks it by,
 * through its own RPC. The markets are read after the clock, so that none is missing that was opened before it.
 */
export async function readPoolView(escrow: Escrow, at: PoolAddresses): Promise<PoolView> {
  const { client, program } = escrow;
  const cluster = await client.call((rpc) => rpc.getGenesisHash());
  const { network, pool, now } = await readPoolNow(escrow, at, "finalized");
  const markets = await listMarkets(escrow, at.pool, "finalized");
  const { current, operator, setVersion, maxValiditySeconds, refundDelaySeconds, deadAfterSeconds } = network;
  return {
    clock: now,
    cluster: bytesOf(cluster),
    programHash: await programHashOf(escrow, program),
    network: {
      operator: bytesOf(operator),
      setVersion,
      attestors: { threshold: current.threshold, keys: current.keys.map(bytesOf) },
      maxValiditySeconds,
      refundDelaySeconds,
      deadAfterSeconds,
    },
    pool: {
      network: bytesOf(pool.network),
      isLive: pool.state === 0,
      epoch: pool.epoch,
      floor: pool.floor,
      asOf: pool.asOf,
      lastCommitAt: pool.lastCommitAt,
      leafCount: pool.leafCount,
      deposited: amount(pool.deposited),
      refunded: amount(pool.refunded),
      allocated: amount(pool.allocated),
      digest: pool.digest,
    },
    markets: [...markets].map(([address, market]) => marketView(address, market)),
  };
}

const marketView = (address: Address, market: MarketAccount): MarketView => ({
  account: bytesOf(address),
  market: marketIdFromBytes(market.id),
  openedAt: Number(market.openedAt),
  closesAt: Number(market.closesAt),
  deposited: amount(market.deposited),
  specHash: market.specHash,
});

const missing = new Uint8Array(32) as Bytes32;

/** Zeros where there is no program. */
async function programHashOf({ client }: Escrow, program: Address): Promise<Bytes32> {
  const { accounts } = await readAccounts(client, [programDataAddress(program)], "finalized");
  const [account = null] = accounts;
  const deployed = account === null ? null : readProgramData(account.data);
  return deployed === null ? missing : bytes32(fromHex(hashWithoutPadding(deployed.elf)));
}
