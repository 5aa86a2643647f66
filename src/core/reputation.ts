import { toUtf8 } from "./bytes.ts";
import { taggedBytes, tags } from "./hash.ts";
import { canonicalJson, type Json } from "./json.ts";

/** What a network says of a contributor: what became of the newest answers. It is signed by the key of its logs. */
export interface Reputation {
  /** The account of the network's program: which network says so. */
  readonly network: string;
  readonly contributor: string;
  readonly automated: boolean;
  readonly asOfMs: number;
  readonly markets: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly firstAtMs: number | null;
  readonly lastAtMs: number | null;
}

/** Of what has no end, so much is counted: a page of requesters must not read all that ever happened to them. */
export const countedMax = 100_000;

/** What the network's key signs: whoever has the statement makes these bytes of it, in whatever order its fields came. */
export const reputationStatement = (reputation: Reputation): Uint8Array =>
  taggedBytes(tags.reputation, toUtf8(canonicalJson(reputation as unknown as Json)));
