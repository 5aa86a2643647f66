#include "credit.h"
#include "earnest.h"
#include "token.h"
#include "tree.h"

/** The data: this, then the amounts of `count` leaves, then `depth` siblings of the subtree's root. */
typedef struct PACKED {
  u64 first;
  u8 height, count, depth;
  Amounts amounts[];
} ClaimMany;

_Static_assert(sizeof(ClaimMany) == 11, "ClaimMany");

/** Two leaves to a pair; the leaves behind `count` are missing. */
NOINLINE void hash_leaves(const u8 *pool, const Account *destination, const ClaimMany *asked, Node *pair) {
  PayoutHash hash;
  begin_payout_hash(&hash, pool, asked->first);
  const Amounts *amounts = asked->amounts;
  const Amounts *const end = amounts + asked->count;
  for (;; pair++, amounts += 2, destination += 2, hash.prefix.index++) {
    hash_payout_leaf(&hash, destination->address, amounts, pair->child[0]);
    if (amounts + 1 == end) return;
    hash.prefix.index++;
    hash_payout_leaf(&hash, destination[1].address, amounts + 1, pair->child[1]);
    if (amounts + 2 == end) return;
  }
}

/** Hashes a row of pairs into the row above, in place: a node replaces what it, or a pair before, was made of. */
INLINE void fold_row(Node *pair, u64 count) {
  const Node *const end = pair + count;
  Slice bytes = {&pair->kind, NODE_SIZE};
  for (Node *parent = pair;; parent++) {
    sol_sha256(&bytes, 1, parent->child[0]);
    if (++pair == end) return;
    bytes.at += sizeof(Node);
    sol_sha256(&bytes, 1, parent->child[1]);
    if (++pair == end) return;
    bytes.at += sizeof(Node);
  }
}

/** Up to the subtree's root, `height` rows above the leaves. */
NOINLINE void fold(Node *pairs, u64 count, u64 height, u8 *root) {
  for (u64 i = 0; i < BATCH_MAX / 2; i++) pairs[i].kind = NODE;
  for (; height > 0; height--) {
    if (count % 2 == 1) clear(pairs[count / 2].child[1], 32);
    count = (count + 1) / 2;
    fold_row(pairs, count);
  }
  copy32(root, pairs->child[0]);
}

/** The whole subtree at once: what leads to a root is, leaf by leaf, what the attestors signed. */
INLINE u64 check_batch(const Account *pool_account, const Account *destinations, const ClaimMany *asked) {
  Node pairs[BATCH_MAX / 2];
  Node node;
  u8 root[32] __attribute__((aligned(8)));
  const u64 position = asked->first >> asked->height;
  hash_leaves(pool_account->address, destinations, asked, pairs);
  fold(pairs, asked->count, asked->height, node.child[position & 1]);
  TRY(climb(&node, position, (const u8 *)&asked->amounts[asked->count], asked->depth, root));
  return check_payout_root((const Pool *)pool_account->data, root);
}

/**
 * Credits what can be paid, and writes the amounts into `payments`, which were 0: those that are skipped keep what they
 * are owed. Returns an error only where the leaves cannot be true.
 */
NOINLINE u64 credit_batch(Pool *pool, const Account *destination, const ClaimMany *asked, u64 *claimed, u64 *payments) {
  const Amounts *amounts = asked->amounts;
  u64 left = claimable(pool);
  for (const Amounts *const end = amounts + asked->count; amounts != end;
       amounts++, destination++, claimed++, payments++) {
    u64 due;
    TRY(due_of(pool, amounts, &due));
    if (due <= *claimed || !can_receive(destination, pool)) continue;
    TRY(credit(claimed, due, &left, payments));
  }
  pool->claimed = pool->allocated - left;
  return 0;
}

NOINLINE u64 pay_batch(Transfer *transfer, const Account *destination, const u64 *payment, u64 count) {
  for (const u64 *const end = payment + count; payment != end; payment++, destination++) {
    if (*payment != 0) TRY(pay(transfer, destination, *payment));
  }
  return 0;
}

/**
 * Pays the leaves of an aligned subtree of 2^height places, of which the first `count` are there. Destinations that
 * cannot receive now, or have nothing due, are skipped: one closed account must not hold up the others. The page says
 * afterwards who was paid.
 *
 * accounts: 0 pool (writable), 1 page (writable), 2 vault (writable), 3 token program,
 * 4 and on: `count` destinations (writable; one may be named more than once)
 */
NOINLINE u64 claim_many(Call *call) {
  enum { POOL, PAGE, VAULT, PROGRAM, DESTINATIONS };
  const ClaimMany *asked = (const ClaimMany *)call->data;
  REQUIRE(call->length >= sizeof(*asked), ERROR_DATA_LENGTH);
  TRY(check_length(call, sizeof(*asked) + asked->count * sizeof(Amounts) + 32ull * asked->depth));
  REQUIRE(asked->height <= BATCH_HEIGHT_MAX && asked->count >= 1, ERROR_BATCH_REFUSED);
  REQUIRE(asked->count <= 1ull << asked->height, ERROR_BATCH_REFUSED);
  REQUIRE((asked->first & ((1ull << asked->height) - 1)) == 0, ERROR_BATCH_REFUSED);
  TRY(check_accounts(call, DESTINATIONS + (u64)asked->count, 0, BIT(POOL) | BIT(PAGE) | BIT(VAULT),
                     ~(BIT(DESTINATIONS) - 1)));
  TRY(check_pool(call, POOL));
  TRY(check_page(call, PAGE, POOL));
  Pool *pool = (Pool *)call->accounts[POOL].data;
  Page *page = (Page *)call->accounts[PAGE].data;
  const Account *vault = &call->accounts[VAULT], *destinations = &call->accounts[DESTINATIONS];
  TRY(check_pool_accounts(pool, vault, &call->accounts[PROGRAM]));
  REQUIRE(asked->first < pool->leaf_count && asked->count <= pool->leaf_count - asked->first, ERROR_NO_SUCH_LEAF);
  REQUIRE(page->number == asked->first / PAGE_SLOTS, ERROR_WRONG_PAGE);
  TRY(check_batch(&call->accounts[POOL], destinations, asked));

  u64 *claimed = &page->claimed[asked->first % PAGE_SLOTS];
  TRY(credit_batch(pool, destinations, asked, claimed, call->payments));
  Transfer transfer;
  prepare_payment(&transfer, call, &call->accounts[POOL], vault);
  return pay_batch(&transfer, destinations, call->payments, asked->count);
}
