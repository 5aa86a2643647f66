import type { Address } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { fromBase58 } from "#src/core/bytes";
import { openPool, type PoolAddresses } from "#src/rails/solana/program/instructions";
import { Chain } from "./chain.ts";
import { Escrow, type EscrowOptions } from "./escrow.ts";
import {
  balance,
  classic,
  type Extension,
  type MintOptions,
  mintBytes,
  putMint,
  putToken,
  type TokenOptions,
  token2022,
} from "./tokens.ts";
import { testAddress } from "./values.ts";

const chain = new Chain();
let count = 0;

function unopened(options: EscrowOptions = {}): Escrow {
  const escrow = new Escrow(chain, { name: `tokens ${count++}`, isUnopened: true, ...options });
  escrow.ok([escrow.createNetwork()]);
  return escrow;
}

const bytes = (length: number): Uint8Array => new Uint8Array(length);

/** Numbers and lengths of spl_token_2022::extension::ExtensionType. */
const refusedExtensions: readonly (readonly [string, number, number])[] = [
  ["TransferFeeConfig", 1, 108],
  ["MintCloseAuthority", 3, 32],
  ["ConfidentialTransferMint", 4, 65],
  ["DefaultAccountState", 6, 1],
  ["NonTransferable", 9, 0],
  ["InterestBearingConfig", 10, 52],
  ["PermanentDelegate", 12, 32],
  ["TransferHook", 14, 64],
  ["ConfidentialTransferFeeConfig", 16, 129],
  ["GroupPointer", 20, 64],
  ["TokenGroup", 21, 80],
  ["GroupMemberPointer", 22, 64],
  ["TokenGroupMember", 23, 72],
  ["ConfidentialMintBurn", 24, 196],
  ["ScaledUiAmount", 25, 56],
  ["Pausable", 26, 33],
  ["one that does not exist yet", 4_711, 8],
  ["the highest number", 65_535, 0],
];

const pointer: Extension = { type: 18, value: bytes(64) };
const metadata: Extension = { type: 19, value: bytes(120) };

function opened(mintOptions: MintOptions, tokenProgram: Address = token2022): string {
  const escrow = unopened({ tokenProgram });
  putMint(chain, escrow.mint, { program: tokenProgram, ...mintOptions });
  return escrow.said(escrow.openPool());
}

