/* Made by `npm run generate` from src/rails/solana/program/program-errors.ts. Never edit it. */
#pragma once

enum {
  /** there is no instruction of this number */
  ERROR_UNKNOWN_INSTRUCTION = 7001,
  /** the instruction names more or fewer accounts than it takes */
  ERROR_ACCOUNT_COUNT = 7002,
  /** the instruction data is longer or shorter than it has to be */
  ERROR_DATA_LENGTH = 7003,
  /** one account stands in two places */
  ERROR_ACCOUNT_ALIASED = 7004,
  /** an account that has to sign did not */
  ERROR_SIGNER_MISSING = 7005,
  /** an account that is changed is not writable */
  ERROR_NOT_WRITABLE = 7006,
  /** an account does not belong to this program */
  ERROR_WRONG_OWNER = 7007,
  /** an account is of another kind */
  ERROR_WRONG_ACCOUNT_KIND = 7008,
  /** an account has a layout of another version */
  ERROR_WRONG_VERSION = 7009,
  /** an address is not the one that belongs here */
  ERROR_WRONG_ADDRESS = 7010,
  /** the pool belongs to another network */
  ERROR_WRONG_NETWORK = 7011,
  /** the market or page belongs to another pool */
  ERROR_WRONG_POOL = 7012,
  /** the tokens are of another mint than the pool's */
  ERROR_WRONG_MINT = 7013,
  /** the vault is not the pool's */
  ERROR_WRONG_VAULT = 7014,
  /** the token program is not the pool's */
  ERROR_WRONG_TOKEN_PROGRAM = 7015,
  /** the account exists already */
  ERROR_ALREADY_THERE = 7016,
  /** the cluster computes rent in a way this version does not know */
  ERROR_RENT_UNKNOWN = 7017,
  /** an amount does not fit 64 bits */
  ERROR_OVERFLOW = 7018,
  /** the attestors are not 1 to 8 distinct keys of whom a majority, at most 5, signs */
  ERROR_ATTESTORS_REFUSED = 7020,
  /** the delays do not fit together: refund_delay >= 1, dead_after > refund_delay, max_validity >= 1 */
  ERROR_DELAYS_REFUSED = 7021,
  /** another rotation is pending: cancel it first */
  ERROR_ROTATION_PENDING = 7022,
  /** no rotation is pending */
  ERROR_NO_ROTATION = 7023,
  /** the delay of the rotation has not passed */
  ERROR_ROTATION_TOO_EARLY = 7024,
  /** this is no initialised mint of its token program */
  ERROR_MINT_REFUSED = 7030,
  /** the mint has an extension other than MetadataPointer and TokenMetadata */
  ERROR_MINT_EXTENSION_REFUSED = 7031,
  /** the vault is not the pool's own token account, or somebody else can move or close it */
  ERROR_VAULT_REFUSED = 7032,
  /** the token account is closed, frozen, the vault, of another mint, or wants a memo */
  ERROR_TOKEN_ACCOUNT_UNUSABLE = 7033,
  /** the pool is wound down */
  ERROR_POOL_WOUND_DOWN = 7040,
  /** the market is closing */
  ERROR_MARKET_CLOSING = 7041,
  /** who signs does not own the tokens */
  ERROR_NOT_THE_OWNER = 7042,
  /** who signs is not the market's requester */
  ERROR_NOT_THE_REQUESTER = 7043,
  /** the deposit moved no tokens */
  ERROR_NOTHING_ARRIVED = 7044,
  /** the instruction directly before is not the ed25519 precompile */
  ERROR_SIGNATURES_MISSING = 7050,
  /** the signatures do not share one message within their instruction, or a key stands outside it */
  ERROR_SIGNATURES_MALFORMED = 7051,
  /** a signature is for another message */
  ERROR_SIGNATURES_OTHER_MESSAGE = 7052,
  /** a signer is no attestor, signed twice, or stands out of the order of the attestors */
  ERROR_SIGNER_REFUSED = 7053,
  /** too few attestors signed */
  ERROR_SIGNATURES_TOO_FEW = 7055,
  /** the commit is not of the next epoch */
  ERROR_WRONG_EPOCH = 7056,
  /** the floor fell, or is above the epoch */
  ERROR_FLOOR_REFUSED = 7057,
  /** as_of went back, or lies in the future */
  ERROR_AS_OF_REFUSED = 7058,
  /** the message has expired */
  ERROR_EXPIRED = 7059,
  /** the message would be valid for longer than the network allows */
  ERROR_VALID_TOO_LONG = 7060,
  /** less is allocated than before */
  ERROR_ALLOCATION_FELL = 7061,
  /** more is allocated than was deposited and not refunded */
  ERROR_OVER_ALLOCATED = 7062,
  /** there are fewer leaves than before */
  ERROR_LEAF_COUNT_FELL = 7063,
  /** no commit has a leaf of this index */
  ERROR_NO_SUCH_LEAF = 7070,
  /** the leaf is counted on another page */
  ERROR_WRONG_PAGE = 7071,
  /** the proof is deeper than 32 */
  ERROR_PROOF_TOO_LONG = 7072,
  /** the leaf cannot stand there in a tree of this depth */
  ERROR_PROOF_POSITION = 7073,
  /** the proof leads to no root that is valid now */
  ERROR_UNKNOWN_ROOT = 7074,
  /** everything that is due has been claimed */
  ERROR_NOTHING_DUE = 7075,
  /** more would be claimed than is allocated */
  ERROR_OVER_CLAIMED = 7076,
  /** the batch is not an aligned subtree of 1 to 32 leaves */
  ERROR_BATCH_REFUSED = 7077,
  /** the refund or the rent goes to another account */
  ERROR_WRONG_DESTINATION = 7080,
  /** no commit reaches to the end of the market yet */
  ERROR_REFUND_TOO_EARLY = 7081,
  /** a market opened since the last commit has nothing allocated, and no proof */
  ERROR_NOT_ALLOCATED_SO = 7082,
  /** somebody committed within the dead time */
  ERROR_NOT_DEAD_YET = 7083
};
