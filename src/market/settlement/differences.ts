import { toHex } from "../../core/bytes.ts";
import type { MarketId } from "../../core/market-id.ts";

/**
 * Why an attestor does not sign. It refuses what is wrong, and abstains where it cannot tell: nobody is accused because
 * of a slow machine. Codes are stable; a sentence may be bettered.
 */
export const refusals = {
  // Where the commit counts
  WRONG_CLUSTER: "the message, or the chain that was asked, is of another cluster",
  WRONG_PROGRAM: "the message is for another program",
  WRONG_PROGRAM_HASH: "the program on chain is not the one that was pinned",
  WRONG_NETWORK: "the message is for another network, or its pool is",
  WRONG_POOL: "the message is for another pool",
  WRONG_SET_VERSION: "the message is for another set of attestors",
  WRONG_PREVIOUS_DIGEST: "the message does not follow the pool's last commit",
  POOL_WOUND_DOWN: "the pool is wound down",
  // What the program would refuse as well
  WRONG_EPOCH: "the epoch was committed already",
  WRONG_FLOOR: "the floor is not the one that the last commit and the changed destinations ask for",
  AS_OF_WENT_BACK: "as_of lies before that of the last commit",
  EXPIRED: "the message has expired",
  VALID_TOO_LONG: "the message would be valid for longer than the network allows",
  ALLOCATION_FELL: "less is allocated than before",
  OVER_ALLOCATED: "more is allocated than was deposited and not refunded",
  LEAF_COUNT_FELL: "there are fewer leaves than before",
  // The log
  ENTRY_DIFFERS: "the log does not follow from its rules",
  EXECUTION_DIFFERS: "what the log says was executed comes to something else",
  DRAW_DIFFERS: "the chain has another hash at the slot by which the log drew what is executed again",
  TIME_AHEAD: "a lane's time is ahead of the chain's clock",
  LANE_DIFFERS: "a lane is not the one that was replayed",
  LANE_WENT_BACK: "a lane was cut before the place of its last cut",
  LANE_SPEC_DIFFERS: "two lanes of a market have different specifications",
  INDEX_REFUSED: "a contributor's number cannot be the index of a leaf",
  INDEX_MOVED: "one contributor's number stands for two keys",
  EARNINGS_FELL: "somebody earned less than before",
  NOT_CONSERVED: "what is owed is not what was allocated",
  // Leaves
  LEAF_DIFFERS: "a payout leaf is not what the log says",
  DESTINATION_DIFFERS: "a payout leaf pays another account than the contributor's",
  MARKET_DIFFERS: "a market's leaf is not what log and chain say",
  MARKET_WITHOUT_ESCROW: "a market without an escrow on chain has something allocated",
  MARKET_TOO_NEW: "a market that was opened after as_of has something allocated",
  MARKET_OVER_ALLOCATED: "a market has more allocated than was deposited in it",
  MARKET_STILL_OPEN: "a market ends on chain by as_of, and its log goes on",
  MARKET_FROZEN: "a market that ended before the last commit changed",
  MARKET_SPEC_DIFFERS: "a market's specification is not the one on chain",
  DEPOSIT_NOT_ON_CHAIN: "the log credits more than was deposited on chain",
  // What is signed
  LEAF_COUNT_DIFFERS: "the number of leaves is another",
  ALLOCATED_DIFFERS: "the total that is allocated is another",
  PAYOUT_ROOT_DIFFERS: "the payout root is another",
  MARKET_ROOT_DIFFERS: "the market root is another",
  LOG_ROOT_DIFFERS: "the log root is another",
  LEAF_FILE_DIFFERS: "the leaf file is not the one that the message names",
  SIGNED_ANOTHER: "another message for this epoch was signed and may still land",
} as const;
export type Refusal = keyof typeof refusals;

export const abstentions = {
  OWN_MACHINE_FAILED: "this attestor's own machine failed",
  CHAIN_BEHIND: "the chain, as this attestor sees it finalized, has not come so far",
  LOG_BEHIND: "this attestor has not replayed so far",
  LOG_NOT_SHOWN: "the server did not show the log",
  PREVIOUS_UNKNOWN: "this attestor does not have the leaves of the last commit",
  EXECUTION_FAILED: "this attestor's own sandbox failed, or is too slow, to repeat an execution",
  LEAF_FILE_NOT_STORED: "this attestor has not stored the leaf file",
} as const;
export type Abstention = keyof typeof abstentions;

/** What differs: the first of its sort that was found. */
export type Place =
  | { readonly type: "message"; readonly field: string }
  | { readonly type: "entry"; readonly market: MarketId; readonly lane: number; readonly sequence: number }
  | { readonly type: "lane"; readonly market: MarketId; readonly lane: number }
  | { readonly type: "leaf"; readonly index: number }
  | { readonly type: "market"; readonly account: Uint8Array }
  | { readonly type: "marketLog"; readonly market: MarketId };

export interface Difference<Code extends string = Refusal> {
  readonly code: Code;
  readonly place: Place;
  /** The values: what the message or its leaves say, and what it should be. */
  readonly what: string;
}

export const difference = <Code extends Refusal | Abstention>(
  code: Code,
  place: Place,
  what = "",
): Difference<Code> => ({ code, place, what });

export function placeText(place: Place): string {
  switch (place.type) {
    case "message":
      return `the message's ${place.field}`;
    case "entry":
      return `market ${place.market}, lane ${place.lane}, entry ${place.sequence}`;
    case "lane":
      return `market ${place.market}, lane ${place.lane}`;
    case "leaf":
      return `payout leaf ${place.index}`;
    case "market":
      return `market account ${toHex(place.account)}`;
    case "marketLog":
      return `market ${place.market}`;
  }
}

/** One line for people. */
export function differenceText({ code, place, what }: Difference<Refusal | Abstention>): string {
  const sentences: Readonly<Record<string, string>> = { ...refusals, ...abstentions };
  return `${code}: ${sentences[code]} (${placeText(place)}${what === "" ? "" : `: ${what}`})`;
}
