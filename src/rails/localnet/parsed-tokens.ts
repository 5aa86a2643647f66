import { type Extension, extensionName, extensionsOf, metadataOf, optionalKey } from "../solana/mint-extensions.ts";
import {
  isMint,
  isTokenAccount,
  isTokenProgram,
  readU64,
  type StoredAccount,
  tokenAccountView,
  tokenProgram,
} from "./accounts.ts";
import { addressText } from "./address-text.ts";
import { uiAmount } from "./meta.ts";
import type { DecimalsOf, ParsedAccount } from "./parsed-accounts.ts";
import type { WireJson } from "./wire-json.ts";

const multisigBytes = 355;

/** A mint, token account or multisig of either token program, as `jsonParsed` shows it; null where it is none. */
export function parsedToken(account: StoredAccount, decimalsOf: DecimalsOf): ParsedAccount | null {
  if (!isTokenProgram(account.owner)) return null;
  const program = account.owner === tokenProgram ? "spl-token" : "spl-token-2022";
  const { data } = account;
  if (isTokenAccount(account)) return { program, type: "account", info: tokenAccountInfo(account, decimalsOf) };
  if (isMint(account)) return { program, type: "mint", info: mintInfo(data) };
  return data.length === multisigBytes && data[2] === 1
    ? { program, type: "multisig", info: multisigInfo(data) }
    : null;
}

function tokenAccountInfo(account: StoredAccount, decimalsOf: DecimalsOf): WireJson {
  const { data } = account;
  const { mint, owner, amount } = tokenAccountView(account);
  const decimals = decimalsOf(mint);
  const delegate = optionalAddress(data, 72);
  const reserve = optionalU64(data, 109);
  return {
    isNative: reserve !== null,
    mint,
    owner,
    state: data[108] === 2 ? "frozen" : "initialized",
    tokenAmount: uiAmount(amount, decimals),
    delegate: delegate ?? undefined,
    delegatedAmount: delegate === null ? undefined : uiAmount(readU64(data, 121), decimals),
    rentExemptReserve: reserve === null ? undefined : uiAmount(reserve, decimals),
    closeAuthority: optionalAddress(data, 129) ?? undefined,
    ...shownExtensions(data),
  };
}

const mintInfo = (data: Uint8Array): WireJson => ({
  mintAuthority: optionalAddress(data, 0),
  supply: readU64(data, 36).toString(),
  decimals: data[44] ?? 0,
  isInitialized: data[45] === 1,
  freezeAuthority: optionalAddress(data, 46),
  ...shownExtensions(data),
});

const multisigInfo = (data: Uint8Array): WireJson => ({
  numRequiredSigners: data[0] ?? 0,
  numValidSigners: data[1] ?? 0,
  isInitialized: true,
  signers: Array.from({ length: data[1] ?? 0 }, (_, i) => addressText(data.subarray(3 + 32 * i, 35 + 32 * i))),
});

function shownExtensions(data: Uint8Array): { readonly extensions?: WireJson } {
  const extensions = extensionsOf(data);
  if (extensions.length === 0) return {};
  return { extensions: extensions.map((each) => ({ extension: extensionName(each), ...stateOf(each) })) };
}

type State = (value: Uint8Array) => { readonly [key: string]: WireJson };

/** Of the extensions that wallets read; the others are named. */
const states: Readonly<Record<string, State>> = {
  mintCloseAuthority: (value) => ({ closeAuthority: optionalKey(value.subarray(0, 32)) }),
  defaultAccountState: (value) => ({ accountState: value[0] === 2 ? "frozen" : "initialized" }),
  memoTransfer: (value) => ({ requireIncomingTransferMemos: value[0] === 1 }),
  cpiGuard: (value) => ({ lockCpi: value[0] === 1 }),
  permanentDelegate: (value) => ({ delegate: optionalKey(value.subarray(0, 32)) }),
  metadataPointer: (value) => ({
    authority: optionalKey(value.subarray(0, 32)),
    metadataAddress: optionalKey(value.subarray(32, 64)),
  }),
};

function stateOf(extension: Extension): { readonly state?: WireJson } {
  const metadata = metadataOf([extension]);
  if (metadata !== null) {
    const { additional, ...rest } = metadata;
    return { state: { ...rest, additionalMetadata: additional } };
  }
  const read = states[extensionName(extension)];
  return read === undefined ? {} : { state: read(extension.value) };
}

/** A COption of the token program: four bytes of tag, then the value. */
const optionalAddress = (data: Uint8Array, at: number): string | null =>
  data[at] === 0 ? null : addressText(data.subarray(at + 4, at + 36));

const optionalU64 = (data: Uint8Array, at: number): bigint | null => (data[at] === 0 ? null : readU64(data, at + 4));
