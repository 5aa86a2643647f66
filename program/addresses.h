/** Programs and system variables that accounts are compared with. */
#pragma once

#include "runtime.h"

/** Compared eight bytes at a time. */
#define ADDRESS static const u8 __attribute__((aligned(8)))

/** 11111111111111111111111111111111 */
ADDRESS SYSTEM_PROGRAM[32] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};
/** TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA */
ADDRESS TOKEN_PROGRAM[32] = {
    6, 221, 246, 225, 215, 101, 161, 147, 217, 203, 225, 70, 206, 235, 121, 172,
    28, 180, 133, 237, 95, 91, 55, 145, 58, 140, 245, 133, 126, 255, 0, 169,
};
/** TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb */
ADDRESS TOKEN_2022_PROGRAM[32] = {
    6, 221, 246, 225, 238, 117, 143, 222, 24, 66, 93, 188, 228, 108, 205, 218,
    182, 26, 252, 77, 131, 185, 13, 39, 254, 189, 249, 40, 216, 161, 139, 252,
};
/** ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL */
ADDRESS ASSOCIATED_TOKEN_PROGRAM[32] = {
    140, 151, 37, 143, 78, 36, 137, 241, 187, 61, 16, 41, 20, 142, 13, 131,
    11, 90, 19, 153, 218, 255, 16, 132, 4, 142, 123, 216, 219, 233, 248, 89,
};
/** Ed25519SigVerify111111111111111111111111111 */
ADDRESS ED25519_PROGRAM[32] = {
    3, 125, 70, 214, 124, 147, 251, 190, 18, 249, 66, 143, 131, 141, 64, 255,
    5, 112, 116, 73, 39, 244, 138, 100, 252, 202, 112, 68, 128, 0, 0, 0,
};
/** Sysvar1nstructions1111111111111111111111111 */
ADDRESS INSTRUCTIONS_SYSVAR[32] = {
    6, 167, 213, 23, 24, 123, 209, 102, 53, 218, 212, 4, 85, 253, 194, 192,
    193, 36, 198, 143, 33, 86, 117, 165, 219, 186, 203, 95, 8, 0, 0, 0,
};
