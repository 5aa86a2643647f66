import { fromHex, toHex } from "../../core/bytes.ts";
import type { RankPlace } from "../../store/insight/paces.ts";
import { noCursor } from "../page.ts";

/** Where a page of open markets ended, as whoever asks for the next one says it. */
export const writePlace = ({ pool, payPerHour, market }: RankPlace): string => `${pool}.${payPerHour}.${toHex(market)}`;

export function readPlace(text: string): RankPlace {
  const match = /^(\d{1,5})\.(-1|\d{1,20})\.([0-9a-f]{32})$/.exec(text);
  if (match === null) throw noCursor();
  return { pool: Number(match[1]), payPerHour: BigInt(match[2] as string), market: fromHex(match[3] as string) };
}
