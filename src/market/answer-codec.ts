import { type Codec, text } from "../core/codec.ts";
import { isEarnestError } from "../core/errors.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import type { Answer } from "../verification/answers/answer.ts";
import { type AnswerSchema, decodeAnswer, encodeAnswer } from "../verification/answers/answer-schema.ts";

const coded = text();

/**
 * An answer as its code in canonical JSON. That it fits its task's schema is for whoever knows the task: `isAnswerTo`.
 * Reading refuses what is not canonical, so that one answer has one encoding.
 */
export const answerCodec: Codec<Answer> = {
  write: (writer, answer) => coded.write(writer, answerText(answer)),
  read: (reader) => {
    const written = coded.read(reader);
    try {
      const answer = JSON.parse(written) as Answer;
      if (answerText(answer) === written) return answer;
    } catch {}
    throw reader.malformed();
  },
};

/** Most answers are whole numbers, and these are their own canonical JSON. */
const answerText = (answer: Answer): string =>
  typeof answer === "number" ? String(answer) : canonicalJson(answer as unknown as Json);

export function isAnswerTo(schema: AnswerSchema, answer: Answer): boolean {
  try {
    decodeAnswer(schema, encodeAnswer(answer));
    return true;
  } catch (error) {
    if (isEarnestError(error, "MALFORMED_ENCODING")) return false;
    throw error;
  }
}
