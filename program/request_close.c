#include "earnest.h"
#include "layouts.h"

/**
 * The requester says, once, that the market ends. What no verdict has earned by the end of the delay comes back by
 * `refund`; from then on the attestors allocate no more to it.
 *
 * accounts: 0 requester (signer), 1 network, 2 pool, 3 market (writable)
 */
NOINLINE u64 request_close(Call *call) {
  enum { REQUESTER, NETWORK, POOL, MARKET, COUNT };
  TRY(check_length(call, 0));
  TRY(check_accounts(call, COUNT, BIT(REQUESTER), BIT(MARKET), 0));
  TRY(check_network(call, NETWORK));
  TRY(check_pool(call, POOL));
  TRY(check_market(call, MARKET, POOL));
  const Network *network = (const Network *)call->accounts[NETWORK].data;
  const Pool *pool = (const Pool *)call->accounts[POOL].data;
  Market *market = (Market *)call->accounts[MARKET].data;
  TRY(check_address(&call->accounts[NETWORK], pool->network, ERROR_WRONG_NETWORK));
  TRY(check_address(&call->accounts[REQUESTER], market->requester, ERROR_NOT_THE_REQUESTER));
  REQUIRE(market->closes_at == 0, ERROR_MARKET_CLOSING);

  market->closes_at = unix_now() + network->refund_delay;
  return 0;
}
