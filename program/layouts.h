/**
 * The accounts, and the data of the instructions that have more than a number or two. All little-endian, of fixed size
 * and without gaps. Every account begins with the same 16 bytes: tag, version, bump of its address, flags. `reserved`
 * is zero and stays so until a new version gives it a meaning.
 *
 * src/rails/solana/program/ reads and writes the same layouts in TypeScript.
 */
#pragma once

#include "runtime.h"

#define PACKED __attribute__((packed))

#define LAYOUT_VERSION 1

/** A tag is the account's name, padded with zeros to eight letters. */
#define TAG_NETWORK 0x006b726f7774656eull /* "network" */
#define TAG_POOL 0x000000006c6f6f70ull    /* "pool" */
#define TAG_MARKET 0x000074656b72616dull  /* "market" */
#define TAG_PAGE 0x0000000065676170ull    /* "page" */

#define ATTESTORS_MAX 8
/** A version 0 transaction has room for five signatures and a commit. */
#define THRESHOLD_MAX 5
/** The last roots stay payable, so that a claim built before a commit still lands after it. */
#define ROOTS 4
#define PAGE_SLOTS 256
#define PROOF_MAX 32
/** claim_many takes an aligned subtree of at most 2^5 leaves. */
#define BATCH_HEIGHT_MAX 5
#define BATCH_MAX (1 << BATCH_HEIGHT_MAX)
_Static_assert(BATCH_MAX == PAYMENTS_MAX, "one payment for each leaf");

/** A set of attestors, `threshold` of whom sign. */
typedef struct PACKED {
  u8 count, threshold;
  u8 keys[ATTESTORS_MAX][32];
} Attestors;

/** Seeds: "network", creator, id. */
typedef struct PACKED {
  u64 tag;
  u8 version, bump, flags[6];
  u8 creator[32];
  u64 id;
  /** Nobody the program listens to: it says who runs the network. */
  u8 operator[32];
  /** Genesis hash: signatures for one cluster are worth nothing on another. */
  u8 cluster[32];
  /** Seconds. */
  u32 refund_delay, dead_after, rotation_delay, max_validity;
  /** Counts activated rotations: signatures by an earlier set are worth nothing. */
  u32 set_version;
  /** Counts proposals, so that a cancelled one cannot be proposed again with its old signatures. */
  u32 proposals;
  /** When the pending set may take over; without meaning while `pending.count` is 0. */
  i64 pending_at;
  /** sha256 of the rotation that is pending, which the new attestors sign too. */
  u8 pending_digest[32];
  Attestors current, pending;
  u8 reserved[64];
  u8 padding[4];
} Network;

enum { POOL_LIVE = 0, POOL_WOUND_DOWN = 1 };

/** Seeds: "pool", network, mint, number. Never closed. */
typedef struct PACKED {
  u64 tag;
  u8 version, bump, state, decimals;
  u32 number;
  u8 network[32], mint[32], token_program[32], vault[32];
  /** Of the last commit; 0 before the first. */
  u64 epoch;
  /** Roots of earlier epochs are dead. */
  u64 floor;
  /** Up to when the last commit counts, and when it landed. Seconds since 1970. */
  i64 as_of, last_commit_at;
  u64 leaf_count;
  /** Counters of the pool's own; the vault's balance may be larger, as anybody can send tokens to it. */
  u64 deposited, refunded, allocated, claimed;
  /** sha256 of the last commit's context and body: the next one names it. */
  u8 digest[32];
  u8 market_root[32];
  /** The root of epoch e stands at e modulo ROOTS. */
  u8 payout_roots[ROOTS][32];
  u8 reserved[64];
} Pool;

/** Seeds: "market", pool, requester, id. Closed by its refund. */
typedef struct PACKED {
  u64 tag;
  u8 version, bump, flags[6];
  u8 pool[32], requester[32];
  /** The token account that a refund goes to. */
  u8 refund_to[32];
  /** Who paid the rent, and gets it back. */
  u8 rent_payer[32];
  u8 spec_hash[32];
  u8 id[16];
  /** Seconds since 1970; `closes_at` is 0 while the market is open. */
  i64 opened_at, closes_at;
  u64 deposited;
  u8 reserved[32];
} Market;

/** Seeds: "page", pool, number. Never closed: what was claimed must not be forgotten. */
typedef struct PACKED {
  u64 tag;
  u8 version, bump, flags[6];
  u8 pool[32];
  u64 number;
  /** Of leaf number × PAGE_SLOTS + slot. */
  u64 claimed[PAGE_SLOTS];
} Page;

/** What a payout leaf owes: `held` may still fall, and is due only once the pool is wound down. */
typedef struct PACKED {
  u64 cumulative, held;
} Amounts;

/** The data of a commit. */
typedef struct PACKED {
  u64 epoch, floor;
  i64 as_of, valid_until;
  u64 allocated, leaf_count;
  u8 payout_root[32], market_root[32];
  /** Signed, not stored: they say what the attestors replayed, and which leaf file they keep. */
  u8 log_root[32], leaf_file_hash[32];
} CommitBody;

_Static_assert(sizeof(Attestors) == 258, "two numbers and the keys");
_Static_assert(sizeof(Network) == 768, "Network");
_Static_assert(sizeof(Pool) == 472, "Pool");
_Static_assert(sizeof(Market) == 248, "Market");
_Static_assert(sizeof(Page) == 2104, "Page");
_Static_assert(sizeof(CommitBody) == 176, "CommitBody");

/* ---- our own accounts: owner, size, tag and version prove them, as only this program can have written them ---- */

INLINE u64 check_own(const Call *call, u64 index, u64 tag, u64 size) {
  const Account *account = &call->accounts[index];
  REQUIRE(same32(account->owner, call->program), ERROR_WRONG_OWNER);
  REQUIRE(account->length == size && read64(account->data) == tag, ERROR_WRONG_ACCOUNT_KIND);
  REQUIRE(account->data[8] == LAYOUT_VERSION, ERROR_WRONG_VERSION);
  return 0;
}

INLINE u64 check_network(const Call *call, u64 index) { return check_own(call, index, TAG_NETWORK, sizeof(Network)); }
INLINE u64 check_pool(const Call *call, u64 index) { return check_own(call, index, TAG_POOL, sizeof(Pool)); }

INLINE u64 check_market(const Call *call, u64 index, u64 pool) {
  TRY(check_own(call, index, TAG_MARKET, sizeof(Market)));
  const Market *market = (const Market *)call->accounts[index].data;
  REQUIRE(same32(market->pool, call->accounts[pool].address), ERROR_WRONG_POOL);
  return 0;
}

INLINE u64 check_page(const Call *call, u64 index, u64 pool) {
  TRY(check_own(call, index, TAG_PAGE, sizeof(Page)));
  const Page *page = (const Page *)call->accounts[index].data;
  REQUIRE(same32(page->pool, call->accounts[pool].address), ERROR_WRONG_POOL);
  return 0;
}
