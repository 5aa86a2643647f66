import { fromUtf8 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { AnswerSchema } from "./spec.ts";

/** The largest body of a submission that stands in the log; larger evidence is referred to by hash. */
export const bodyBytesMax = 65_536;

/** The index of the choice that a submission's body `{"answer": "<choice id>"}` names. */
export function readAnswer(schema: AnswerSchema, body: Uint8Array): number {
  if (body.length > bodyBytesMax)
    throw earnestError("LIMIT_EXCEEDED", { what: "bytes in an answer", max: bodyBytesMax });
  const answer = (parseJson(body) as { readonly answer?: Json } | null)?.answer;
  const choice = typeof answer === "string" ? schema.choices.indexOf(answer) : -1;
  if (choice < 0) {
    const shown = schema.choices.slice(0, 5).join(", ");
    const problem = `"answer" must be one of ${shown}${schema.choices.length > 5 ? ", …" : ""}`;
    throw earnestError("MALFORMED_ANSWER", { problem });
  }
  return choice;
}

export function parseJson(bytes: Uint8Array): Json {
  try {
    return JSON.parse(fromUtf8(bytes)) as Json;
  } catch {
    throw earnestError("MALFORMED_ANSWER", { problem: "it is not JSON in UTF-8" });
  }
}
