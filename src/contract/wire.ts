import { z } from "zod";
import type { Json } from "../core/json.ts";

/**
 * How values look on the wire. Money is a token amount as a decimal string, keys are base58, hashes hexadecimal, other
 * bytes base64, slots "17.2", times whole milliseconds since 1970. Nothing is coerced, unknown fields are refused.
 */

/** C0 and C1 but white space: PostgreSQL's text holds no NUL, and the others help nobody. */
const controls = "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f";
/** Property escapes would be shorter, and are read differently by validators of other languages. */
const printable = new RegExp(`^[^${controls}]*$`, "u");

export const text = (max: number): z.ZodString => z.string().min(1).max(max).regex(printable);
export const note = z.string().max(2_000).regex(printable);

export const tokenAmount = z
  .string()
  .regex(/^\d{1,20}(\.\d{1,18})?$/)
  .meta({ description: "Token amount as a decimal number in a string.", examples: ["0.02"] });

/** 32 bytes: an address of the chain. */
export const publicKey = z
  .string()
  .regex(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/)
  .meta({ description: "Ed25519 public key in base58: a Solana address." });

export const hash32 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: "SHA-256 hash in hexadecimal." });

export const base64Bytes = z
  .string()
  .regex(/^[A-Za-z0-9+/]*={0,2}$/)
  .meta({ description: "Bytes in base64." });

export const ed25519Signature = z
  .string()
  .regex(/^[A-Za-z0-9+/]{86}==$/)
  .meta({ description: "Ed25519 signature, 64 bytes in base64." });

export const transactionSignature = z
  .string()
  .regex(/^[1-9A-HJ-NP-Za-km-z]{64,88}$/)
  .meta({ description: "Signature of a Solana transaction in base58." });

export const marketRef = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .meta({ description: "Market id: 32 hexadecimal digits." });

export const slotRef = z
  .string()
  .regex(/^\d{1,10}\.\d{1,4}$/)
  .meta({ description: "Slot: the task's number, a point, the slot's ordinal.", examples: ["17.2"] });

export const timeMs = z.int().min(0).meta({ description: "Milliseconds since 1970-01-01 UTC." });
export const count = z.int().min(0);
export const share = z.number().min(0).max(1).meta({ description: "A share from 0 to 1." });

/** Any JSON value. Depth and number range are checked where it is read. */
export const json = z.unknown() as unknown as z.ZodType<Json, Json>;

/** Numbers of a path or a query are digits: text there is all there is, and nothing is coerced. */
export const countText = z
  .string()
  .regex(/^(0|[1-9]\d{0,14})$/)
  .meta({ description: "A whole number, in digits." });

export const limitText = z
  .string()
  .regex(/^([1-9]\d{0,2}|1000)$/)
  .meta({ description: "At most so many items: 1 to 1000." });

export const cursor = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\w.:~+/=-]+$/)
  .meta({ description: "Where the last page ended: its `next`." });

/** One page of a list; `next` is null at its end. */
export const page = <Item extends z.ZodType>(
  item: Item,
): z.ZodObject<{ items: z.ZodArray<Item>; next: z.ZodNullable<z.ZodString> }, z.core.$strict> =>
  z.strictObject({ items: z.array(item), next: z.string().nullable() });
