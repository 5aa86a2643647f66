import { type Bytes32, toHex, toUtf8 } from "../core/bytes.ts";
import type { MarketId } from "../core/market-id.ts";
import { formatSlot, type Slot } from "../core/slot.ts";
import { siphash } from "../verification/primitives/siphash.ts";

/** The slot a code is for, as an offer tells it. */
export interface CodedSlot {
  readonly market: MarketId;
  readonly slot: Slot;
  readonly expiresAtMs: number;
}

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const length = 8;

/**
 * The code of an assignment, to be seen on a photo or said in a recording: 40 bits in Crockford's alphabet. It is no
 * secret: whoever sees the log can compute it. It was not to be known before the assignment, whose time it hangs on, so
 * that nothing made earlier can bear it.
 */
export function codeOf({ market, slot, expiresAtMs }: CodedSlot, contributor: Bytes32): string {
  const key = contributor.subarray(0, 16);
  const message = toUtf8(`${market} ${formatSlot(slot)} ${expiresAtMs} ${toHex(contributor)}`);
  let bits = siphash(key, message);
  let code = "";
  for (let i = 0; i < length; i++) {
    code += alphabet[Number(bits & 31n)];
    bits >>= 5n;
  }
  return code;
}
