#include "addresses.h"
#include "attestors.h"
#include "earnest.h"
#include "signatures.h"

/**
 * Other attestors: proposed with the signatures of the current ones, activated after a delay with those of the new ones
 * (so that nobody hands over to keys that cannot sign), cancelled by the current ones until then. The operator has no
 * part in it, and anybody may send any of the three.
 */

/** The data of a proposal: this, then `count` keys. */
typedef struct PACKED {
  i64 valid_until;
  u8 count, threshold, keys[];
} ProposeRotation;

_Static_assert(sizeof(ProposeRotation) == 10, "ProposeRotation");

/** sha256 of program, cluster, network, set version, number of the proposal and the data. */
INLINE void hash_rotation(const Call *call, const Account *account, u8 *digest) {
  const Network *network = (const Network *)account->data;
  const Slice bytes[5] = {{call->program, 32},
                          {network->cluster, 32},
                          {account->address, 32},
                          {(const u8 *)&network->set_version, 8}, /* and `proposals`, which follows it */
                          {call->data, call->length}};
  sol_sha256(bytes, 5, digest);
}

/** accounts: 0 network (writable), 1 instructions sysvar */
NOINLINE u64 propose_rotation(Call *call) {
  enum { NETWORK, INSTRUCTIONS, COUNT };
  const ProposeRotation *asked = (const ProposeRotation *)call->data;
  REQUIRE(call->length >= sizeof(*asked), ERROR_DATA_LENGTH);
  TRY(check_length(call, sizeof(*asked) + 32ull * asked->count));
  TRY(check_accounts(call, COUNT, 0, BIT(NETWORK), 0));
  TRY(check_network(call, NETWORK));
  Network *network = (Network *)call->accounts[NETWORK].data;
  REQUIRE(network->pending.count == 0, ERROR_ROTATION_PENDING);
  TRY(check_attestors(asked->count, asked->threshold, asked->keys));
  const i64 now = unix_now();
  REQUIRE(now <= asked->valid_until, ERROR_EXPIRED);
  REQUIRE(asked->valid_until <= now + network->max_validity, ERROR_VALID_TOO_LONG);
  Message message;
  set_message_tag(&message, "earnest:rotate:1");
  hash_rotation(call, &call->accounts[NETWORK], message.digest);
  TRY(check_signatures(&call->accounts[INSTRUCTIONS], &network->current, &message));

  network->proposals++;
  network->pending_at = now + network->rotation_delay;
  copy32(network->pending_digest, message.digest);
  write_attestors(&network->pending, asked->count, asked->threshold, asked->keys);
  return 0;
}

INLINE void forget_pending(Network *network) {
  network->pending_at = 0;
  clear(network->pending_digest, 32);
  write_attestors(&network->pending, 0, 0, network->pending.keys[0]);
}

/** accounts: 0 network (writable), 1 instructions sysvar */
NOINLINE u64 activate_rotation(Call *call) {
  enum { NETWORK, INSTRUCTIONS, COUNT };
  TRY(check_length(call, 0));
  TRY(check_accounts(call, COUNT, 0, BIT(NETWORK), 0));
  TRY(check_network(call, NETWORK));
  Network *network = (Network *)call->accounts[NETWORK].data;
  REQUIRE(network->pending.count != 0, ERROR_NO_ROTATION);
  REQUIRE(unix_now() >= network->pending_at, ERROR_ROTATION_TOO_EARLY);
  Message message;
  set_message_tag(&message, "earnest:rotate:1");
  copy32(message.digest, network->pending_digest);
  TRY(check_signatures(&call->accounts[INSTRUCTIONS], &network->pending, &message));

  write_attestors(&network->current, network->pending.count, network->pending.threshold, network->pending.keys[0]);
  network->set_version++;
  forget_pending(network);
  return 0;
}

/** accounts: 0 network (writable), 1 instructions sysvar */
NOINLINE u64 cancel_rotation(Call *call) {
  enum { NETWORK, INSTRUCTIONS, COUNT };
  TRY(check_length(call, 0));
  TRY(check_accounts(call, COUNT, 0, BIT(NETWORK), 0));
  TRY(check_network(call, NETWORK));
  Network *network = (Network *)call->accounts[NETWORK].data;
  REQUIRE(network->pending.count != 0, ERROR_NO_ROTATION);
  Message message;
  set_message_tag(&message, "earnest:cancel:1");
  copy32(message.digest, network->pending_digest);
  TRY(check_signatures(&call->accounts[INSTRUCTIONS], &network->current, &message));

  forget_pending(network);
  return 0;
}
