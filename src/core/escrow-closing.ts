import { type Bytes32, equalBytes } from "./bytes.ts";
import { isEarnestError } from "./errors.ts";
import { readCosignedMessage } from "./solana-message.ts";

/** A Solana message by which a requester ends its market on chain, at somebody else's cost. */
export interface EscrowClosing {
  readonly feePayer: Bytes32;
  /** The requester's wallet; its signature is the second one. */
  readonly owner: Bytes32;
  readonly program: Bytes32;
  readonly network: Bytes32;
  readonly pool: Bytes32;
  /** The market's account. */
  readonly market: Bytes32;
}

/** `request_close` of the escrow program (program/README.md). */
const requestClose = 11;

/** Null for a message that says anything else, or anything besides. */
export function readEscrowClosing(message: Uint8Array): EscrowClosing | null {
  try {
    const found = readCosignedMessage(message);
    const [only, ...more] = found?.instructions ?? [];
    if (found === null || only === undefined || more.length > 0) return null;
    const { feePayer, owner } = found;
    const { program, accounts, data } = only;
    const [authority, network, pool, market, ...others] = accounts;
    if (data.length !== 1 || data[0] !== requestClose || others.length > 0) return null;
    if (authority === undefined || network === undefined || pool === undefined || market === undefined) return null;
    return equalBytes(authority, owner) ? { feePayer, owner, program, network, pool, market } : null;
  } catch (error) {
    if (isEarnestError(error, "MALFORMED_ENCODING")) return null;
    throw error;
  }
}
