#include "credit.h"
#include "earnest.h"
#include "token.h"
#include "tree.h"

/** The data: this, then `depth` siblings of 32 bytes. */
typedef struct PACKED {
  u64 index;
  Amounts amounts;
  u8 depth, proof[];
} Claim;

_Static_assert(sizeof(Claim) == 25, "Claim");

/**
 * Pays one contributor what a root says and the page does not yet. Anybody may send it: the leaf names the destination.
 *
 * accounts: 0 pool (writable), 1 page (writable), 2 vault (writable), 3 destination (writable), 4 token program
 */
NOINLINE u64 claim(Call *call) {
  enum { POOL, PAGE, VAULT, DESTINATION, PROGRAM, COUNT };
  const Claim *asked = (const Claim *)call->data;
  REQUIRE(call->length >= sizeof(*asked), ERROR_DATA_LENGTH);
  TRY(check_length(call, sizeof(*asked) + 32ull * asked->depth));
  TRY(check_accounts(call, COUNT, 0, BIT(POOL) | BIT(PAGE) | BIT(VAULT) | BIT(DESTINATION), 0));
  TRY(check_pool(call, POOL));
  TRY(check_page(call, PAGE, POOL));
  Pool *pool = (Pool *)call->accounts[POOL].data;
  Page *page = (Page *)call->accounts[PAGE].data;
  const Account *vault = &call->accounts[VAULT], *destination = &call->accounts[DESTINATION];
  TRY(check_pool_accounts(pool, vault, &call->accounts[PROGRAM]));
  REQUIRE(can_receive(destination, pool), ERROR_TOKEN_ACCOUNT_UNUSABLE);
  const u64 index = asked->index;
  REQUIRE(index < pool->leaf_count, ERROR_NO_SUCH_LEAF);
  REQUIRE(page->number == index / PAGE_SLOTS, ERROR_WRONG_PAGE);

  Node node;
  PayoutHash hash;
  u8 root[32] __attribute__((aligned(8)));
  begin_payout_hash(&hash, call->accounts[POOL].address, index);
  hash_payout_leaf(&hash, destination->address, &asked->amounts, node.child[index & 1]);
  TRY(climb(&node, index, asked->proof, asked->depth, root));
  TRY(check_payout_root(pool, root));

  u64 *claimed = &page->claimed[index % PAGE_SLOTS];
  u64 due, amount, left = claimable(pool);
  TRY(due_of(pool, &asked->amounts, &due));
  REQUIRE(due > *claimed, ERROR_NOTHING_DUE);
  TRY(credit(claimed, due, &left, &amount));
  pool->claimed = pool->allocated - left;
  Transfer transfer;
  prepare_payment(&transfer, call, &call->accounts[POOL], vault);
  return pay(&transfer, destination, amount);
}