describe("the mint of a pool", () => {
  it.each(refusedExtensions)("with %s is refused", (_, type, length) => {
    const extension = { type, value: bytes(length) };
    expect(opened({ extensions: [extension] })).toBe("MINT_EXTENSION_REFUSED");
    expect(opened({ extensions: [pointer, metadata, extension] })).toBe("MINT_EXTENSION_REFUSED");
  });

  it.each([
    ["nothing", []],
    ["MetadataPointer", [pointer]],
    ["MetadataPointer and TokenMetadata", [pointer, metadata]],
  ])("of Token-2022 with %s is taken", (_, extensions) => {
    expect(opened({ extensions })).toBe("ok");
  });

  it("may have a freeze authority: that is for the operator to list", () => {
    expect(opened({ freezeAuthority: testAddress("issuer") }, classic)).toBe("ok");
  });

  it("is an initialised mint of the token program that is named", () => {
    expect(opened({ isInitialized: false }, classic)).toBe("MINT_REFUSED");
    expect(opened({ isInitialized: false }, token2022)).toBe("MINT_REFUSED");
    expect(opened({ program: token2022 }, classic)).toBe("MINT_REFUSED");
    expect(opened({ program: classic }, token2022)).toBe("MINT_REFUSED");
    expect(opened({ program: testAddress("a program") }, classic)).toBe("MINT_REFUSED");
  });

  it("is of one of the two token programs", () => {
    const tokenProgram = testAddress("a third token program");
    expect(opened({}, tokenProgram)).toBe("WRONG_TOKEN_PROGRAM");
  });

  it.each([
    ["a token account", (escrow: Escrow) => putToken(chain, escrow.mint, testAddress("m"), testAddress("o"))],
    [
      "a classic mint with something behind it",
      (escrow: Escrow) => chain.put(escrow.mint, classic, longer(mintBytes())),
    ],
    ["nothing", (escrow: Escrow) => chain.fund(escrow.mint, 1n)],
  ])("is not %s", (_, put) => {
    const escrow = unopened();
    put(escrow);
    expect(escrow.said(escrow.openPool())).toBe("MINT_REFUSED");
  });

  it.each([
    ["a token account with extensions", [{ type: 7, value: bytes(0) }], 2],
    ["of no kind", [pointer], 0],
  ])("of Token-2022 is not %s", (_, extensions, kind) => {
    const escrow = unopened({ tokenProgram: token2022 });
    const data = Uint8Array.from(mintBytes({ extensions }));
    data[165] = kind;
    chain.put(escrow.mint, token2022, data);
    expect(escrow.said(escrow.openPool())).toBe("MINT_REFUSED");
  });

  it("is not a multisig account that looks like one", () => {
    const escrow = unopened({ tokenProgram: token2022 });
    const data = new Uint8Array(355);
    data.set(mintBytes({ extensions: [pointer] }));
    chain.put(escrow.mint, token2022, data);
    expect(escrow.said(escrow.openPool())).toBe("MINT_REFUSED");
  });

  it("hides no extension behind a length that leads outside", () => {
    const escrow = unopened({ tokenProgram: token2022 });
    const data = Buffer.from(mintBytes({ extensions: [pointer, { type: 1, value: bytes(108) }] }));
    // The pointer says that it is longer than the account.
    data.writeUInt16LE(60_000, 168);
    chain.put(escrow.mint, token2022, data);
    expect(escrow.said(escrow.openPool())).toBe("MINT_REFUSED");
  });
});

const longer = (data: Uint8Array): Uint8Array => Uint8Array.from([...data, 0]);

describe("the vault of a pool", () => {
  const openedWith = (options: TokenOptions & { mint?: Address; owner?: Address }): string => {
    const escrow = unopened();
    const { mint = escrow.mint, owner = escrow.at.pool, ...rest } = options;
    putToken(chain, escrow.at.vault, mint, owner, rest);
    return escrow.said(escrow.openPool());
  };

  it.each<[string, TokenOptions & { mint?: Address; owner?: Address }]>([
    ["has a delegate", { delegate: testAddress("thief") }],
    ["can be closed by somebody", { closeAuthority: testAddress("thief") }],
    ["is frozen", { state: 2 }],
    ["is not initialised", { state: 0 }],
    ["is of another mint", { mint: testAddress("other") }],
    ["belongs to somebody else", { owner: testAddress("thief") }],
    ["is of the other token program", { program: token2022 }],
  ])("that %s is refused", (_, options) => expect(openedWith(options)).toBe("VAULT_REFUSED"));

  it("that is not there is refused", () => {
    const escrow = unopened();
    chain.fund(escrow.at.vault, 1n);
    expect(escrow.said(escrow.openPool())).toBe("VAULT_REFUSED");
  });

  it("is the pool's associated token account and no other", () => {
    const escrow = unopened();
    const vault = testAddress("another vault");
    putToken(chain, vault, escrow.mint, escrow.at.pool);
    const at: PoolAddresses = { ...escrow.at, vault };
    expect(escrow.said(openPool(at, chain.payer))).toBe("WRONG_VAULT");
  });

  it("may hold tokens already: they are nobody's", () => {
    const escrow = unopened();
    putToken(chain, escrow.at.vault, escrow.mint, escrow.at.pool, { amount: 500n });
    escrow.ok([escrow.openPool()]);
    expect(escrow.pool.deposited).toBe(0n);
  });

  it.each([
    ["with an immutable owner", { type: 7, value: bytes(0) }, "ok"],
    ["that wants a memo", { type: 8, value: Uint8Array.of(1) }, "VAULT_REFUSED"],
  ])("of Token-2022 %s", (_, extension, expected) => {
    const escrow = unopened({ tokenProgram: token2022 });
    const options = { program: token2022, extensions: [extension] };
    putToken(chain, escrow.at.vault, escrow.mint, escrow.at.pool, options);
    expect(escrow.said(escrow.openPool())).toBe(expected);
  });
});

