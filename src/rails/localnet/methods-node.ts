import { feeOf } from "./fees.ts";
import { type Methods, version, withContext } from "./methods.ts";
import { decodeText, requireContextSlot } from "./params.ts";
import { invalidParams, RpcError, rpcCodes } from "./rpc-error.ts";
import { blockhashSlots } from "./slots.ts";
import { slotsPerEpoch } from "./vm.ts";
import { readMessage, WireError } from "./wire-transaction.ts";

const accountSizeMax = 10n * 1024n * 1024n;

/** What the node says of itself and of time. A slot is a block here: the block height is the slot. */
export const nodeMethods: Methods = {
  getHealth: () => "ok",
  getVersion: () => ({ "solana-core": version, "feature-set": 0 }),
  getGenesisHash: ({ chain }) => chain.genesis.hash,
  getFirstAvailableBlock: () => 0,
  minimumLedgerSlot: () => 0,
  getTransactionCount: ({ chain }) => chain.transactions,

  getSlot: ({ chain }, params) => {
    requireContextSlot(params.config(0), chain.now().slot);
    return chain.now().slot;
  },

  getBlockHeight: ({ chain }, params) => {
    requireContextSlot(params.config(0), chain.now().slot);
    return chain.now().slot;
  },

  getBlockTime: ({ chain }, params) => {
    const slot = params.u64(0, "slot");
    if (slot > BigInt(chain.now().slot))
      throw new RpcError(rpcCodes.blockNotAvailable, `Block not available for slot ${slot}`);
    return chain.timeOf(Number(slot));
  },

  getEpochInfo: ({ chain }, params) => {
    const { slot } = chain.now();
    requireContextSlot(params.config(0), slot);
    return {
      absoluteSlot: slot,
      blockHeight: slot,
      epoch: Math.floor(slot / slotsPerEpoch),
      slotIndex: slot % slotsPerEpoch,
      slotsInEpoch: slotsPerEpoch,
      transactionCount: chain.transactions,
    };
  },

  getEpochSchedule: () => ({
    slotsPerEpoch,
    leaderScheduleSlotOffset: slotsPerEpoch,
    warmup: false,
    firstNormalEpoch: 0,
    firstNormalSlot: 0,
  }),

  getLatestBlockhash: ({ chain }, params) => {
    const { slot } = chain.now();
    requireContextSlot(params.config(0), slot);
    return withContext(chain, { blockhash: chain.blockhash(slot), lastValidBlockHeight: slot + blockhashSlots });
  },

  isBlockhashValid: ({ chain }, params) => withContext(chain, chain.isRecent(params.address(0))),

  getMinimumBalanceForRentExemption: ({ chain }, params) => {
    const size = params.u64(0, "size");
    if (size > accountSizeMax) throw invalidParams(`an account holds at most ${accountSizeMax} bytes`);
    return chain.rentExemption(size);
  },

  getFeeForMessage: ({ chain }, params) => {
    try {
      const message = readMessage(decodeText(params.text(0, "message"), "base64"));
      return withContext(chain, chain.isCurrent(message) ? feeOf(message) : null);
    } catch (error) {
      throw error instanceof WireError ? invalidParams(error.message) : error;
    }
  },
};
