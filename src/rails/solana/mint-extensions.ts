import type { Address } from "@solana/kit";
import { fromUtf8, toBase58, toUtf8 } from "../../core/bytes.ts";
import { type Codec, decode, Reader, struct, u16, u32 } from "../../core/codec.ts";

/** A piece of a Token-2022 account behind its classic layout: type, length, value. */
export interface Extension {
  readonly type: number;
  readonly value: Uint8Array;
}

/** As RPC nodes name them, by their number. */
export const extensionNames: readonly string[] = [
  "uninitialized",
  "transferFeeConfig",
  "transferFeeAmount",
  "mintCloseAuthority",
  "confidentialTransferMint",
  "confidentialTransferAccount",
  "defaultAccountState",
  "immutableOwner",
  "memoTransfer",
  "nonTransferable",
  "interestBearingConfig",
  "cpiGuard",
  "permanentDelegate",
  "nonTransferableAccount",
  "transferHook",
  "transferHookAccount",
  "confidentialTransferFeeConfig",
  "confidentialTransferFeeAmount",
  "metadataPointer",
  "tokenMetadata",
  "groupPointer",
  "tokenGroup",
  "groupMemberPointer",
  "tokenGroupMember",
  "confidentialMintBurn",
  "scaledUiAmountConfig",
  "pausableConfig",
  "pausableAccount",
];

export const metadataPointerType = 18;
export const tokenMetadataType = 19;

export const extensionName = ({ type }: Extension): string => extensionNames[type] ?? `extension ${type}`;

/** Account type and extensions begin behind the longest classic layout, padded. */
const extensionsAt = 166;
const headCodec = struct({ type: u16, length: u16 });
const headSize = 4;

/** Of a mint or token account; none where it has the classic layout. What is cut off is left out. */
export function extensionsOf(data: Uint8Array): Extension[] {
  const found: Extension[] = [];
  for (let at = extensionsAt; at + headSize <= data.length; ) {
    const { type, length } = decode(headCodec, data.subarray(at, at + headSize), "an extension");
    const value = data.subarray(at + headSize, at + headSize + length);
    if (type === 0 || value.length < length) break;
    found.push({ type, value });
    at += headSize + length;
  }
  return found;
}

/** Zeros are nobody. */
export const optionalKey = (bytes: Uint8Array): Address | null =>
  bytes.every((byte) => byte === 0) ? null : (toBase58(bytes) as Address);

export interface TokenMetadata {
  readonly updateAuthority: Address | null;
  readonly mint: Address;
  readonly name: string;
  readonly symbol: string;
  readonly uri: string;
  readonly additional: readonly (readonly [key: string, value: string])[];
}

/** Borsh: a length of 32 bits before the bytes. */
export const borshText: Codec<string> = {
  write: (writer, text) => {
    const bytes = toUtf8(text);
    u32.write(writer, bytes.length);
    writer.raw(bytes);
  },
  read: (reader) => fromUtf8(reader.raw(reader.u32())),
};

/** Null where the mint keeps none in itself, or none that can be read. */
export function metadataOf(extensions: readonly Extension[]): TokenMetadata | null {
  const extension = extensions.find(({ type }) => type === tokenMetadataType);
  if (extension === undefined) return null;
  try {
    return readMetadata(new Reader(extension.value, "token metadata"));
  } catch {
    return null;
  }
}

function readMetadata(reader: Reader): TokenMetadata {
  const updateAuthority = optionalKey(reader.raw(32));
  const mint = toBase58(reader.raw(32)) as Address;
  const [name, symbol, uri] = [borshText.read(reader), borshText.read(reader), borshText.read(reader)];
  const additional: [string, string][] = [];
  for (let left = reader.u32(); left > 0; left--) additional.push([borshText.read(reader), borshText.read(reader)]);
  return { updateAuthority, mint, name, symbol, uri, additional };
}
