#include "create.h"
#include "earnest.h"
#include "token.h"

typedef struct PACKED {
  u8 id[16], spec_hash[32];
} OpenMarket;

/** accounts: 0 requester (signer), 1 payer (signer, writable; may be the requester), 2 pool, 3 market (writable),
 *  4 token account for the refund, 5 system program */
NOINLINE u64 open_market(Call *call) {
  enum { REQUESTER, PAYER, POOL, MARKET, REFUND_TO, SYSTEM, COUNT };
  TRY(check_length(call, sizeof(OpenMarket)));
  TRY(check_accounts(call, COUNT, BIT(REQUESTER) | BIT(PAYER), BIT(PAYER) | BIT(MARKET), BIT(PAYER)));
  TRY(check_address(&call->accounts[SYSTEM], SYSTEM_PROGRAM, ERROR_WRONG_ADDRESS));
  TRY(check_pool(call, POOL));
  const Pool *pool = (const Pool *)call->accounts[POOL].data;
  REQUIRE(pool->state == POOL_LIVE, ERROR_POOL_WOUND_DOWN);
  REQUIRE(can_receive(&call->accounts[REFUND_TO], pool), ERROR_TOKEN_ACCOUNT_UNUSABLE);

  const OpenMarket *asked = (const OpenMarket *)call->data;
  const u8 *requester = call->accounts[REQUESTER].address;
  const u8 *pool_address = call->accounts[POOL].address;
  Seeds seeds = {4, {{(const u8 *)"market", 6}, {pool_address, 32}, {requester, 32}, {asked->id, 16}}};
  TRY(create_account(call, PAYER, MARKET, sizeof(Market), &seeds));

  Market *market = (Market *)call->accounts[MARKET].data;
  market->tag = TAG_MARKET;
  copy32(market->pool, pool_address);
  copy32(market->requester, requester);
  copy32(market->refund_to, call->accounts[REFUND_TO].address);
  copy32(market->rent_payer, call->accounts[PAYER].address);
  copy32(market->spec_hash, asked->spec_hash);
  write64(market->id, read64(asked->id));
  write64(market->id + 8, read64(asked->id + 8));
  market->opened_at = unix_now();
  return 0;
}
