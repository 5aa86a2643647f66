import { fromUtf8, toUtf8 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { Answer } from "../verification/answers/answer.ts";
import { type AnswerSchema, readAnswer } from "../verification/answers/answer-schema.ts";

/** The largest body of a submission that stands in the log; larger evidence is referred to by hash. */
export const bodyBytesMax = 65_536;

/** A salt is a text of so many characters (UTF-16 code units). */
const saltLength = { min: 16, max: 64 } as const;

/**
 * What a submission's body `{"answer": …, "salt": "…"}` answers; other fields are the contributor's own.
 *
 * The log publishes the hash of the body, and a few choices are soon tried: a salt that nobody can guess keeps the
 * answer hidden until it is judged. It may be left out, where the answer is long or need not be hidden.
 *
 * @throws MALFORMED_ANSWER, LIMIT_EXCEEDED
 */
export function readBody(schema: AnswerSchema, body: Uint8Array): Answer {
  if (last?.body === body && last.schema === schema) return last.answer;
  const answer = readNew(schema, body);
  last = { schema, body, answer };
  return answer;
}

/** A submission's body is read once to be admitted, and once more in the next moment to be applied. */
let last: { readonly schema: AnswerSchema; readonly body: Uint8Array; readonly answer: Answer } | null = null;

function readNew(schema: AnswerSchema, body: Uint8Array): Answer {
  if (body.length > bodyBytesMax)
    throw earnestError("LIMIT_EXCEEDED", { what: "bytes in an answer", max: bodyBytesMax });
  const usual = usualAnswer(body);
  if (usual !== null) return readAnswer(schema, usual);
  const { answer, salt } = (parseJson(body) ?? {}) as { readonly answer?: Json; readonly salt?: Json };
  if (salt !== undefined && !isSalt(salt)) {
    throw earnestError("MALFORMED_ANSWER", {
      problem: `salt must be a text of ${saltLength.min} to ${saltLength.max} characters`,
    });
  }
  return readAnswer(schema, answer);
}

const marks = { answer: toUtf8('{"answer":"'), salt: toUtf8('","salt":"'), end: toUtf8('"}') } as const;
/** Of an answer: a longer one is as quickly read as JSON. */
const usualLengthMax = 32;

/**
 * The text that a body answers, and a salt as long as it must be, as contributors' programs write them: most bodies are
 * no more, and JSON takes several times as long. Null for whatever is written in another way.
 */
function usualAnswer(body: Uint8Array): string | null {
  const from = marks.answer.length;
  if (!standsAt(body, 0, marks.answer)) return null;
  let text = "";
  let at = from;
  for (; isPlain(body[at]); at++) {
    if (at - from === usualLengthMax) return null;
    text += String.fromCharCode(body[at] as number);
  }
  if (!standsAt(body, at, marks.salt)) return null;
  const saltFrom = at + marks.salt.length;
  at = saltFrom;
  while (isPlain(body[at])) at++;
  const isWhole = standsAt(body, at, marks.end) && at + marks.end.length === body.length;
  const length = at - saltFrom;
  return isWhole && length >= saltLength.min && length <= saltLength.max ? text : null;
}

/** A byte that stands for its character in a text of JSON: ASCII that needs no escape. */
const isPlain = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;

function standsAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

const isSalt = (salt: Json): boolean =>
  typeof salt === "string" && salt.length >= saltLength.min && salt.length <= saltLength.max;

/**
 * A known answer as its requester gives it. A cell of a table is a text: where that is no answer, the JSON in it may be.
 *
 * @throws MALFORMED_ANSWER
 */
export function readKnownAnswer(schema: AnswerSchema, known: Json): Answer {
  try {
    return readAnswer(schema, known);
  } catch (error) {
    const inside = typeof known === "string" ? jsonIn(known) : undefined;
    if (inside === undefined) throw error;
    return readAnswer(schema, inside);
  }
}

function jsonIn(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

export function parseJson(bytes: Uint8Array): Json {
  try {
    return JSON.parse(fromUtf8(bytes)) as Json;
  } catch {
    throw earnestError("MALFORMED_ANSWER", { problem: "it is not JSON in UTF-8" });
  }
}
