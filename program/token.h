/** Token accounts and mints of both token programs, and the transfers out of and into a vault. */
#pragma once

#include "addresses.h"
#include "layouts.h"

/* Where the fields stand, in both programs (spl_token::state). */
enum { MINT_SIZE = 82, MINT_DECIMALS = 44, MINT_INITIALIZED = 45 };
enum {
  TOKEN_SIZE = 165,
  TOKEN_MINT = 0,
  TOKEN_OWNER = 32,
  TOKEN_AMOUNT = 64,
  TOKEN_HAS_DELEGATE = 72,
  TOKEN_STATE = 108,
  TOKEN_HAS_CLOSE_AUTHORITY = 129
};
/** Neither absent (0) nor frozen (2). */
enum { TOKEN_STATE_USABLE = 1 };

/* Token-2022: an account type behind the classic fields, then extensions: type and length (two bytes each), value. */
enum { KIND_AT = 165, EXTENSIONS_AT = 166, KIND_MINT = 1, KIND_TOKEN = 2, MULTISIG_SIZE = 355 };
enum {
  EXTENSION_NONE = 0,
  EXTENSION_IMMUTABLE_OWNER = 7,
  EXTENSION_MEMO_TRANSFER = 8,
  EXTENSION_CPI_GUARD = 11,
  EXTENSION_METADATA_POINTER = 18,
  EXTENSION_TOKEN_METADATA = 19
};

INLINE u64 token_amount(const Account *account) { return read64(account->data + TOKEN_AMOUNT); }

/** Whether the extensions of a mint are all harmless: they say what it is called, and nothing else. */
NOINLINE u64 check_mint_extensions(const Account *mint) {
  if (mint->length == MINT_SIZE) return 0;
  REQUIRE(mint->length >= EXTENSIONS_AT && mint->length != MULTISIG_SIZE, ERROR_MINT_REFUSED);
  REQUIRE(mint->data[KIND_AT] == KIND_MINT, ERROR_MINT_REFUSED);
  for (u64 at = EXTENSIONS_AT; at + 4 <= mint->length;) {
    const u16 type = read16(mint->data + at);
    if (type == EXTENSION_NONE) break;
    REQUIRE(type == EXTENSION_METADATA_POINTER || type == EXTENSION_TOKEN_METADATA, ERROR_MINT_EXTENSION_REFUSED);
    at += 4ull + read16(mint->data + at + 2);
    REQUIRE(at <= mint->length, ERROR_MINT_REFUSED);
  }
  return 0;
}

/** A mint of one of the two token programs, whichever `program` is. */
INLINE u64 check_mint(const Account *mint, const Account *program) {
  const int is_classic = same32(program->address, TOKEN_PROGRAM);
  REQUIRE(is_classic || same32(program->address, TOKEN_2022_PROGRAM), ERROR_WRONG_TOKEN_PROGRAM);
  REQUIRE(same32(mint->owner, program->address), ERROR_MINT_REFUSED);
  REQUIRE(is_classic ? mint->length == MINT_SIZE : mint->length >= MINT_SIZE, ERROR_MINT_REFUSED);
  REQUIRE(mint->data[MINT_INITIALIZED] == 1, ERROR_MINT_REFUSED);
  return is_classic ? 0 : check_mint_extensions(mint);
}

/** Whether a token account of Token-2022 takes transfers without a memo; what is not known here counts as it does not. */
NOINLINE u64 takes_plain_transfers(const Account *account) {
  if (account->length == TOKEN_SIZE) return 1;
  if (account->length < EXTENSIONS_AT || account->length == MULTISIG_SIZE) return 0;
  if (account->data[KIND_AT] != KIND_TOKEN) return 0;
  for (u64 at = EXTENSIONS_AT; at + 4 <= account->length;) {
    const u16 type = read16(account->data + at);
    const u64 length = read16(account->data + at + 2);
    if (type == EXTENSION_NONE) break;
    if (at + 4 + length > account->length) return 0;
    if (type == EXTENSION_MEMO_TRANSFER) {
      if (length != 1 || account->data[at + 4] != 0) return 0;
    } else if (type != EXTENSION_IMMUTABLE_OWNER && type != EXTENSION_CPI_GUARD) {
      return 0;
    }
    at += 4 + length;
  }
  return 1;
}

