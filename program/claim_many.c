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

/** Leaf i is child i % 2 of pair i / 2; the leaves behind `count` are missing. */
INLINE void hash_leaves(const u8 *pool, const Account *destinations, const ClaimMany *asked, Node *pairs) {
  for (u64 i = 0; i < asked->count; i++) {
    const u8 *amounts = (const u8 *)&asked->amounts[i];
    hash_payout_leaf(pool, asked->first + i, destinations[i].address, amounts, pairs[i / 2].child[i % 2]);
    pairs[i / 2].kind = NODE;
  }
}

/** Hashes pairs into pairs until one node is left, the subtree's root; in place, as a node replaces what it was made of. */
INLINE void fold(Node *pairs, u64 count, u64 height, u8 *root) {
  for (; height > 0; height--) {
    if (count % 2 == 1) clear(pairs[count / 2].child[1], 32);
    count = (count + 1) / 2;
    for (u64 i = 0; i < count; i++) hash_node(&pairs[i], pairs[i / 2].child[i % 2]);
  }
  copy32(root, pairs[0].child[0]);
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

/** Pays what can be paid; bit i of `paid` stands for leaf first + i. The others keep what they are owed. */
INLINE u64 pay_batch(Transfer *transfer, const Account *destinations, const ClaimMany *asked, Pool *pool, Page *page,
                     u64 *paid) {
  for (u64 i = 0; i < asked->count; i++) {
    const Account *destination = &destinations[i];
    u64 *claimed = &page->claimed[(asked->first + i) % PAGE_SLOTS];
    u64 due, amount;
    TRY(due_of(pool, &asked->amounts[i], &due));
    if (due <= *claimed || !destination->is_writable || !can_receive(destination, pool)) continue;
    TRY(credit(pool, claimed, due, &amount));
    TRY(pay(transfer, pool, destination, amount));
    *paid |= 1ull << i;
  }
  return 0;
}

/**
 * Pays the leaves of an aligned subtree of 2^height places, of which the first `count` are there. Destinations that
 * cannot receive now, or have nothing due, are skipped: one closed account must not hold up the others. Returns, as
 * return data, a u64 whose bit i says that leaf first + i was paid.
 *
 * accounts: 0 pool (writable), 1 page (writable), 2 vault (writable), 3 mint, 4 token program,
 * 5 and on: `count` destinations (writable; one may be named more than once)
 */
NOINLINE u64 claim_many(Call *call) {
  enum { POOL, PAGE, VAULT, MINT_OF_POOL, PROGRAM, DESTINATIONS };
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
  const Account *vault = &call->accounts[VAULT], *mint = &call->accounts[MINT_OF_POOL];
  const Account *destinations = &call->accounts[DESTINATIONS];
  TRY(check_pool_accounts(pool, vault, mint, &call->accounts[PROGRAM]));
  REQUIRE(asked->first < pool->leaf_count && asked->count <= pool->leaf_count - asked->first, ERROR_NO_SUCH_LEAF);
  REQUIRE(page->number == asked->first / PAGE_SLOTS, ERROR_WRONG_PAGE);
  TRY(check_batch(&call->accounts[POOL], destinations, asked));

  u64 paid = 0;
  Transfer transfer;
  prepare_transfer(&transfer, pool, vault, mint, &call->accounts[POOL]);
  TRY(pay_batch(&transfer, destinations, asked, pool, page, &paid));
  sol_set_return_data((const u8 *)&paid, sizeof(paid));
  return 0;
}
