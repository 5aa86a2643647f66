#include "create.h"
#include "earnest.h"
#include "token.h"

/** The vault is the pool's associated token account, and nobody but the pool can move or close it. */
INLINE u64 check_new_vault(const Call *call, u64 vault_index, u64 pool, u64 mint, u64 program) {
  const Account *vault = &call->accounts[vault_index];
  const u8 *const owner = call->accounts[pool].address;
  const Slice seeds[3] = {
      {owner, 32}, {call->accounts[program].address, 32}, {call->accounts[mint].address, 32}};
  u8 address[32] __attribute__((aligned(8)));
  u8 bump;
  REQUIRE(sol_try_find_program_address(seeds, 3, ASSOCIATED_TOKEN_PROGRAM, address, &bump) == 0, ERROR_WRONG_VAULT);
  TRY(check_address(vault, address, ERROR_WRONG_VAULT));
  REQUIRE(same32(vault->owner, call->accounts[program].address) && vault->length >= TOKEN_SIZE, ERROR_VAULT_REFUSED);
  REQUIRE(vault->data[TOKEN_STATE] == TOKEN_STATE_USABLE && takes_plain_transfers(vault), ERROR_VAULT_REFUSED);
  REQUIRE(same32(vault->data + TOKEN_MINT, call->accounts[mint].address), ERROR_VAULT_REFUSED);
  REQUIRE(same32(vault->data + TOKEN_OWNER, owner), ERROR_VAULT_REFUSED);
  REQUIRE(read32(vault->data + TOKEN_HAS_DELEGATE) == 0, ERROR_VAULT_REFUSED);
  REQUIRE(read32(vault->data + TOKEN_HAS_CLOSE_AUTHORITY) == 0, ERROR_VAULT_REFUSED);
  return 0;
}

/** accounts: 0 payer (signer, writable), 1 network, 2 mint, 3 vault, 4 token program, 5 pool (writable), 6 system program
 *  data: number u32 */
NOINLINE u64 open_pool(Call *call) {
  enum { PAYER, NETWORK, MINT_OF_POOL, VAULT, PROGRAM, POOL, SYSTEM, COUNT };
  TRY(check_length(call, 4));
  TRY(check_accounts(call, COUNT, BIT(PAYER), BIT(PAYER) | BIT(POOL), 0));
  TRY(check_address(&call->accounts[SYSTEM], SYSTEM_PROGRAM, ERROR_WRONG_ADDRESS));
  TRY(check_network(call, NETWORK));
  const Account *mint = &call->accounts[MINT_OF_POOL];
  TRY(check_mint(mint, &call->accounts[PROGRAM]));
  TRY(check_new_vault(call, VAULT, POOL, MINT_OF_POOL, PROGRAM));

  const u8 *network = call->accounts[NETWORK].address;
  Seeds seeds = {4, {{(const u8 *)"pool", 4}, {network, 32}, {mint->address, 32}, {call->data, 4}}};
  TRY(create_account(call, PAYER, POOL, sizeof(Pool), &seeds));

  Pool *pool = (Pool *)call->accounts[POOL].data;
  pool->tag = TAG_POOL;
  pool->decimals = mint->data[MINT_DECIMALS];
  pool->number = read32(call->data);
  copy32(pool->network, network);
  copy32(pool->mint, mint->address);
  copy32(pool->token_program, call->accounts[PROGRAM].address);
  copy32(pool->vault, call->accounts[VAULT].address);
  // The dead time runs from here while nobody has committed yet.
  pool->last_commit_at = unix_now();
  return 0;
}
