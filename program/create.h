/** Creating accounts at derived addresses. */
#pragma once

#include "addresses.h"
#include "layouts.h"

/** What rent there is belongs to the runtime: it is asked each time, as clusters change it. */
typedef struct {
  u64 lamports_per_byte;
  /** A float64. Years once, folded into the price since (SIMD-0194): 2 on older clusters, 1 on newer. */
  u64 threshold;
  u8 burn_percent;
} Rent;

#define FLOAT64_ONE 0x3ff0000000000000ull
#define FLOAT64_TWO 0x4000000000000000ull
#define ACCOUNT_OVERHEAD 128

INLINE u64 rent_exempt_lamports(u64 size, u64 *lamports) {
  Rent rent;
  sol_get_rent_sysvar(&rent);
  REQUIRE(rent.threshold == FLOAT64_ONE || rent.threshold == FLOAT64_TWO, ERROR_RENT_UNKNOWN);
  *lamports = (ACCOUNT_OVERHEAD + size) * rent.lamports_per_byte * (rent.threshold == FLOAT64_TWO ? 2 : 1);
  return 0;
}

enum { SYSTEM_ASSIGN = 1, SYSTEM_TRANSFER = 2, SYSTEM_ALLOCATE = 8 };

INLINE u64 system_call(const Account *accounts, const AccountMeta *metas, u64 count, const u8 *data, u64 length,
                       const SignerSeeds *signer) {
  const Instruction instruction = {SYSTEM_PROGRAM, metas, count, data, length};
  return sol_invoke_signed_c(&instruction, accounts, count, signer, 1);
}

/** `metas` name payer and account. */
INLINE u64 top_up(const Account *pair, const AccountMeta *metas, const SignerSeeds *signer, u64 lamports) {
  u8 data[16] __attribute__((aligned(8)));
  write32(data, SYSTEM_TRANSFER);
  write64(data + 4, lamports);
  return system_call(pair, metas, 2, data, 12, signer);
}

INLINE u64 allocate(const Account *pair, const AccountMeta *metas, const SignerSeeds *signer, u64 size) {
  u8 data[16] __attribute__((aligned(8)));
  write32(data, SYSTEM_ALLOCATE);
  write64(data + 4, size);
  return system_call(pair + 1, metas + 1, 1, data, 12, signer);
}

INLINE u64 assign(const Account *pair, const AccountMeta *metas, const SignerSeeds *signer, const u8 *owner) {
  u8 data[40] __attribute__((aligned(8)));
  write32(data, SYSTEM_ASSIGN);
  copy32(data + 4, owner);
  return system_call(pair + 1, metas + 1, 1, data, 36, signer);
}

/** What an address is derived from, with a free place at the end for the bump. */
typedef struct {
  u64 count;
  Slice at[5];
} Seeds;

/**
 * Creates a zeroed account of `size` bytes at the address that `seeds` give with the highest bump, and no other: a
 * second bump would be a second account of the same name. Lamports that somebody sent to the address beforehand do not
 * stop it: only what is missing is topped up.
 */
NOINLINE u64 create_account(Call *call, u64 payer, u64 created, u64 size, Seeds *seeds) {
  Account *account = &call->accounts[created];
  u8 address[32] __attribute__((aligned(8)));
  u8 bump;
  REQUIRE(same32(account->owner, SYSTEM_PROGRAM), ERROR_ALREADY_THERE);
  const u64 failed = sol_try_find_program_address(seeds->at, seeds->count, call->program, address, &bump);
  REQUIRE(failed == 0, ERROR_WRONG_ADDRESS);
  REQUIRE(same32(address, account->address), ERROR_WRONG_ADDRESS);
  seeds->at[seeds->count] = (Slice){&bump, 1};
  const SignerSeeds signer = {seeds->at, seeds->count + 1};

  u64 needed;
  TRY(rent_exempt_lamports(size, &needed));
  const Account pair[2] = {call->accounts[payer], *account};
  const AccountMeta metas[2] = {{pair[0].address, 1, 1}, {account->address, 1, 1}};
  if (*account->lamports < needed) TRY(top_up(pair, metas, &signer, needed - *account->lamports));
  TRY(allocate(pair, metas, &signer, size));
  TRY(assign(pair, metas, &signer, call->program));
  account->length = size;
  account->data[8] = LAYOUT_VERSION;
  account->data[9] = bump;
  return 0;
}
