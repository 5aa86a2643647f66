import { base58, base64 } from "@scure/base";
import { invalidParams, RpcError, rpcCodes } from "./rpc-error.ts";
import type { WireJson } from "./wire-json.ts";

/** Positional parameters of a call, checked as they are taken. */
export class Params {
  readonly #values: readonly WireJson[];

  constructor(values: readonly WireJson[]) {
    this.#values = values;
  }

  text(at: number, what: string): string {
    const value = this.#values[at];
    if (typeof value !== "string") throw invalidParams(`${what} must be a string`);
    return value;
  }

  address(at: number): string {
    return checkedAddress(this.#values[at]);
  }

  /** One of a list. */
  addressIn(at: number, place: number): string {
    const list = this.#values[at];
    return checkedAddress(Array.isArray(list) ? (list as readonly WireJson[])[place] : undefined);
  }

  signature(at: number): string {
    return checkedSignature(this.#values[at]);
  }

  list(at: number, what: string, max: number): readonly WireJson[] {
    const value = this.#values[at];
    if (!Array.isArray(value)) throw invalidParams(`${what} must be an array`);
    if (value.length > max) throw invalidParams(`Too many inputs provided; max ${max}`);
    return value as readonly WireJson[];
  }

  any(at: number): WireJson | undefined {
    return this.#values[at];
  }

  u64(at: number, what: string): bigint {
    return checkedU64(this.#values[at], what);
  }

  /** The configuration object, wherever it stands; an empty one where it is left out. */
  config(at: number): Config {
    const value = this.#values[at] ?? {};
    if (!isObject(value)) throw invalidParams("the configuration must be an object");
    return new Config(value);
  }
}

export class Config {
  readonly #members: { readonly [key: string]: WireJson | undefined };

  constructor(members: { readonly [key: string]: WireJson | undefined }) {
    this.#members = members;
  }

  get(key: string): WireJson {
    return Object.hasOwn(this.#members, key) ? (this.#members[key] ?? null) : null;
  }

  flag(key: string): boolean {
    const value = this.get(key);
    if (value !== null && typeof value !== "boolean") throw invalidParams(`${key} must be a boolean`);
    return value === true;
  }

  oneOf<const T extends string>(key: string, values: readonly T[]): T | null {
    const value = this.get(key);
    if (value === null) return null;
    const found = values.find((each) => each === value);
    if (found === undefined) throw invalidParams(`${key} must be one of ${values.join(", ")}`);
    return found;
  }

  integer(key: string, max: number): number | null {
    const value = this.get(key);
    if (value === null) return null;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > max) {
      throw invalidParams(`${key} must be an integer of 0 to ${max}`);
    }
    return value;
  }

  u64(key: string): bigint | null {
    return this.get(key) === null ? null : checkedU64(this.get(key), key);
  }

  address(key: string): string | null {
    return this.get(key) === null ? null : checkedAddress(this.get(key));
  }

  signature(key: string): string | null {
    return this.get(key) === null ? null : checkedSignature(this.get(key));
  }

  object(key: string): Config | null {
    const value = this.get(key);
    if (value === null) return null;
    if (!isObject(value)) throw invalidParams(`${key} must be an object`);
    return new Config(value);
  }

  list(key: string): readonly WireJson[] {
    const value = this.get(key) ?? [];
    if (!Array.isArray(value)) throw invalidParams(`${key} must be an array`);
    return value as readonly WireJson[];
  }
}

export const isObject = (value: WireJson | undefined): value is { readonly [key: string]: WireJson | undefined } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function checkedAddress(value: WireJson | undefined): string {
  if (typeof value !== "string") throw invalidParams("an address must be a string");
  return checkedBase58(value, 32, "Pubkey");
}

export function checkedSignature(value: WireJson | undefined): string {
  if (typeof value !== "string") throw invalidParams("a signature must be a string");
  return checkedBase58(value, 64, "Signature");
}

function checkedBase58(text: string, size: number, what: string): string {
  // Decoding base58 takes time that grows with the square of the length.
  if (text.length > size * 2) throw invalidParams(`WrongSize: ${what}`);
  let length: number;
  try {
    length = base58.decode(text).length;
  } catch {
    throw invalidParams(`Invalid: ${what} is not base58`);
  }
  if (length !== size) throw invalidParams(`WrongSize: ${what}`);
  return text;
}

function checkedU64(value: WireJson | undefined, what: string): bigint {
  const integer = typeof value === "bigint" || Number.isSafeInteger(value) ? BigInt(value as number | bigint) : -1n;
  if (integer < 0n || integer >= 1n << 64n) throw invalidParams(`${what} must be an integer of 64 bits`);
  return integer;
}

const base58TextMax = 1683;

export function decodeText(text: string, encoding: "base58" | "base64"): Uint8Array {
  if (encoding === "base58" && text.length > base58TextMax) throw invalidParams("base58 encoded data too large");
  try {
    return encoding === "base58" ? base58.decode(text) : base64.decode(text);
  } catch {
    throw invalidParams(`invalid ${encoding} encoding`);
  }
}

export function requireContextSlot(config: Config, slot: number): void {
  const least = config.u64("minContextSlot");
  if (least !== null && least > BigInt(slot)) {
    throw new RpcError(rpcCodes.minContextSlot, "Minimum context slot has not been reached", { contextSlot: slot });
  }
}
