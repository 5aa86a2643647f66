#include "addresses.h"
#include "earnest.h"
#include "token.h"
#include "tree.h"

/** The data: this, then `depth` siblings of 32 bytes. */
typedef struct PACKED {
  u64 allocated, position;
  u8 depth, proof[];
} Refund;

_Static_assert(sizeof(Refund) == 17, "Refund");

/** The market's leaf in the last commit; one opened since then has none, and nothing allocated. */
INLINE u64 check_allocation(const Refund *asked, const Pool *pool, const Account *pool_account, const Account *market) {
  if (((const Market *)market->data)->opened_at > pool->as_of) {
    REQUIRE(asked->allocated == 0 && asked->position == 0 && asked->depth == 0, ERROR_NOT_ALLOCATED_SO);
    return 0;
  }
  Node node;
  u8 root[32] __attribute__((aligned(8)));
  hash_market_leaf(pool_account, market, asked->allocated, node.child[asked->position & 1]);
  TRY(climb(&node, asked->position, asked->proof, asked->depth, root));
  REQUIRE(pool->epoch > 0 && same32(root, pool->market_root), ERROR_UNKNOWN_ROOT);
  return 0;
}

/** Back to the system program with nothing in it, so that the address can be used again whoever sends lamports to it. */
INLINE void close_account(Account *closed, Account *rent_payer) {
  *rent_payer->lamports += *closed->lamports;
  *closed->lamports = 0;
  clear(closed->data, sizeof(Market));
  write64(closed->data - 8, 0);
  copy32(closed->owner, SYSTEM_PROGRAM);
}

/**
 * Gives back what was deposited and never allocated, and closes the market. Anybody may send it: the market names who
 * gets what. Only against a commit that reaches to the market's end, or once the pool is wound down.
 *
 * accounts: 0 pool (writable), 1 market (writable), 2 vault (writable), 3 token account for the refund
 * (writable), 4 rent payer (writable), 5 token program
 */
NOINLINE u64 refund(Call *call) {
  enum { POOL, MARKET, VAULT, REFUND_TO, RENT_PAYER, PROGRAM, COUNT };
  const Refund *asked = (const Refund *)call->data;
  REQUIRE(call->length >= sizeof(*asked), ERROR_DATA_LENGTH);
  TRY(check_length(call, sizeof(*asked) + 32ull * asked->depth));
  TRY(check_accounts(call, COUNT, 0, BIT(POOL) | BIT(MARKET) | BIT(VAULT) | BIT(REFUND_TO) | BIT(RENT_PAYER), 0));
  TRY(check_pool(call, POOL));
  TRY(check_market(call, MARKET, POOL));
  Pool *pool = (Pool *)call->accounts[POOL].data;
  Account *market_account = &call->accounts[MARKET];
  Market *market = (Market *)market_account->data;
  const Account *vault = &call->accounts[VAULT];
  TRY(check_pool_accounts(pool, vault, &call->accounts[PROGRAM]));
  TRY(check_address(&call->accounts[REFUND_TO], market->refund_to, ERROR_WRONG_DESTINATION));
  TRY(check_address(&call->accounts[RENT_PAYER], market->rent_payer, ERROR_WRONG_DESTINATION));
  const int has_ended = market->closes_at != 0 && pool->as_of >= market->closes_at;
  REQUIRE(has_ended || pool->state == POOL_WOUND_DOWN, ERROR_REFUND_TOO_EARLY);
  TRY(check_allocation(asked, pool, &call->accounts[POOL], market_account));
  REQUIRE(asked->allocated <= market->deposited, ERROR_OVER_ALLOCATED);
  const u64 amount = market->deposited - asked->allocated;
  REQUIRE(amount <= pool->deposited - pool->refunded - pool->allocated, ERROR_OVER_ALLOCATED);

  pool->refunded += amount;
  market->tag = 0;
  if (amount > 0) {
    REQUIRE(can_receive(&call->accounts[REFUND_TO], pool), ERROR_TOKEN_ACCOUNT_UNUSABLE);
    Transfer transfer;
    prepare_payment(&transfer, call, &call->accounts[POOL], vault);
    TRY(pay(&transfer, &call->accounts[REFUND_TO], amount));
  }
  close_account(market_account, &call->accounts[RENT_PAYER]);
  return 0;
}
