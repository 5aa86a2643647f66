#include "create.h"
#include "earnest.h"

/** accounts: 0 payer (signer, writable), 1 pool, 2 page (writable), 3 system program
 *  data: number u64 */
NOINLINE u64 open_page(Call *call) {
  enum { PAYER, POOL, PAGE, SYSTEM, COUNT };
  TRY(check_length(call, 8));
  TRY(check_accounts(call, COUNT, BIT(PAYER), BIT(PAYER) | BIT(PAGE), 0));
  TRY(check_address(&call->accounts[SYSTEM], SYSTEM_PROGRAM, ERROR_WRONG_ADDRESS));
  TRY(check_pool(call, POOL));
  const Pool *pool = (const Pool *)call->accounts[POOL].data;
  const u64 number = read64(call->data);
  REQUIRE(pool->leaf_count > 0 && number <= (pool->leaf_count - 1) / PAGE_SLOTS, ERROR_NO_SUCH_LEAF);

  Seeds seeds = {3, {{(const u8 *)"page", 4}, {call->accounts[POOL].address, 32}, {call->data, 8}}};
  TRY(create_account(call, PAYER, PAGE, sizeof(Page), &seeds));

  Page *page = (Page *)call->accounts[PAGE].data;
  page->tag = TAG_PAGE;
  copy32(page->pool, call->accounts[POOL].address);
  page->number = number;
  return 0;
}
