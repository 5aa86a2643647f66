import type { Field } from "../../core/field.ts";
import type { AnswerForm, AnswerType } from "./answer.ts";

const decimalsMax = 9;
/** Up to 15 digits, a decimal number and the double next to it are one another's only partner. */
const scaledMax = 1e15;

/** A decimal number. The answer, and all that compares with it, is in units of the last decimal. */
export interface NumberSchema {
  readonly type: "number";
  readonly min: number;
  readonly max: number;
  readonly decimals: number;
  /** How far two numbers may be apart and still say the same: the larger of the two counts. */
  readonly tolerance: { readonly absolute: number; readonly ppm: number };
}

export const number: AnswerType<NumberSchema, number> = {
  readSchema(field) {
    const fields = field.fields("type", "min", "max", "decimals", "tolerance");
    const decimals = fields.decimals.orNull((each) => each.integer(0, decimalsMax)) ?? 0;
    const min = readDecimal(fields.min, decimals);
    const max = readDecimal(fields.max, decimals);
    if (unitsOf(max, decimals) <= unitsOf(min, decimals)) fields.max.fail("must be above min");
    const tolerance = fields.tolerance.orNull((each) => {
      const { absolute, ppm } = each.fields("absolute", "ppm");
      return {
        absolute: absolute.orNull((value) => readDecimal(value, decimals)) ?? 0,
        ppm: ppm.orNull((value) => value.integer(0, 1_000_000)) ?? 0,
      };
    }) ?? { absolute: 0, ppm: 0 };
    if (tolerance.absolute < 0) fields.tolerance.fail("must not be negative");
    return { type: "number", min, max, decimals, tolerance };
  },
  read(schema, field, form) {
    const units = readUnits(schema, field, form);
    const { min, max } = unitBounds(schema);
    if (units < min || units > max) field.fail(`must be from ${schema.min} to ${schema.max}`);
    return units;
  },
  toPeople: (schema, answer) => answer / powerOfTen(schema.decimals),
};

/** The schema's bounds in units of the last decimal. */
export const unitBounds = ({ min, max, decimals }: NumberSchema): { readonly min: number; readonly max: number } => ({
  min: unitsOf(min, decimals),
  max: unitsOf(max, decimals),
});

/** What two answers may be apart, in units of the last decimal, where `label` is the one that stands. */
export function toleranceAt({ tolerance, decimals }: NumberSchema, label: number): number {
  const relative = Number((BigInt(tolerance.ppm) * BigInt(Math.abs(label))) / 1_000_000n);
  return Math.max(unitsOf(tolerance.absolute, decimals), relative);
}

function readUnits({ decimals }: NumberSchema, field: Field, form: AnswerForm): number {
  if (form === "code") return field.integer(-scaledMax, scaledMax);
  return unitsOf(readDecimal(field, decimals), decimals);
}

/** A JSON number, or a text of one, with no more decimals than there may be. */
function readDecimal(field: Field, decimals: number): number {
  const value = typeof field.value === "string" ? numberOf(field.value) : field.value;
  if (typeof value !== "number" || !Number.isFinite(value)) return field.fail("must be a number");
  const units = unitsOf(value, decimals);
  if (Math.abs(units) > scaledMax) field.fail("must have at most 15 digits");
  if (units / powerOfTen(decimals) !== value) field.fail(`must have at most ${decimals} decimals`);
  return value === 0 ? 0 : value;
}

const numberOf = (text: string): number => (/^-?\d{1,16}(?:\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN);

/** Exact where the value has at most that many decimals and 15 digits; division by a power of ten is rounded once. */
function unitsOf(value: number, decimals: number): number {
  const units = Math.round(value * powerOfTen(decimals));
  return units === 0 ? 0 : units;
}

const powersOfTen = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
const powerOfTen = (decimals: number): number => powersOfTen[decimals] as number;
