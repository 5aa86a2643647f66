#include "earnest.h"
#include "token.h"

/**
 * Locks money for a market. Whoever owns the tokens may deposit; only the market's refund address ever gets them back.
 *
 * accounts: 0 owner of the source (signer), 1 source (writable), 2 vault (writable), 3 pool (writable),
 * 4 market (writable), 5 token program
 * data: amount u64
 */
NOINLINE u64 deposit(Call *call) {
  enum { OWNER, SOURCE, VAULT, POOL, MARKET, PROGRAM, COUNT };
  TRY(check_length(call, 8));
  TRY(check_accounts(call, COUNT, BIT(OWNER), BIT(SOURCE) | BIT(VAULT) | BIT(POOL) | BIT(MARKET), 0));
  TRY(check_pool(call, POOL));
  TRY(check_market(call, MARKET, POOL));
  Pool *pool = (Pool *)call->accounts[POOL].data;
  Market *market = (Market *)call->accounts[MARKET].data;
  const Account *vault = &call->accounts[VAULT], *source = &call->accounts[SOURCE];
  TRY(check_pool_accounts(pool, vault, &call->accounts[PROGRAM]));
  REQUIRE(same32(source->owner, pool->token_program) && source->length >= TOKEN_SIZE, ERROR_TOKEN_ACCOUNT_UNUSABLE);
  REQUIRE(same32(source->data + TOKEN_MINT, pool->mint), ERROR_WRONG_MINT);
  REQUIRE(same32(source->data + TOKEN_OWNER, call->accounts[OWNER].address), ERROR_NOT_THE_OWNER);
  REQUIRE(pool->state == POOL_LIVE, ERROR_POOL_WOUND_DOWN);
  REQUIRE(market->closes_at == 0, ERROR_MARKET_CLOSING);

  const u64 before = token_amount(vault);
  Transfer transfer;
  prepare_transfer(&transfer, call, pool, source, &call->accounts[OWNER]);
  TRY(send(&transfer, vault, read64(call->data)));

  // What counts is what arrived, which is known only now; a token program calls nobody back.
  const u64 arrived = token_amount(vault) - before;
  REQUIRE(arrived > 0, ERROR_NOTHING_ARRIVED);
  REQUIRE(pool->deposited + arrived > pool->deposited, ERROR_OVERFLOW);
  pool->deposited += arrived;
  market->deposited += arrived;
  return 0;
}
