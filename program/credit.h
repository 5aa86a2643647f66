/** What claiming one leaf and a batch of them have in common. */
#pragma once

#include "layouts.h"

/** The amounts of a leaf, as they stand in the data: `held` may still fall, and is owed only once the pool is wound down. */
typedef struct PACKED {
  u64 cumulative, held;
} Amounts;

INLINE u64 due_of(const Pool *pool, const Amounts *amounts, u64 *due) {
  *due = amounts->cumulative;
  if (pool->state == POOL_LIVE) return 0;
  *due += amounts->held;
  REQUIRE(*due >= amounts->held, ERROR_OVERFLOW);
  return 0;
}

/** Writes down that everything due is paid, before it is; `amount` is what was still open. */
INLINE u64 credit(Pool *pool, u64 *claimed, u64 due, u64 *amount) {
  *amount = due - *claimed;
  // Claimed stays within allocated, whatever the leaves say.
  REQUIRE(*amount <= pool->allocated - pool->claimed, ERROR_OVER_CLAIMED);
  pool->claimed += *amount;
  *claimed = due;
  return 0;
}
