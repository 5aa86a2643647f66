/**
 * M of N signatures. The program cannot check an ed25519 signature itself; the precompile can, as an instruction of its
 * own, and this reads what it checked. So that nothing can be smuggled in, that instruction must stand directly before
 * this one, every offset must point into itself, and each message must be, to the byte, the one computed here.
 */
#pragma once

#include "addresses.h"
#include "layouts.h"

/** Domain tag and digest: what an attestor signs. */
enum { MESSAGE_TAG = 16, MESSAGE_SIZE = 48 };

typedef struct {
  u8 tag[MESSAGE_TAG], digest[32];
} Message;

INLINE void set_message_tag(Message *message, const char *tag) {
  write64(message->tag, read64((const u8 *)tag));
  write64(message->tag + 8, read64((const u8 *)tag + 8));
}

INLINE int same_message(const u8 *at, const Message *message) {
  return read64(at) == read64(message->tag) && read64(at + 8) == read64(message->tag + 8) &&
         same32(at + MESSAGE_TAG, message->digest);
}

/** One entry of the precompile's data, after the count (u8) and a byte of padding. */
typedef struct PACKED {
  u16 signature, signature_instruction, key, key_instruction, message, message_size, message_instruction;
} SignatureOffsets;

_Static_assert(sizeof(SignatureOffsets) == 14, "the precompile's layout");

enum { THIS_INSTRUCTION = 0xffff };

/** The data of the instruction directly before this one, which must be the precompile's. */
INLINE u64 precompile_data(const Account *sysvar, Slice *data) {
  TRY(check_address(sysvar, INSTRUCTIONS_SYSVAR, ERROR_WRONG_ADDRESS));
  // The sysvar: count, an offset of each instruction, the instructions, and at its very end the number of this one.
  const u8 *bytes = sysvar->data;
  const u64 current = read16(bytes + sysvar->length - 2);
  REQUIRE(current >= 1, ERROR_SIGNATURES_MISSING);
  // An instruction: count of accounts, a flag and an address for each, program, length of the data, data.
  const u8 *before = bytes + read16(bytes + 2 * current);
  before += 2 + 33ull * read16(before);
  REQUIRE(same32(before, ED25519_PROGRAM), ERROR_SIGNATURES_MISSING);
  *data = (Slice){before + 34, read16(before + 32)};
  return 0;
}

/** The place of `key` among the attestors, or their count. */
INLINE u64 place_of(const Attestors *attestors, const u8 *key) {
  u64 place = 0;
  while (place < attestors->count && !same32(attestors->keys[place], key)) place++;
  return place;
}

/** At least `threshold` distinct attestors signed the message, and nobody else did. */
NOINLINE u64 check_signatures(const Account *sysvar, const Attestors *attestors, const Message *message) {
  Slice data;
  TRY(precompile_data(sysvar, &data));
  const u64 count = data.length < 2 ? 0 : data.at[0];
  REQUIRE(count >= attestors->threshold, ERROR_SIGNATURES_TOO_FEW);
  REQUIRE(data.length >= 2 + count * sizeof(SignatureOffsets), ERROR_SIGNATURES_MALFORMED);
  const SignatureOffsets *offsets = (const SignatureOffsets *)(data.at + 2);
  u64 signers = 0;
  for (u64 i = 0; i < count; i++, offsets++) {
    REQUIRE((offsets->signature_instruction & offsets->key_instruction & offsets->message_instruction) ==
                THIS_INSTRUCTION,
            ERROR_SIGNATURES_MALFORMED);
    REQUIRE(offsets->key + 32ull <= data.length && offsets->message + 0ull + MESSAGE_SIZE <= data.length,
            ERROR_SIGNATURES_MALFORMED);
    REQUIRE(offsets->message_size == MESSAGE_SIZE && same_message(data.at + offsets->message, message),
            ERROR_SIGNATURES_OTHER_MESSAGE);
    const u64 signer = place_of(attestors, data.at + offsets->key);
    REQUIRE(signer < attestors->count, ERROR_SIGNATURES_STRANGER);
    REQUIRE((signers & BIT(signer)) == 0, ERROR_SIGNATURES_REPEATED);
    signers |= BIT(signer);
  }
  return 0;
}
