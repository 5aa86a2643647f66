import { z } from "zod";
import { answerTypes } from "./answers.ts";
import { json, text } from "./wire.ts";

/** What a market shows those who work in it. All of it is text of strangers: whoever shows it must not run it. */

const guideBytesMax = 20_000;

/** Markdown: a page keeps it from doing anything but being read. */
export const guide = text(guideBytesMax).meta({
  description: `Markdown, at most ${guideBytesMax} bytes. Show it as a stranger's text: no HTML, no scripts, no images of others.`,
});

export const workedExample = z.strictObject({
  content: json.meta({ description: "As the content of a task." }),
  answer: json.meta({ description: "As a contributor would give it." }),
  good: z.boolean(),
  why: text(1_000),
});
export type WorkedExample = z.output<typeof workedExample>;
export const examplesMax = 20;

/** Those of the types of answer, and two that ask for a text in a way of their own. */
export const templateIds = [...answerTypes, "report", "code"] as const;

export const template = z.strictObject({
  id: z.enum(templateIds),
  parameters: z.record(text(64), json).default({}).meta({
    description:
      "For the page alone, at most 4096 bytes. The pages of this project know `question` (asked above each task), `show` (which parts of the content to show, in order), `mark` (the part in which something is marked) and `hosts` (at most 10 names of hosts from which pictures may be loaded; none otherwise).",
  }),
});
export type Template = z.output<typeof template>;
