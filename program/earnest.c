/**
 * The escrow program: one translation unit, so that the compiler sees all of it and the link step has one object.
 *
 * What it guarantees, and to whom, is in README.md; every account and signer check of an instruction stands at the
 * beginning of its function.
 */
#include "earnest.h"

#include "claim.c"
#include "claim_many.c"
#include "commit.c"
#include "create_network.c"
#include "deposit.c"
#include "open_market.c"
#include "open_page.c"
#include "open_pool.c"
#include "refund.c"
#include "request_close.c"
#include "rotation.c"
#include "wind_down.c"

/** The runtime calls this with everything in one region of memory; what is not 0 fails the transaction. */
u64 entrypoint(u8 *input) {
  Call *call = CALL;
  // The compiler shall keep this address in a register: as a constant it would load it anew for every field.
  __asm__ volatile("" : "+r"(call));
  TRY(read_call(input, call));
  // The frequent ones first: comparisons cost compute units.
  switch (call->number) {
    case CLAIM: return claim(call);
    case CLAIM_MANY: return claim_many(call);
    case COMMIT: return commit(call);
    case DEPOSIT: return deposit(call);
    case OPEN_PAGE: return open_page(call);
    case OPEN_MARKET: return open_market(call);
    case REQUEST_CLOSE: return request_close(call);
    case REFUND: return refund(call);
    case WIND_DOWN: return wind_down(call);
    case OPEN_POOL: return open_pool(call);
    case CREATE_NETWORK: return create_network(call);
    case PROPOSE_ROTATION: return propose_rotation(call);
    case ACTIVATE_ROTATION: return activate_rotation(call);
    case CANCEL_ROTATION: return cancel_rotation(call);
    default: return ERROR_UNKNOWN_INSTRUCTION;
  }
}
