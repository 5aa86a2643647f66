/** The Merkle trees of payouts and of market allocations. A missing leaf or node is 32 zero bytes. */
#pragma once

#include "layouts.h"

enum { LEAF_PAYOUT = 0, NODE = 1, LEAF_MARKET = 2 };

/**
 * The bytes of an inner node. Hashing one slice is cheaper than three, so `kind` stands directly before the children,
 * which begin at a multiple of eight.
 */
typedef struct {
  u8 padding[7], kind;
  u8 child[2][32];
} Node;

enum { NODE_SIZE = 65 };
_Static_assert(sizeof(Node) == 7 + NODE_SIZE, "no gaps");

/** What all payout leaves of a pool begin with, and the index, which stands directly behind it. */
typedef struct PACKED {
  u8 padding[7], kind;
  u8 pool[32];
  u64 index;
} PayoutPrefix;

enum { PREFIX_SIZE = 41 };
_Static_assert(sizeof(PayoutPrefix) == 7 + PREFIX_SIZE, "no gaps");

/** sha256(0x00, pool, index, destination, cumulative, held), made once for leaves with following indices. */
typedef struct {
  PayoutPrefix prefix;
  Slice bytes[3];
} PayoutHash;

INLINE void begin_payout_hash(PayoutHash *hash, const u8 *pool, u64 index) {
  hash->prefix.kind = LEAF_PAYOUT;
  copy32(hash->prefix.pool, pool);
  hash->prefix.index = index;
  hash->bytes[0] = (Slice){&hash->prefix.kind, PREFIX_SIZE};
  hash->bytes[1].length = 32;
  hash->bytes[2].length = sizeof(Amounts);
}

INLINE void hash_payout_leaf(PayoutHash *hash, const u8 *destination, const Amounts *amounts, u8 *result) {
  hash->bytes[1].at = destination;
  hash->bytes[2].at = (const u8 *)amounts;
  sol_sha256(hash->bytes, 3, result);
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
NOINLINE u64 climb(Node *node, u64 position, const u8 *proof, u64 depth, u8 *root) {
  REQUIRE(depth <= PROOF_MAX, ERROR_PROOF_TOO_LONG);
  REQUIRE(position >> depth == 0, ERROR_PROOF_POSITION);
  node->kind = NODE;
  const Slice bytes = {&node->kind, NODE_SIZE};
  for (const u8 *const end = proof + 32 * depth; proof != end; proof += 32) {
    copy32(node->child[~position & 1], proof);
    position >>= 1;
    sol_sha256(&bytes, 1, node->child[position & 1]);
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
