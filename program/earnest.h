/** The instructions, each in a file of its own. */
#pragma once

#include "runtime.h"

/** The first byte of the instruction data. A number is never used again for something else. */
enum {
  CREATE_NETWORK = 0,
  PROPOSE_ROTATION = 1,
  ACTIVATE_ROTATION = 2,
  CANCEL_ROTATION = 3,
  OPEN_POOL = 4,
  OPEN_MARKET = 5,
  DEPOSIT = 6,
  COMMIT = 7,
  OPEN_PAGE = 8,
  CLAIM = 9,
  CLAIM_MANY = 10,
  REQUEST_CLOSE = 11,
  REFUND = 12,
  WIND_DOWN = 13
};

/** Each returns 0, or an error of errors.h, which undoes everything. */
static u64 create_network(Call *call);
static u64 propose_rotation(Call *call);
static u64 activate_rotation(Call *call);
static u64 cancel_rotation(Call *call);
static u64 open_pool(Call *call);
static u64 open_market(Call *call);
static u64 deposit(Call *call);
static u64 commit(Call *call);
static u64 open_page(Call *call);
static u64 claim(Call *call);
static u64 claim_many(Call *call);
static u64 request_close(Call *call);
static u64 refund(Call *call);
static u64 wind_down(Call *call);
