import { base64 } from "@scure/base";
import { upgradeableLoader } from "../solana/program/deployed-program.ts";
import { lookupTableHeader, lookupTableProgram, readU64, type StoredAccount } from "./accounts.ts";
import { addressText } from "./address-text.ts";
import { nonceView } from "./durable-nonce.ts";
import { parsedToken } from "./parsed-tokens.ts";
import type { WireJson } from "./wire-json.ts";

export type DecimalsOf = (mint: string) => number;

export interface ParsedAccount {
  readonly program: string;
  readonly type: string;
  readonly info: WireJson;
}

const sysvarOwner = "Sysvar1111111111111111111111111111111111111";

/** The `data` of an account in `jsonParsed`; null where nodes do not know its layout, and show its bytes. */
export function parsedData(account: StoredAccount, decimalsOf: DecimalsOf, address: string | null): WireJson {
  const parsed = attempt(() => parsedToken(account, decimalsOf) ?? parsedOther(account, address));
  if (parsed === null) return null;
  const { program, type, info } = parsed;
  return { program, parsed: { type, info }, space: account.data.length };
}

/** Bytes that are not what their program writes are shown as bytes. */
function attempt(read: () => ParsedAccount | null): ParsedAccount | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function parsedOther(account: StoredAccount, address: string | null): ParsedAccount | null {
  const { owner, data } = account;
  const nonce = nonceView(account);
  if (nonce !== null) {
    const { authority, value: blockhash, lamportsPerSignature } = nonce;
    const info = { authority, blockhash, feeCalculator: { lamportsPerSignature: lamportsPerSignature.toString() } };
    return { program: "nonce", type: "initialized", info };
  }
  if (owner === lookupTableProgram) return lookupTable(data);
  if (owner === upgradeableLoader) return upgradeable(data);
  const read = owner === sysvarOwner ? sysvars[address ?? ""] : undefined;
  return read === undefined ? null : { program: "sysvar", ...read(data) };
}

const view = (data: Uint8Array): DataView => new DataView(data.buffer, data.byteOffset, data.byteLength);

function lookupTable(data: Uint8Array): ParsedAccount | null {
  const program = "address-lookup-table";
  if (view(data).getUint32(0, true) !== 1) return { program, type: "uninitialized", info: null };
  const count = Math.floor((data.length - lookupTableHeader) / 32);
  const info = {
    deactivationSlot: readU64(data, 4).toString(),
    lastExtendedSlot: readU64(data, 12).toString(),
    lastExtendedSlotStartIndex: data[20] ?? 0,
    authority: data[21] === 1 ? addressText(data.subarray(22, 54)) : undefined,
    addresses: Array.from({ length: count }, (_, i) => {
      const at = lookupTableHeader + 32 * i;
      return addressText(data.subarray(at, at + 32));
    }),
  };
  return { program, type: "lookupTable", info };
}

/** Behind slot and authority of a program's data. */
const programDataHeader = 45;

function upgradeable(data: Uint8Array): ParsedAccount | null {
  const program = "bpf-upgradeable-loader";
  const kind = view(data).getUint32(0, true);
  if (kind === 0) return { program, type: "uninitialized", info: null };
  if (kind === 2) return { program, type: "program", info: { programData: addressText(data.subarray(4, 36)) } };
  if (kind !== 3) return null;
  const authority = data[12] === 1 ? addressText(data.subarray(13, 45)) : null;
  const code = [base64.encode(data.subarray(programDataHeader)), "base64"];
  return { program, type: "programData", info: { slot: readU64(data, 4), authority, data: code } };
}

type ReadSysvar = (data: Uint8Array) => Pick<ParsedAccount, "type" | "info">;

const sysvars: Readonly<Record<string, ReadSysvar>> = {
  SysvarC1ock11111111111111111111111111111111: (data) => ({
    type: "clock",
    info: {
      slot: readU64(data, 0),
      epochStartTimestamp: view(data).getBigInt64(8, true),
      epoch: readU64(data, 16),
      leaderScheduleEpoch: readU64(data, 24),
      unixTimestamp: view(data).getBigInt64(32, true),
    },
  }),
  SysvarRent111111111111111111111111111111111: (data) => ({
    type: "rent",
    info: {
      lamportsPerByteYear: readU64(data, 0).toString(),
      exemptionThreshold: view(data).getFloat64(8, true),
      burnPercent: data[16] ?? 0,
    },
  }),
  SysvarEpochSchedu1e111111111111111111111111: (data) => ({
    type: "epochSchedule",
    info: {
      slotsPerEpoch: readU64(data, 0),
      leaderScheduleSlotOffset: readU64(data, 8),
      warmup: data[16] === 1,
      firstNormalEpoch: readU64(data, 17),
      firstNormalSlot: readU64(data, 25),
    },
  }),
  SysvarS1otHashes111111111111111111111111111: (data) => ({
    type: "slotHashes",
    info: Array.from({ length: Number(readU64(data, 0)) }, (_, i) => ({
      slot: readU64(data, 8 + 40 * i),
      hash: addressText(data.subarray(16 + 40 * i, 48 + 40 * i)),
    })),
  }),
  SysvarLastRestartS1ot1111111111111111111111: (data) => ({
    type: "lastRestartSlot",
    info: { lastRestartSlot: readU64(data, 0) },
  }),
};
