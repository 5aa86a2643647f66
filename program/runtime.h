/**
 * What a program sees of the Solana runtime: the types of its system calls, the accounts of one call as the loader
 * lays them out in memory, and the checks that every instruction begins with.
 *
 * Nothing of an SDK is used, so that the same source builds with a plain clang and with the platform tools.
 */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

#define INLINE static inline __attribute__((always_inline))
#define NOINLINE static __attribute__((noinline))

#include "errors.h"

#define REQUIRE(condition, error) \
  do {                            \
    if (!(condition)) return (error); \
  } while (0)

/** Hands on the error of a check. */
#define TRY(check)                \
  do {                            \
    const u64 failure = (check);  \
    if (failure) return failure;  \
  } while (0)

/* ---- what system calls take: the layouts are the runtime's ---- */

typedef struct {
  const u8 *at;
  u64 length;
} Slice;

typedef struct {
  const Slice *seeds;
  u64 count;
} SignerSeeds;

typedef struct {
  const u8 *address;
  u8 is_writable;
  u8 is_signer;
} AccountMeta;

typedef struct {
  const u8 *program;
  const AccountMeta *accounts;
  u64 account_count;
  const u8 *data;
  u64 length;
} Instruction;

typedef struct {
  const u8 *address;
  u64 *lamports;
  u64 length;
  u8 *data;
  u8 *owner;
  u64 rent_epoch;
  u8 is_signer, is_writable, is_executable;
  u8 padding[5];
} Account;

_Static_assert(sizeof(Account) == 56 && sizeof(Instruction) == 40 && sizeof(AccountMeta) == 16, "the runtime's layout");

/* ---- system calls ---- */

/**
 * The runtime knows them by number, the murmur3 hash of their names. Our link step writes it where a name is called. That
 * of the platform tools leaves names to relocations, which sBPF v3 has not: there SOL_SBPFV3 says that the source shall
 * call by number.
 */
#ifdef SOL_SBPFV3
#define SYSTEM_CALL(name, number, ...) static u64 (*const name)(__VA_ARGS__) = (u64(*)(__VA_ARGS__))(u64)(number)
#else
#define SYSTEM_CALL(name, number, ...) extern u64 name(__VA_ARGS__)
#endif

SYSTEM_CALL(sol_sha256, 0x11f49d86, const Slice *slices, u64 count, u8 *hash);
SYSTEM_CALL(sol_try_find_program_address, 0x48504a38, const Slice *seeds, u64 count, const u8 *program, u8 *address,
            u8 *bump);
SYSTEM_CALL(sol_invoke_signed_c, 0xa22b9c85, const Instruction *instruction, const Account *accounts, u64 account_count,
            const SignerSeeds *signers, u64 signer_count);
SYSTEM_CALL(sol_get_clock_sysvar, 0xd56b5fe9, void *clock);
SYSTEM_CALL(sol_get_rent_sysvar, 0xbf7188f6, void *rent);

/* ---- bytes: unaligned and little-endian, as accounts and instruction data are ---- */

typedef struct __attribute__((packed)) {
  u64 value;
} Packed64;
typedef struct __attribute__((packed)) {
  u32 value;
} Packed32;
typedef struct __attribute__((packed)) {
  u16 value;
} Packed16;

INLINE u64 read64(const u8 *at) { return ((const Packed64 *)at)->value; }
INLINE u32 read32(const u8 *at) { return ((const Packed32 *)at)->value; }
INLINE u16 read16(const u8 *at) { return ((const Packed16 *)at)->value; }
INLINE void write64(u8 *at, u64 value) { ((Packed64 *)at)->value = value; }
INLINE void write32(u8 *at, u32 value) { ((Packed32 *)at)->value = value; }

/** Addresses and hashes: 32 bytes. */
INLINE int same32(const u8 *a, const u8 *b) {
  return read64(a) == read64(b) && read64(a + 8) == read64(b + 8) && read64(a + 16) == read64(b + 16) &&
         read64(a + 24) == read64(b + 24);
}

INLINE int is_zero32(const u8 *a) { return (read64(a) | read64(a + 8) | read64(a + 16) | read64(a + 24)) == 0; }

INLINE void copy32(u8 *to, const u8 *from) {
  for (int i = 0; i < 32; i += 8) write64(to + i, read64(from + i));
}

