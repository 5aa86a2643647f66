import type { AnswerSchema } from "../../../src/contract/answers.ts";

export type NumberProblem = "notANumber" | "tooManyDecimals" | "outOfBounds";

/** That many are read of a number, zeros or not. */
const decimalsMax = 9;

/** Zeros of the digits that our languages write. */
const zeros = [0x0660, 0x06f0, 0x0966, 0xff10];
const digitsOf = new Map(
  zeros.flatMap((zero) => Array.from({ length: 10 }, (_, i) => [String.fromCodePoint(zero + i), String(i)] as const)),
);

/** A number as somebody types it, in their own digits and with their own point, as the API writes it. */
export function plainNumber(typed: string): string {
  const digits = Array.from(typed.trim(), (character) => digitsOf.get(character) ?? character).join("");
  const plain = digits
    .replace(/[\s\u00a0\u202f_]/g, "")
    .replace(/[,٫]/g, ".")
    .replace(/[−–]/g, "-")
    .replace(/^\+/, "");
  return plain.replace(/^(-?)\./, "$10.").replace(/\.$/, "");
}

/** What is wrong with it; null where it can be sent. */
export function numberProblem(
  plain: string,
  { min = -1e15, max = 1e15, decimals = 0 }: Pick<AnswerSchema, "min" | "max" | "decimals">,
): NumberProblem | null {
  const found = /^-?\d{1,16}(?:\.(\d+))?$/.exec(plain);
  if (found === null) return "notANumber";
  const [, places = ""] = found;
  // Zeros at the end say nothing.
  if (places.length > decimalsMax || places.replace(/0+$/, "").length > decimals) return "tooManyDecimals";
  const value = Number(plain);
  return value < min || value > max ? "outOfBounds" : null;
}

/** One step of the last place up or down, without the errors of binary fractions. */
export function stepped(plain: string, by: 1 | -1, schema: Pick<AnswerSchema, "min" | "max" | "decimals">): string {
  const { min = -1e15, max = 1e15, decimals = 0 } = schema;
  const from = Number.isFinite(Number(plain)) && plain !== "" ? Number(plain) : Math.min(max, Math.max(min, 0));
  const scale = 10 ** decimals;
  const next = Math.min(max, Math.max(min, (Math.round(from * scale) + by) / scale));
  return next.toFixed(decimals).replace(/^-(0(?:\.0+)?)$/, "$1");
}
