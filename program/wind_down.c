#include "earnest.h"
#include "layouts.h"

/**
 * Nobody has committed for the dead time: from now on, and for ever, everybody leaves by the last commit. Anybody may
 * send it.
 *
 * accounts: 0 network, 1 pool (writable)
 */
NOINLINE u64 wind_down(Call *call) {
  enum { NETWORK, POOL, COUNT };
  TRY(check_length(call, 0));
  TRY(check_accounts(call, COUNT, 0, BIT(POOL), 0));
  TRY(check_network(call, NETWORK));
  TRY(check_pool(call, POOL));
  const Network *network = (const Network *)call->accounts[NETWORK].data;
  Pool *pool = (Pool *)call->accounts[POOL].data;
  TRY(check_address(&call->accounts[NETWORK], pool->network, ERROR_WRONG_NETWORK));
  REQUIRE(pool->state == POOL_LIVE, ERROR_POOL_WOUND_DOWN);
  REQUIRE(unix_now() > pool->last_commit_at + network->dead_after, ERROR_NOT_DEAD_YET);

  pool->state = POOL_WOUND_DOWN;
  return 0;
}
