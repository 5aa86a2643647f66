/** The Merkle trees of payouts and of market allocations. A missing leaf or node is 32 zero bytes. */
#pragma once

#include "layouts.h"

enum { LEAF_PAYOUT = 0, NODE = 1, LEAF_MARKET = 2 };

/**
 * The bytes of an inner node, hashed as one slice: that is cheaper than three. `kind` stands directly before the
 * children, which are aligned to eight bytes.
 */
typedef struct {
  u8 padding[7], kind;
  u8 child[2][32];
} Node;

_Static_assert(sizeof(Node) == 72, "no gaps");

INLINE void hash_node(const Node *node, u8 *hash) {
  const Slice bytes = {&node->kind, 65};
  sol_sha256(&bytes, 1, hash);
}

/** sha256(0x00, pool, index, destination, cumulative, held); `amounts` are the last two, as they stand in the data. */
INLINE void hash_payout_leaf(const u8 *pool, u64 index, const u8 *destination, const u8 *amounts, u8 *hash) {
  const u8 kind = LEAF_PAYOUT;
  const Slice bytes[5] = {{&kind, 1}, {pool, 32}, {(const u8 *)&index, 8}, {destination, 32}, {amounts, 16}};
  sol_sha256(bytes, 5, hash);
}

/** sha256(0x02, pool, market, opened_at, allocated). */
INLINE void hash_market_leaf(const Account *pool, const Account *market, u64 allocated, u8 *hash) {
  const u8 kind = LEAF_MARKET;
  const i64 opened_at = ((const Market *)market->data)->opened_at;
  const Slice bytes[5] = {{&kind, 1},
                          {pool->address, 32},
                          {market->address, 32},
                          {(const u8 *)&opened_at, 8},
                          {(const u8 *)&allocated, 8}};
  sol_sha256(bytes, 5, hash);
}

/**
 * Follows a proof of `depth` siblings up from the node at `position`, whose hash is in `node->child[position & 1]`,
 * and leaves the root in `root`. A position beyond the depth is refused: it would be another leaf's alias.
 */
INLINE u64 climb(Node *node, u64 position, const u8 *proof, u64 depth, u8 *root) {
  REQUIRE(depth <= PROOF_MAX, ERROR_PROOF_TOO_LONG);
  REQUIRE(position >> depth == 0, ERROR_PROOF_POSITION);
  node->kind = NODE;
  for (u64 i = 0; i < depth; i++) {
    copy32(node->child[~position & 1], proof + 32 * i);
    position >>= 1;
    hash_node(node, node->child[position & 1]);
  }
  copy32(root, node->child[0]);
  return 0;
}

/** Whether a payout root may still be claimed against: in the ring, at or above the floor; the newest once wound down. */
INLINE u64 check_payout_root(const Pool *pool, const u8 *root) {
  const u64 oldest = pool->epoch < ROOTS ? 1 : pool->epoch - (ROOTS - 1);
  const u64 floor = pool->state == POOL_LIVE ? pool->floor : pool->epoch;
  for (u64 epoch = pool->epoch; epoch >= oldest && epoch >= floor; epoch--) {
    if (same32(pool->payout_roots[epoch % ROOTS], root)) return 0;
  }
  return ERROR_UNKNOWN_ROOT;
}
