import type { Json } from "../../../core/json.ts";

/** What a contributor sees of one of the small judgements: see examples/judge/README.md. */
export interface Shown {
  readonly id: string;
  readonly question: string;
  readonly choices: readonly { readonly id: string; readonly label: string }[];
  /** In order. Of a drawing: its description. */
  readonly content: readonly { readonly label: string; readonly text: string }[];
}

/** A task whose right choice is known to whoever asks for it. */
export interface Example {
  readonly shown: Shown;
  /** The id of the right choice. */
  readonly answer: string;
}

interface Item {
  readonly label: string;
  readonly text?: string;
  readonly alt?: string;
}

/** Null where the content is of another form: whoever cannot read a task leaves it to others. */
export function readShown(content: Json): Shown | null {
  const { id, question, choices, content: items } = (content ?? {}) as { [name: string]: Json };
  if (typeof id !== "string" || typeof question !== "string" || !Array.isArray(choices) || !Array.isArray(items))
    return null;
  return {
    id,
    question,
    choices: choices as unknown as Shown["choices"],
    content: (items as unknown as Item[]).map(({ label, text, alt }) => ({ label, text: text ?? alt ?? "" })),
  };
}

/** Tasks of one family ask the same of other texts; the family stands in the id before the dash. */
export const familyOf = ({ id }: Shown): string => id.split("-", 1)[0] as string;

/** The choice with this label, by the words it begins with. */
export const choiceOf = ({ choices }: Shown, label: string): string | null =>
  choices.find((choice) => choice.label.toLowerCase().startsWith(label))?.id ?? null;

export const textOf = ({ content }: Shown): string => content.map(({ text }) => text).join(" ");

export const wordsOf = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .replaceAll("\u2019", "'")
    .match(/\p{L}+(?:'\p{L}+)?/gu) ?? [];
