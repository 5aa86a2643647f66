/** What claiming one leaf and a batch of them have in common. */
#pragma once

#include "layouts.h"

INLINE u64 due_of(const Pool *pool, const Amounts *amounts, u64 *due) {
  *due = amounts->cumulative;
  if (pool->state == POOL_LIVE) return 0;
  *due += amounts->held;
  REQUIRE(*due >= amounts->held, ERROR_OVERFLOW);
  return 0;
}

/** What may still be claimed in all: claimed stays within allocated, whatever the leaves say. */
INLINE u64 claimable(const Pool *pool) { return pool->allocated - pool->claimed; }

/** Writes down that all that is due is paid, before it is; `amount` is what was still open, taken from what is left. */
INLINE u64 credit(u64 *claimed, u64 due, u64 *left, u64 *amount) {
  *amount = due - *claimed;
  REQUIRE(*amount <= *left, ERROR_OVER_CLAIMED);
  *left -= *amount;
  *claimed = due;
  return 0;
}
