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

/**
 * One entry of the precompile's data, which begins with their count (u8) and a byte of padding. Offsets count from the
 * beginning of that data, where the number of the instruction says "this one".
 */
typedef struct PACKED {
  u16 signature, signature_instruction, key;
  /** Number of the key's instruction; offset, size and instruction of the message: 8 bytes that all entries share. */
  u64 key_instruction_and_message;
} SignatureEntry;

_Static_assert(sizeof(SignatureEntry) == 14, "the precompile's layout");

enum { THIS_INSTRUCTION = 0xffff };

/** What the shared 8 bytes must be for a message of ours at `offset`. */
INLINE u64 shared_bytes(u64 offset) {
  return THIS_INSTRUCTION | offset << 16 | (u64)MESSAGE_SIZE << 32 | (u64)THIS_INSTRUCTION << 48;
}

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

/**
 * At least `threshold` attestors signed the message, and nobody else did. They stand in the order of the set: so each is
 * found behind the one before it, and none can stand there twice. All sign the same copy of the message.
 */
NOINLINE u64 check_signatures(const Account *sysvar, const Attestors *attestors, const Message *message) {
  Slice data;
  TRY(precompile_data(sysvar, &data));
  const u64 count = data.length < 2 ? 0 : data.at[0];
  REQUIRE(count >= attestors->threshold, ERROR_SIGNATURES_TOO_FEW);
  const SignatureEntry *entry = (const SignatureEntry *)(data.at + 2);
  const SignatureEntry *const end = entry + count;
  REQUIRE((const u8 *)end <= data.at + data.length, ERROR_SIGNATURES_MALFORMED);
  const u64 message_at = entry->key_instruction_and_message >> 16 & 0xffff;
  const u64 shared = shared_bytes(message_at);
  REQUIRE(message_at + MESSAGE_SIZE <= data.length, ERROR_SIGNATURES_MALFORMED);
  REQUIRE(same_message(data.at + message_at, message), ERROR_SIGNATURES_OTHER_MESSAGE);
  const u64 last_key = data.length - 32;
  const u8 *attestor = attestors->keys[0];
  const u8 *const attestors_end = attestor + 32 * attestors->count;
  for (; entry != end; entry++, attestor += 32) {
    REQUIRE(entry->signature_instruction == THIS_INSTRUCTION, ERROR_SIGNATURES_MALFORMED);
    REQUIRE(entry->key_instruction_and_message == shared, ERROR_SIGNATURES_MALFORMED);
    REQUIRE(entry->key <= last_key, ERROR_SIGNATURES_MALFORMED);
    const u8 *key = data.at + entry->key;
    while (attestor != attestors_end && !same32(attestor, key)) attestor += 32;
    REQUIRE(attestor != attestors_end, ERROR_SIGNER_REFUSED);
  }
  return 0;
}
