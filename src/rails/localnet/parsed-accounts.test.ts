import { base58 } from "@scure/base";
import { describe, expect, it } from "vitest";
import { type StoredAccount, token2022Program } from "./accounts.ts";
import { parsedData } from "./parsed-accounts.ts";

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const text = (byte: number): string => base58.encode(key(byte));
const u16 = (value: number): number[] => [value & 255, value >> 8];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];
const u64 = (value: number): number[] => [...u32(value), 0, 0, 0, 0];

const account = (owner: string, ...parts: readonly (readonly number[] | Uint8Array)[]): StoredAccount => ({
  lamports: 1n,
  owner,
  executable: false,
  data: Uint8Array.from(parts.flatMap((part) => [...part])),
});
const parsed = (of: StoredAccount, address: string | null = null) => parsedData(of, () => 2, address);

const tables = "AddressLookupTab1e1111111111111111111111111";
const loader = "BPFLoaderUpgradeab1e11111111111111111111111";
const sysvar = "Sysvar1111111111111111111111111111111111111";

describe("accounts as wallets read them", () => {
  it("a lookup table, as kit compresses transactions by it", () => {
    const head = [...u32(1), ...u64(9), ...u64(7), 3, 1, ...key(1), 0, 0];
    expect(parsed(account(tables, head, key(2), key(3)))).toEqual({
      program: "address-lookup-table",
      parsed: {
        type: "lookupTable",
        info: {
          deactivationSlot: "9",
          lastExtendedSlot: "7",
          lastExtendedSlotStartIndex: 3,
          authority: text(1),
          addresses: [text(2), text(3)],
        },
      },
      space: 120,
    });
    expect(parsed(account(tables, [1, 0]))).toBeNull();
  });

  it("a program and its code", () => {
    expect(parsed(account(loader, u32(2), key(4)))).toMatchObject({
      program: "bpf-upgradeable-loader",
      parsed: { type: "program", info: { programData: text(4) } },
    });
    expect(parsed(account(loader, u32(3), u64(5), [0], key(0), [1, 2, 3]))).toMatchObject({
      parsed: { type: "programData", info: { slot: 5n, authority: null, data: ["AQID", "base64"] } },
    });
  });

  it("the clock, which only its address tells from other sysvars", () => {
    const clock = account(sysvar, u64(1), u64(2), u64(3), u64(4), u64(5));
    expect(parsed(clock, "SysvarC1ock11111111111111111111111111111111")).toMatchObject({
      program: "sysvar",
      parsed: {
        type: "clock",
        info: { slot: 1n, epochStartTimestamp: 2n, epoch: 3n, leaderScheduleEpoch: 4n, unixTimestamp: 5n },
      },
    });
    expect(parsed(clock)).toBeNull();
  });

  it("a Token-2022 mint with what it says of itself", () => {
    const mint = [...u32(0), ...key(0), ...u64(50), 2, 1, ...u32(0), ...key(0)];
    const padding = new Uint8Array(165 - mint.length);
    const borsh = (value: string): number[] => [...u32(value.length), ...Buffer.from(value)];
    const metadata = [...key(5), ...key(6), ...borsh("Shelf"), ...borsh("S"), ...borsh(""), ...u32(1)];
    const more = [...borsh("a"), ...borsh("b")];
    const extensions = [
      [...u16(18), ...u16(64), ...key(0), ...key(6)],
      [...u16(19), ...u16(metadata.length + more.length), ...metadata, ...more],
      [...u16(9), ...u16(0)],
    ].flat();
    expect(parsed(account(token2022Program, mint, padding, [1], extensions))).toMatchObject({
      program: "spl-token-2022",
      parsed: {
        type: "mint",
        info: {
          supply: "50",
          mintAuthority: null,
          extensions: [
            { extension: "metadataPointer", state: { authority: null, metadataAddress: text(6) } },
            {
              extension: "tokenMetadata",
              state: {
                updateAuthority: text(5),
                mint: text(6),
                name: "Shelf",
                symbol: "S",
                uri: "",
                additionalMetadata: [["a", "b"]],
              },
            },
            { extension: "nonTransferable" },
          ],
        },
      },
    });
  });

  it("a multisig", () => {
    const data = new Uint8Array(355);
    data.set([1, 2, 1, ...key(7), ...key(8)]);
    expect(parsed(account(token2022Program, data))).toMatchObject({
      parsed: { type: "multisig", info: { numRequiredSigners: 1, numValidSigners: 2, signers: [text(7), text(8)] } },
    });
  });
});
