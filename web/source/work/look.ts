import type { AnswerSchema } from "../../../src/contract/answers.ts";
import { fromBase64, fromUtf8, toBase64, toUtf8 } from "../../../src/core/bytes.ts";
import type { Json } from "../../../src/core/json.ts";

/** A task as it would be, for a look at it on another device. */
export interface Look {
  readonly question: string;
  readonly content: Json;
  readonly schema: AnswerSchema;
  readonly reward: string;
}

export const lookPath = "/look";

/** All of it stands behind the # of the address: no server keeps it, nor hears of it. */
export const addressOfLook = (server: string, look: Look): string =>
  `${server}${lookPath}#${toBase64(toUtf8(JSON.stringify(look)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "")}`;

/** Null where it is none. */
export function lookOfHash(hash: string): Look | null {
  try {
    const text = hash.replace(/^#/, "").replaceAll("-", "+").replaceAll("_", "/");
    const found = JSON.parse(fromUtf8(fromBase64(text.padEnd(Math.ceil(text.length / 4) * 4, "=")))) as Look;
    return isLook(found) ? found : null;
  } catch {
    return null;
  }
}

const isTexts = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.every((each) => typeof each === "string"));

/** An address can come from anybody: what does not look like a task is none. */
const isLook = ({ question, reward, schema }: Look): boolean =>
  typeof question === "string" &&
  /^\d{1,12}(\.\d{1,18})?$/.test(reward) &&
  typeof schema.type === "string" &&
  [schema.choices, schema.items, schema.labels].every(isTexts);
