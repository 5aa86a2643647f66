/** Sets of attestors. */
#pragma once

#include "layouts.h"

/** A majority must sign, few enough for one transaction, and each is somebody and somebody else. */
NOINLINE u64 check_attestors(u64 count, u64 threshold, const u8 *keys) {
  REQUIRE(count <= ATTESTORS_MAX && threshold <= THRESHOLD_MAX, ERROR_ATTESTORS_REFUSED);
  REQUIRE(threshold <= count && 2 * threshold > count, ERROR_ATTESTORS_REFUSED);
  for (u64 i = 0; i < count; i++) {
    REQUIRE(!is_zero32(keys + 32 * i), ERROR_ATTESTORS_REFUSED);
    for (u64 j = 0; j < i; j++) REQUIRE(!same32(keys + 32 * i, keys + 32 * j), ERROR_ATTESTORS_REFUSED);
  }
  return 0;
}

/** Unused places are zero. */
INLINE void write_attestors(Attestors *attestors, u64 count, u64 threshold, const u8 *keys) {
  attestors->count = count;
  attestors->threshold = threshold;
  for (u64 i = 0; i < ATTESTORS_MAX; i++) {
    if (i < count) copy32(attestors->keys[i], keys + 32 * i);
    else clear(attestors->keys[i], 32);
  }
}
