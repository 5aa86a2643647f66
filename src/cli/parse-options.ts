import { InvalidArgumentError } from "commander";

/** Option values as commander wants them read: what does not fit is a usage error that names the option. */

export function parseCount(text: string): number {
  if (!/^(0|[1-9]\d{0,14})$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

export function parsePositive(text: string): number {
  const value = parseCount(text);
  if (value === 0) throw new InvalidArgumentError("It must be 1 or more.");
  return value;
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError("It must be a number from 0 to 65535.");
  return port;
}

/** Of a place's time, in minutes. */
export function parseOffset(text: string): number {
  const value = Number(text);
  if (!/^-?\d{1,3}$/.test(text) || Math.abs(value) > 840) throw new InvalidArgumentError("It must be -840 to 840.");
  return value;
}

export function parseShare(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || value > 1) throw new InvalidArgumentError("It must be a share from 0 to 1.");
  return value;
}

export function parsePositiveNumber(text: string): number {
  const value = Number(text);
  if (!/^\d{0,12}\.?\d{1,12}$/.test(text) || value === 0)
    throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

export function parsePercent(text: string): number {
  const value = Number(text);
  if (!/^\d{1,3}(\.\d{1,2})?%?$/.test(text) || Number.parseFloat(text) > 50) {
    throw new InvalidArgumentError("It must be a percentage from 0 to 50, with at most two decimals.");
  }
  return Number.isNaN(value) ? Number.parseFloat(text) : value;
}

/** A token amount stays a text: no decimal of it may be lost. */
export function parseTokenAmount(text: string): string {
  if (!/^\d{1,20}(\.\d{1,18})?$/.test(text)) {
    throw new InvalidArgumentError('It must be a plain decimal number such as "0.02".');
  }
  return text;
}

export function parseList(text: string): readonly string[] {
  const items = text.split(",").map((item) => item.trim());
  if (items.some((item) => item === "")) throw new InvalidArgumentError("It must be a list such as a,b,c.");
  if (new Set(items).size !== items.length) throw new InvalidArgumentError("It names something twice.");
  return items;
}

/** "a=1,b=2" as numbers by their names. */
export function parseNumbers(text: string): Readonly<Record<string, number>> {
  const pairs = parseList(text).map((item) => /^([A-Za-z]\w*)=(-?\d{1,15})$/.exec(item));
  if (pairs.includes(null))
    throw new InvalidArgumentError("It must be a list such as name=1,other=2, of whole numbers.");
  const names = pairs.map((pair) => pair?.[1] as string);
  if (new Set(names).size !== names.length) throw new InvalidArgumentError("It sets something twice.");
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] as string, Number(pair?.[2])]));
}

export interface OverlapRange {
  readonly min: number;
  readonly max: number;
}

/** "3" is at most three answers, and two where they agree enough; "2-5" says both. */
export function parseOverlap(text: string): OverlapRange {
  const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(text);
  const first = Number(match?.[1]);
  const [min, max] = match?.[2] === undefined ? [Math.min(2, first), first] : [first, Number(match[2])];
  if (match === null || min < 1 || max < min || max > 1_024) {
    throw new InvalidArgumentError('It must be a number such as "3", or a range such as "2-5", up to 1024.');
  }
  return { min, max };
}

export function parseMarket(text: string): string {
  if (!/^[0-9a-f]{32}$/.test(text)) throw new InvalidArgumentError("A market's id has 32 hexadecimal digits.");
  return text;
}

export function parseKey(text: string): string {
  if (!/^[1-9A-HJ-NP-Za-km-z]{32,44}$/.test(text)) throw new InvalidArgumentError("A key is written in base 58.");
  return text;
}

export function parseSlotText(text: string): string {
  if (!/^\d{1,10}\.\d{1,4}$/.test(text)) throw new InvalidArgumentError('A slot is written as "17.2".');
  return text;
}

/** "field=column,…" */
export function parseMap(text: string): Readonly<Record<string, string>> {
  const pairs = parseList(text).map((pair): [string, string] => {
    const at = pair.indexOf("=");
    if (at < 1 || at === pair.length - 1) throw new InvalidArgumentError("It must be a list such as prompt=q,a=r1.");
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  const fields = pairs.map(([field]) => field);
  if (new Set(fields).size !== fields.length) throw new InvalidArgumentError("It names a field twice.");
  if (fields.includes("__proto__")) throw new InvalidArgumentError("It has a forbidden name.");
  return Object.fromEntries(pairs);
}
