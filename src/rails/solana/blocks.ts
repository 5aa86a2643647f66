import {
  isSolanaError,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_LONG_TERM_STORAGE_SLOT_SKIPPED,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SLOT_SKIPPED,
} from "@solana/kit";
import { type Bytes32, bytes32, fromBase58 } from "../../core/bytes.ts";
import type { Block } from "../rail.ts";
import { type SolanaClient, unavailable } from "./client.ts";

const pollMs = 100;
/** A chain that makes no block for so long stands still. */
const pollsMax = 600;

/** The first confirmed block of a slot that had not begun, as far as the node knows, when this was asked. */
export async function nextBlock(client: SolanaClient): Promise<Block> {
  const now = await client.call((rpc) => rpc.getSlot({ commitment: "processed" }));
  for (let poll = 0; poll < pollsMax; poll++) {
    const [next] = await client.call((rpc) => rpc.getBlocksWithLimit(now + 1n, 1, { commitment: "confirmed" }));
    const hash = next === undefined ? null : await blockHash(client, Number(next));
    if (next !== undefined && hash !== null) return { slot: Number(next), hash };
    await client.sleep(pollMs);
  }
  throw unavailable(client.rpcUrl, new Error(`no block after slot ${now}`));
}

/** Null where the slot has no block. */
export async function blockHash(client: SolanaClient, slot: number): Promise<Bytes32 | null> {
  try {
    const block = await client.call((rpc) =>
      rpc.getBlock(BigInt(slot), {
        commitment: "confirmed",
        maxSupportedTransactionVersion: 0,
        rewards: false,
        transactionDetails: "none",
      }),
    );
    return block === null ? null : bytes32(fromBase58(block.blockhash));
  } catch (error) {
    if (isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SLOT_SKIPPED)) return null;
    if (isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_LONG_TERM_STORAGE_SLOT_SKIPPED)) return null;
    throw error;
  }
}
