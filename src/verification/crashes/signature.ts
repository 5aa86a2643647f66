import type { Bytes32 } from "../../core/bytes.ts";
import { type Hash, jsonHash, tags } from "../../core/hash.ts";
import type { Crash } from "./crash.ts";

/**
 * The crash signature: a hash of what happened and where, the same for everybody who runs the same proof. The address
 * is not in it, since it is another one in every run.
 */
export const crashSignature = (hash: Hash, { type, state }: Pick<Crash, "type" | "state">): Bytes32 =>
  jsonHash(hash, tags.crash, { type, state });
