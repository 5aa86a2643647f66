import { toHex } from "#src/core/bytes";
import { ServerError } from "../database/server-error.ts";

/** Keys of rows, which sort as the columns do. */
export const laneKey = (market: Uint8Array, lane: number): string => `${toHex(market)}/${padded(lane, 5)}`;

export const padded = (number: number, digits = 12): string => String(number).padStart(digits, "0");

export const placeKey = (market: Uint8Array, lane: number, ...numbers: readonly number[]): string =>
  [laneKey(market, lane), ...numbers.map((number) => padded(number))].join("/");

export const must = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new ServerError("XX000", `${what} is missing`);
  return value;
};
