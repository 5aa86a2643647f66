/**
 * The errors of the escrow program: the one list, from which `npm run generate` makes program/errors.h. A number is
 * never used again for something else. They begin at 7001, as the token programs and the loader count from 0 and an
 * error of theirs passes through ours unchanged.
 */
export const programErrors = {
  UNKNOWN_INSTRUCTION: [7001, "there is no instruction of this number"],
  ACCOUNT_COUNT: [7002, "the instruction names more or fewer accounts than it takes"],
  DATA_LENGTH: [7003, "the instruction data is longer or shorter than it has to be"],
  ACCOUNT_ALIASED: [7004, "one account stands in two places"],
  SIGNER_MISSING: [7005, "an account that has to sign did not"],
  NOT_WRITABLE: [7006, "an account that is changed is not writable"],
  WRONG_OWNER: [7007, "an account does not belong to this program"],
  WRONG_ACCOUNT_KIND: [7008, "an account is of another kind"],
  WRONG_VERSION: [7009, "an account has a layout of another version"],
  WRONG_ADDRESS: [7010, "an address is not the one that belongs here"],
  WRONG_NETWORK: [7011, "the pool belongs to another network"],
  WRONG_POOL: [7012, "the market or page belongs to another pool"],
  WRONG_MINT: [7013, "the tokens are of another mint than the pool's"],
  WRONG_VAULT: [7014, "the vault is not the pool's"],
  WRONG_TOKEN_PROGRAM: [7015, "the token program is not the pool's"],
  ALREADY_THERE: [7016, "the account exists already"],
  RENT_UNKNOWN: [7017, "the cluster computes rent in a way this version does not know"],
  OVERFLOW: [7018, "an amount does not fit 64 bits"],

  ATTESTORS_REFUSED: [7020, "the attestors are not 1 to 8 distinct keys of whom a majority, at most 5, signs"],
  DELAYS_REFUSED: [
    7021,
    "the delays do not fit together: refund_delay >= 1, dead_after > refund_delay, max_validity >= 1",
  ],
  ROTATION_PENDING: [7022, "another rotation is pending: cancel it first"],
  NO_ROTATION: [7023, "no rotation is pending"],
  ROTATION_TOO_EARLY: [7024, "the delay of the rotation has not passed"],

  MINT_REFUSED: [7030, "this is no initialised mint of its token program"],
  MINT_EXTENSION_REFUSED: [7031, "the mint has an extension other than MetadataPointer and TokenMetadata"],
  VAULT_REFUSED: [7032, "the vault is not the pool's own token account, or somebody else can move or close it"],
  TOKEN_ACCOUNT_UNUSABLE: [7033, "the token account is closed, frozen, the vault, of another mint, or wants a memo"],

  POOL_WOUND_DOWN: [7040, "the pool is wound down"],
  MARKET_CLOSING: [7041, "the market is closing"],
  NOT_THE_OWNER: [7042, "who signs does not own the tokens"],
  NOT_THE_REQUESTER: [7043, "who signs is not the market's requester"],
  NOTHING_ARRIVED: [7044, "the deposit moved no tokens"],

  SIGNATURES_MISSING: [7050, "the instruction directly before is not the ed25519 precompile"],
  SIGNATURES_MALFORMED: [
    7051,
    "the signatures do not share one message within their instruction, or a key stands outside it",
  ],
  SIGNATURES_OTHER_MESSAGE: [7052, "a signature is for another message"],
  SIGNER_REFUSED: [7053, "a signer is no attestor, signed twice, or stands out of the order of the attestors"],
  SIGNATURES_TOO_FEW: [7055, "too few attestors signed"],
  WRONG_EPOCH: [7056, "the commit is not of the next epoch"],
  FLOOR_REFUSED: [7057, "the floor fell, or is above the epoch"],
  AS_OF_REFUSED: [7058, "as_of went back, or lies in the future"],
  EXPIRED: [7059, "the message has expired"],
  VALID_TOO_LONG: [7060, "the message would be valid for longer than the network allows"],
  ALLOCATION_FELL: [7061, "less is allocated than before"],
  OVER_ALLOCATED: [7062, "more is allocated than was deposited and not refunded"],
  LEAF_COUNT_FELL: [7063, "there are fewer leaves than before"],

  NO_SUCH_LEAF: [7070, "no commit has a leaf of this index"],
  WRONG_PAGE: [7071, "the leaf is counted on another page"],
  PROOF_TOO_LONG: [7072, "the proof is deeper than 32"],
  PROOF_POSITION: [7073, "the leaf cannot stand there in a tree of this depth"],
  UNKNOWN_ROOT: [7074, "the proof leads to no root that is valid now"],
  NOTHING_DUE: [7075, "everything that is due has been claimed"],
  OVER_CLAIMED: [7076, "more would be claimed than is allocated"],
  BATCH_REFUSED: [7077, "the batch is not an aligned subtree of 1 to 32 leaves"],

  WRONG_DESTINATION: [7080, "the refund or the rent goes to another account"],
  REFUND_TOO_EARLY: [7081, "no commit reaches to the end of the market yet"],
  NOT_ALLOCATED_SO: [7082, "a market opened since the last commit has nothing allocated, and no proof"],
  NOT_DEAD_YET: [7083, "somebody committed within the dead time"],
} as const satisfies Record<string, readonly [number: number, meaning: string]>;

export type ProgramErrorName = keyof typeof programErrors;

const namesByNumber = new Map<number, ProgramErrorName>(
  (Object.keys(programErrors) as ProgramErrorName[]).map((name) => [programErrors[name][0], name]),
);

/** Which of the program's errors a custom error number is; undefined where another program gave it. */
export const programErrorName = (number: number): ProgramErrorName | undefined => namesByNumber.get(number);
