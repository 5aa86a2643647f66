#include "earnest.h"
#include "signatures.h"

/** sha256(context ‖ body). The context is read from accounts: a signature holds for one place, set and history only. */
INLINE void hash_commit(const Call *call, const Network *network, const Pool *pool, u64 pool_index, u8 *digest) {
  const Slice bytes[7] = {{call->program, 32},
                          {network->cluster, 32},
                          {pool->network, 32},
                          {call->accounts[pool_index].address, 32},
                          {(const u8 *)&network->set_version, 4},
                          {pool->digest, 32},
                          {call->data, sizeof(CommitBody)}};
  sol_sha256(bytes, 7, digest);
}

/** The next epoch, in time, and nothing that was promised before is taken back. */
INLINE u64 check_body(const Network *network, const Pool *pool, const CommitBody *body, i64 now) {
  REQUIRE(body->epoch == pool->epoch + 1, ERROR_WRONG_EPOCH);
  REQUIRE(pool->floor <= body->floor && body->floor <= body->epoch, ERROR_FLOOR_REFUSED);
  REQUIRE(pool->as_of <= body->as_of && body->as_of <= now, ERROR_AS_OF_REFUSED);
  REQUIRE(now <= body->valid_until, ERROR_EXPIRED);
  REQUIRE(body->valid_until <= body->as_of + network->max_validity, ERROR_VALID_TOO_LONG);
  REQUIRE(pool->allocated <= body->allocated, ERROR_ALLOCATION_FELL);
  REQUIRE(body->allocated <= pool->deposited - pool->refunded, ERROR_OVER_ALLOCATED);
  REQUIRE(pool->leaf_count <= body->leaf_count, ERROR_LEAF_COUNT_FELL);
  return 0;
}

/**
 * Fixes the roots of an epoch. Anybody may send it: the signatures count.
 *
 * accounts: 0 network, 1 pool (writable), 2 instructions sysvar
 * data: CommitBody
 */
NOINLINE u64 commit(Call *call) {
  enum { NETWORK, POOL, INSTRUCTIONS, COUNT };
  TRY(check_length(call, sizeof(CommitBody)));
  TRY(check_accounts(call, COUNT, 0, BIT(POOL), 0));
  TRY(check_network(call, NETWORK));
  TRY(check_pool(call, POOL));
  const Network *network = (const Network *)call->accounts[NETWORK].data;
  Pool *pool = (Pool *)call->accounts[POOL].data;
  TRY(check_address(&call->accounts[NETWORK], pool->network, ERROR_WRONG_NETWORK));
  REQUIRE(pool->state == POOL_LIVE, ERROR_POOL_WOUND_DOWN);
  const CommitBody *body = (const CommitBody *)call->data;
  const i64 now = unix_now();
  TRY(check_body(network, pool, body, now));
  Message message;
  set_message_tag(&message, "earnest:commit:1");
  hash_commit(call, network, pool, POOL, message.digest);
  TRY(check_signatures(&call->accounts[INSTRUCTIONS], &network->current, &message));

  pool->epoch = body->epoch;
  pool->floor = body->floor;
  pool->as_of = body->as_of;
  pool->last_commit_at = now;
  pool->leaf_count = body->leaf_count;
  pool->allocated = body->allocated;
  copy32(pool->digest, message.digest);
  copy32(pool->market_root, body->market_root);
  copy32(pool->payout_roots[body->epoch % ROOTS], body->payout_root);
  return 0;
}
