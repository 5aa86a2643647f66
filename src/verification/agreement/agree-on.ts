import type { Answer, Box, Polygon, Span } from "../answers/answer.ts";
import type { AnswerSchema } from "../answers/answer-schema.ts";
import { sidesOf } from "../answers/pair.ts";
import { agreeOnBoxes, matchBoxes } from "./boxes.ts";
import { agreeOnChoice, agreeOnPair, matchChoice } from "./choice.ts";
import { agreeOnChoices, matchChoices } from "./choices.ts";
import { agreeOnNumber, matchNumber } from "./number.ts";
import { type AgreementParameters, defaultParameters } from "./parameters.ts";
import { agreeOnPolygons, matchPolygons } from "./polygons.ts";
import { agreeOnRanking, matchRanking } from "./ranking.ts";
import { agreeOnScale, matchScale } from "./scale.ts";
import { agreeOnSpans, matchSpans } from "./spans.ts";
import { agreeOnText, matchText } from "./text.ts";
import type { Agreement, Vote } from "./vote.ts";

/**
 * The label that weighted votes agree on and how sure it is. Integers and texts in and out, the same for any order of
 * the votes. The votes' answers were read with the schema.
 */
export function agreeOn(
  schema: AnswerSchema,
  votes: readonly Vote[],
  parameters: AgreementParameters = defaultParameters,
): Agreement {
  switch (schema.type) {
    case "choice":
      return agreeOnChoice(schema, votes as readonly Vote<number>[]);
    case "choices":
      return agreeOnChoices(schema, votes as readonly Vote<readonly number[]>[]);
    case "scale":
      return agreeOnScale(schema, votes as readonly Vote<number>[]);
    case "number":
      return agreeOnNumber(schema, votes as readonly Vote<number>[]);
    case "pair":
      return agreeOnPair(schema, votes as readonly Vote<number>[]);
    case "ranking":
      return agreeOnRanking(schema, votes as readonly Vote<readonly number[]>[]);
    case "text":
      return agreeOnText(schema, votes as readonly Vote<string>[]);
    case "spans":
      return agreeOnSpans(schema, votes as readonly Vote<readonly Span[]>[], parameters);
    case "boxes":
      return agreeOnBoxes(schema, votes as readonly Vote<readonly Box[]>[], parameters);
    case "polygons":
      return agreeOnPolygons(schema, votes as readonly Vote<readonly Polygon[]>[], parameters);
  }
}

/** How right an answer is where the label stands, in parts per million: what it is paid by. */
export function matchShare(
  schema: AnswerSchema,
  answer: Answer,
  label: Answer,
  parameters: AgreementParameters = defaultParameters,
): number {
  switch (schema.type) {
    case "choice":
    case "pair":
      return matchChoice(answer as number, label as number);
    case "choices":
      return matchChoices(answer as readonly number[], label as readonly number[]);
    case "scale":
      return matchScale(schema, answer as number, label as number);
    case "number":
      return matchNumber(schema, answer as number, label as number);
    case "ranking":
      return matchRanking(schema, answer as readonly number[], label as readonly number[]);
    case "text":
      return matchText(schema, answer as string, label as string);
    case "spans":
      return matchSpans(answer as readonly Span[], label as readonly Span[], parameters);
    case "boxes":
      return matchBoxes(answer as readonly Box[], label as readonly Box[], parameters);
    case "polygons":
      return matchPolygons(answer as readonly Polygon[], label as readonly Polygon[], parameters);
  }
}

/**
 * Among how many answers somebody who guesses is thought to guess: what `voteWeight` takes. Where answers are built from
 * parts or open, each part is right or not.
 */
export function guessesOf(schema: AnswerSchema): number {
  switch (schema.type) {
    case "choice":
      return schema.choices.length;
    case "scale":
      return schema.max - schema.min + 1;
    case "pair":
      return sidesOf(schema).length;
    default:
      return 2;
  }
}
