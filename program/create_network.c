#include "attestors.h"
#include "create.h"
#include "earnest.h"

/** The data: this, then `count` keys. */
typedef struct PACKED {
  u64 id;
  u8 operator[32], cluster[32];
  u32 refund_delay, dead_after, rotation_delay, max_validity;
  u8 count, threshold, keys[];
} CreateNetwork;

_Static_assert(sizeof(CreateNetwork) == 90, "CreateNetwork");

/** accounts: 0 creator (signer, writable), 1 network (writable), 2 system program */
NOINLINE u64 create_network(Call *call) {
  enum { CREATOR, NETWORK, SYSTEM, COUNT };
  const CreateNetwork *asked = (const CreateNetwork *)call->data;
  REQUIRE(call->length >= sizeof(*asked), ERROR_DATA_LENGTH);
  TRY(check_length(call, sizeof(*asked) + 32ull * asked->count));
  TRY(check_accounts(call, COUNT, BIT(CREATOR), BIT(CREATOR) | BIT(NETWORK), 0));
  TRY(check_address(&call->accounts[SYSTEM], SYSTEM_PROGRAM, ERROR_WRONG_ADDRESS));
  TRY(check_attestors(asked->count, asked->threshold, asked->keys));
  REQUIRE(asked->refund_delay >= 1 && asked->dead_after > asked->refund_delay, ERROR_DELAYS_REFUSED);
  REQUIRE(asked->max_validity >= 1, ERROR_DELAYS_REFUSED);

  const u8 *creator = call->accounts[CREATOR].address;
  Seeds seeds = {3, {{(const u8 *)"network", 7}, {creator, 32}, {call->data, 8}}};
  TRY(create_account(call, CREATOR, NETWORK, sizeof(Network), &seeds));

  Network *network = (Network *)call->accounts[NETWORK].data;
  network->tag = TAG_NETWORK;
  copy32(network->creator, creator);
  network->id = asked->id;
  copy32(network->operator, asked->operator);
  copy32(network->cluster, asked->cluster);
  network->refund_delay = asked->refund_delay;
  network->dead_after = asked->dead_after;
  network->rotation_delay = asked->rotation_delay;
  network->max_validity = asked->max_validity;
  write_attestors(&network->current, asked->count, asked->threshold, asked->keys);
  return 0;
}
