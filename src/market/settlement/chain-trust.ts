import { type Bytes32, bytes32, equalBytes, fromBase58 } from "../../core/bytes.ts";
import type { AttestorSet } from "../../core/commit/attestors.ts";
import type { PoolNames, PoolTrust } from "../../core/pool-trust.ts";
import type { AttestorSets, ReceiptTrust } from "./verify-receipt.ts";

/** Where a pool's commits count. */
export const placesOf = ({ program, cluster, network, pool }: PoolNames) => ({
  program: keyOf(program),
  cluster: keyOf(cluster),
  network: keyOf(network),
  pool: keyOf(pool),
});

/**
 * Trust in what the chain says. Of sets before a rotation it keeps nothing: there somebody else has to be believed, who
 * knew them before.
 */
export const trustOfChain = (
  signer: Bytes32 | null,
  names: PoolNames,
  now: PoolTrust,
  believed: AttestorSet | null,
): ReceiptTrust => ({
  signer,
  commits: { ...placesOf(names), sets: setsBy(now, believed), last: now },
});

function setsBy({ setVersion, attestors }: PoolTrust, believed: AttestorSet | null): AttestorSets {
  const older = believed === null || isSameSet(believed, attestors) ? undefined : believed;
  return {
    get: (version) => {
      if (version === setVersion) return attestors;
      return version < setVersion ? older : undefined;
    },
  };
}

export const isSameSet = (a: AttestorSet, b: AttestorSet): boolean =>
  a.threshold === b.threshold &&
  a.keys.length === b.keys.length &&
  a.keys.every((key, i) => equalBytes(key, b.keys[i] as Bytes32));

const keyOf = (address: string): Bytes32 => bytes32(fromBase58(address));
