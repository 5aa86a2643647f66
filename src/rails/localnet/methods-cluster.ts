import { type Methods, withContext } from "./methods.ts";
import { invalidParams, RpcError, rpcCodes } from "./rpc-error.ts";
import { slotsPerEpoch } from "./vm.ts";
import type { WireJson } from "./wire-json.ts";

const leadersMax = 5_000;
const addressesMax = 256;
const stakeMinimum = 1_000_000_000;

/** What a node says of its cluster: this one is a cluster of itself, which nobody votes on and nothing inflates. */
export const clusterMethods: Methods = {
  getIdentity: ({ chain }) => ({ identity: chain.genesis.faucet.address }),
  getClusterNodes: () => [],
  getVoteAccounts: () => ({ current: [], delinquent: [] }),
  getStakeMinimumDelegation: ({ chain }) => withContext(chain, stakeMinimum),
  getBlockCommitment: () => ({ commitment: null, totalStake: 0 }),
  getMaxRetransmitSlot: ({ chain }) => chain.now().slot,
  getMaxShredInsertSlot: ({ chain }) => chain.now().slot,

  getHighestSnapshotSlot: () => {
    throw new RpcError(rpcCodes.noSnapshot, "No snapshot");
  },

  getInflationGovernor: () => ({ initial: 0, terminal: 0, taper: 0, foundation: 0, foundationTerm: 0 }),

  getInflationRate: ({ chain }) => ({
    total: 0,
    validator: 0,
    foundation: 0,
    epoch: Math.floor(chain.now().slot / slotsPerEpoch),
  }),

  getInflationReward: (_, params) => params.list(0, "addresses", addressesMax).map(() => null),

  getSlotLeader: ({ chain }) => chain.genesis.faucet.address,

  getSlotLeaders: ({ chain }, params) => {
    const limit = params.u64(1, "limit");
    if (limit < 1n || limit > BigInt(leadersMax)) throw invalidParams(`Invalid limit; max ${leadersMax}`);
    return Array<WireJson>(Number(limit)).fill(chain.genesis.faucet.address);
  },

  /** Null where the epoch has no schedule yet; otherwise the places of the epoch's slots, all of them its own. */
  getLeaderSchedule: ({ chain }, params) => {
    const slot = typeof params.any(0) === "number" ? params.u64(0, "slot") : BigInt(chain.now().slot);
    const identity = params
      .config(typeof params.any(0) === "object" && params.any(0) !== null ? 0 : 1)
      .address("identity");
    const nextEpoch = Math.floor(chain.now().slot / slotsPerEpoch) + 2;
    if (slot >= BigInt(nextEpoch * slotsPerEpoch)) return null;
    const leader = chain.genesis.faucet.address;
    if (identity !== null && identity !== leader) return {};
    return { [leader]: Array.from({ length: slotsPerEpoch }, (_, place) => place) };
  },

  getBlockProduction: ({ chain }, params) => {
    const config = params.config(0);
    const range = config.object("range");
    const { slot } = chain.now();
    const firstSlot = range?.integer("firstSlot", slot) ?? slot - (slot % slotsPerEpoch);
    const lastSlot = range?.integer("lastSlot", slot) ?? slot;
    if (lastSlot < firstSlot) throw invalidParams(`lastSlot, ${lastSlot}, cannot be less than firstSlot, ${firstSlot}`);
    const leader = chain.genesis.faucet.address;
    const slots = lastSlot - firstSlot + 1;
    const isAsked = (config.address("identity") ?? leader) === leader;
    return withContext(chain, {
      byIdentity: isAsked ? { [leader]: [slots, slots] } : {},
      range: { firstSlot, lastSlot },
    });
  },
};