INLINE void clear(u8 *at, u64 length) {
  for (u64 i = 0; i < length; i += 8) write64(at + i, 0);
}

/* ---- one call ---- */

/** claim_many names the most accounts: four and 32 destinations. */
#define ACCOUNTS_MAX 36
#define PAYMENTS_MAX 32

typedef struct {
  const u8 *program;
  /** What follows the instruction's number. */
  const u8 *data;
  u64 length;
  u64 count;
  /** Bit i: account i is an earlier one again. */
  u64 aliases;
  u64 number;
  Account accounts[ACCOUNTS_MAX];
  /** For claim_many: what each destination gets. */
  u64 payments[PAYMENTS_MAX];
} Call;

/** That is too much for a frame, so it lives at the start of the heap, which is 32 KiB of zeros. */
#define CALL ((Call *)0x300000000ull)

#define BIT(account) (1ull << (account))

/** What the loader leaves behind each account's data so that it can grow. */
#define GROWTH_MAX 10240ull

/**
 * One account: the marker (0xff), three flags, four bytes that are free, address, owner, lamports, length, data, room to
 * grow, rent epoch. The flags are copied at once, and the rent epoch is of no use any more.
 */
INLINE u8 *read_account(u8 *at, Account *account) {
  ((Packed32 *)&account->is_signer)->value = read32(at) >> 8;
  account->address = at + 8;
  account->owner = at + 40;
  account->lamports = (u64 *)(at + 72);
  account->data = at + 88;
  account->length = read64(at + 80);
  return at + ((account->length + 7) & ~7ull) + (88 + GROWTH_MAX + 8);
}

/** Reads the loader's input: count, accounts, instruction data, program. A repeated account is its number and padding. */
INLINE u64 read_call(u8 *input, Call *call) {
  const u64 count = read64(input);
  REQUIRE(count <= ACCOUNTS_MAX, ERROR_ACCOUNT_COUNT);
  u8 *at = input + 8;
  Account *account = call->accounts;
  for (const Account *const end = account + count; account != end; account++) {
    if (at[0] == 0xff) {
      at = read_account(at, account);
    } else {
      *account = call->accounts[at[0]];
      call->aliases |= BIT(account - call->accounts);
      at += 8;
    }
  }
  const u64 length = read64(at);
  REQUIRE(length >= 1, ERROR_UNKNOWN_INSTRUCTION);
  call->count = count;
  call->number = at[8];
  call->data = at + 9;
  call->length = length - 1;
  call->program = at + 8 + length;
  return 0;
}

/* ---- the checks every instruction begins with ---- */

/** No instruction asks for a signature or for writing of an account behind these; claim_many's transfers do. */
#define CHECKED_MAX 7

/** Exactly this many accounts, these of them signers and writable, none named twice but where it may be. */
INLINE u64 check_accounts(const Call *call, u64 count, u64 signers, u64 writables, u64 may_alias) {
  REQUIRE(call->count == count, ERROR_ACCOUNT_COUNT);
#pragma clang loop unroll(full)
  for (int i = 0; i < CHECKED_MAX; i++) {
    if (signers & BIT(i)) REQUIRE(call->accounts[i].is_signer, ERROR_SIGNER_MISSING);
    if (writables & BIT(i)) REQUIRE(call->accounts[i].is_writable, ERROR_NOT_WRITABLE);
  }
  REQUIRE((call->aliases & ~may_alias) == 0, ERROR_ACCOUNT_ALIASED);
  return 0;
}

INLINE u64 check_length(const Call *call, u64 length) {
  REQUIRE(call->length == length, ERROR_DATA_LENGTH);
  return 0;
}

INLINE u64 check_address(const Account *account, const u8 *address, u64 error) {
  REQUIRE(same32(account->address, address), error);
  return 0;
}

/* ---- time ---- */

typedef struct {
  u64 slot;
  i64 epoch_start;
  u64 epoch, leader_schedule_epoch;
  i64 unix_time;
} Clock;

/** Seconds since 1970, as the validators' stake sees them. */
INLINE i64 unix_now(void) {
  Clock clock;
  sol_get_clock_sysvar(&clock);
  return clock.unix_time;
}