/** Whether this is a token account of the pool's mint that a transfer can go to now. The vault itself is none. */
NOINLINE u64 can_receive(const Account *account, const Pool *pool) {
  if (!same32(account->owner, pool->token_program)) return 0;
  if (account->length < TOKEN_SIZE || account->data[TOKEN_STATE] != TOKEN_STATE_USABLE) return 0;
  if (!same32(account->data + TOKEN_MINT, pool->mint) || same32(account->address, pool->vault)) return 0;
  return account->length == TOKEN_SIZE || takes_plain_transfers(account);
}

/** The vault and token program that belong to the pool: their addresses say so, `open_pool` has checked the rest. */
INLINE u64 check_pool_accounts(const Pool *pool, const Account *vault, const Account *program) {
  TRY(check_address(vault, pool->vault, ERROR_WRONG_VAULT));
  return check_address(program, pool->token_program, ERROR_WRONG_TOKEN_PROGRAM);
}

/**
 * Transfer, made once and sent as often as the amount and the destination change. Not TransferChecked: what it checks
 * besides, the mint, is checked here (the vault's when the pool opened, the other's each time), and naming the mint
 * would cost every claim 33 bytes and 35 compute units. Both token programs take it for the mints that a pool may have.
 */
typedef struct {
  Pool *pool;
  /** All of the call's: the runtime finds those that the transfer names. */
  const Account *accounts;
  u64 account_count;
  AccountMeta metas[3];
  Instruction instruction;
  Slice seeds[5];
  SignerSeeds signer;
  u8 padding[7], number;
  u64 amount;
} Transfer;

enum { TRANSFER = 3, TRANSFER_SIZE = 9 };
enum { FROM = 0, TO = 1, AUTHORITY = 2 };

INLINE void prepare_transfer(Transfer *transfer, const Call *call, Pool *pool, const Account *from,
                             const Account *authority) {
  transfer->pool = pool;
  transfer->accounts = call->accounts;
  transfer->account_count = call->count;
  transfer->metas[FROM] = (AccountMeta){from->address, 1, 0};
  transfer->metas[TO] = (AccountMeta){0, 1, 0};
  transfer->metas[AUTHORITY] = (AccountMeta){authority->address, 0, 1};
  transfer->instruction = (Instruction){pool->token_program, transfer->metas, 3, &transfer->number, TRANSFER_SIZE};
  transfer->number = TRANSFER;
}

/** Out of the vault, which the pool's address owns. */
INLINE void prepare_payment(Transfer *transfer, const Call *call, const Account *pool_account, const Account *vault) {
  Pool *pool = (Pool *)pool_account->data;
  prepare_transfer(transfer, call, pool, vault, pool_account);
  transfer->seeds[0] = (Slice){(const u8 *)"pool", 4};
  transfer->seeds[1] = (Slice){pool->network, 32};
  transfer->seeds[2] = (Slice){pool->mint, 32};
  transfer->seeds[3] = (Slice){(const u8 *)&pool->number, 4};
  transfer->seeds[4] = (Slice){&pool->bump, 1};
  transfer->signer = (SignerSeeds){transfer->seeds, 5};
}

INLINE u64 invoke(Transfer *transfer, const Account *to, u64 amount, u64 signer_count) {
  transfer->metas[TO].address = to->address;
  transfer->amount = amount;
  return sol_invoke_signed_c(&transfer->instruction, transfer->accounts, transfer->account_count, &transfer->signer,
                             signer_count);
}

/** Signed by whoever signed the transaction. */
INLINE u64 send(Transfer *transfer, const Account *to, u64 amount) { return invoke(transfer, to, amount, 0); }

/** Signed by the pool. Whoever calls has written the state that this pays for. */
INLINE u64 pay(Transfer *transfer, const Account *to, u64 amount) { return invoke(transfer, to, amount, 1); }