describe("the refund account of a market", () => {
  const openedTo = (put: (escrow: Escrow, at: Address) => void): string => {
    const escrow = unopened();
    escrow.ok([escrow.openPool()]);
    const { market, open } = escrow.preparedMarket("requester");
    put(escrow, market.refundTo);
    return escrow.said(open);
  };

  it.each<[string, (escrow: Escrow, at: Address) => void]>([
    ["of another mint", (_, at) => putToken(chain, at, testAddress("other"), testAddress("requester"))],
    ["frozen", ({ mint }, at) => putToken(chain, at, mint, testAddress("requester"), { state: 2 })],
    ["a wallet", (_, at) => chain.fund(at)],
    [
      "of the other token program",
      ({ mint }, at) => putToken(chain, at, mint, testAddress("r"), { program: token2022 }),
    ],
  ])("is not one %s", (_, put) => expect(openedTo(put)).toBe("TOKEN_ACCOUNT_UNUSABLE"));

  it("is not the vault", () => {
    const escrow = unopened();
    escrow.ok([escrow.openPool()]);
    const { open } = escrow.preparedMarket("requester");
    const accounts = open.accounts.map((account, i) => (i === 4 ? { ...account, address: escrow.at.vault } : account));
    expect(escrow.said({ ...open, accounts })).toBe("TOKEN_ACCOUNT_UNUSABLE");
  });

  it("may belong to anybody", () => {
    expect(openedTo(({ mint }, at) => putToken(chain, at, mint, testAddress("the requester's treasury")))).toBe("ok");
  });
});

describe("with metadata in the mint, as the network issues tokens", () => {
  it("deposits, claims and refunds work", () => {
    const escrow = unopened({ tokenProgram: token2022 });
    putMint(chain, escrow.mint, { program: token2022, extensions: [pointer, metadata] });
    const immutable: Extension[] = [{ type: 7, value: bytes(0) }];
    putToken(chain, escrow.at.vault, escrow.mint, escrow.at.pool, { program: token2022, extensions: immutable });
    escrow.ok([escrow.openPool()]);
    const market = escrow.market("requester", 100n);
    escrow.pay("ann", 60n);
    const options = { program: token2022, extensions: immutable };
    putToken(chain, escrow.destination("ann"), escrow.mint, testAddress("ann"), options);
    escrow.allocate(market, 60n);
    escrow.ok(escrow.commit());
    escrow.ok([escrow.openPage()]);
    escrow.ok([escrow.claimMany(0, 0)]);
    chain.pass(3_601n);
    escrow.ok([escrow.windDown()]);
    escrow.ok([escrow.refund(market)]);
    expect([balance(chain, escrow.destination("ann")), balance(chain, market.refundTo)]).toEqual([60n, 40n]);
  });

  it("the claim of an account that was given to somebody else goes on to the account", () => {
    // Only without an immutable owner, as classic accounts are: whoever owns it now, the leaf named the account.
    const escrow = unopened();
    escrow.ok([escrow.openPool()]);
    const market = escrow.market("requester", 100n);
    escrow.pay("ann", 60n);
    putToken(chain, escrow.destination("ann"), escrow.mint, testAddress("somebody else"));
    escrow.allocate(market, 60n);
    escrow.ok(escrow.commit());
    escrow.ok([escrow.openPage()]);
    escrow.ok([escrow.claim(0)]);
    const owner = chain.data(escrow.destination("ann")).slice(32, 64);
    expect(owner).toEqual(fromBase58(testAddress("somebody else")));
  });
});
