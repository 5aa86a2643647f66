import { catalogue, type ErrorCode, type ErrorKind } from "#src/core/error-catalogue";

/** What a reader needs to know of each kind, in the order of the page. */
const kinds: Readonly<Record<ErrorKind, string>> = {
  malformed: "The request has the wrong shape or content. Repeating it unchanged cannot succeed.",
  unauthenticated: "Who asks is not known.",
  forbidden: "Who asks is known, and may not.",
  notFound: "What the request names does not exist.",
  conflict: "Not at this moment, or not in this state.",
  insufficient: "There is not enough money.",
  exceeded: "A limit was reached.",
  unavailable: "Something Earnest needs does not answer. The same request can be repeated.",
  internal: "Something that should hold does not.",
};

interface Entry {
  readonly kind: ErrorKind;
  what(context: object): string;
  next(context: object): string;
}

const entries = Object.entries(catalogue) as [ErrorCode, Entry][];

/** docs/errors.md: every code by kind, with its placeholders as `{name}`. */
export function errorsPage(): string {
  const sections = (Object.keys(kinds) as ErrorKind[]).map(section);
  return `${[
    "# Errors",
    "",
    "Every failure has a stable `code`; a code is never used again for something else. In the messages, `{name}` stands",
    "for a value that also comes as a field of the error's context. This page is made from",
    "[the catalogue](../src/core/error-catalogue.ts) by `npm run generate`.",
    ...sections.flat(),
  ].join("\n")}\n`;
}

function section(kind: ErrorKind): string[] {
  const rows = entries.filter(([, entry]) => entry.kind === kind).sort(([a], [b]) => (a < b ? -1 : 1));
  if (rows.length === 0) return [];
  return [
    "",
    `## ${kind}`,
    "",
    kinds[kind],
    "",
    "| code | what happened | what to do |",
    "|---|---|---|",
    ...rows.map(([code, entry]) => `| \`${code}\` | ${cell(messageOf(entry))} | ${cell(adviceOf(entry))} |`),
  ];
}

const messageOf = (entry: Entry): string => entry.what(placeholders());

/** Some advice is the context's own (`c.mend ?? "…"`): the page then shows what stands there without it. */
function adviceOf(entry: Entry): string {
  const text = entry.next(placeholders());
  const whole = /^\{(\w+)\}$/.exec(text)?.[1];
  return whole === undefined ? text : entry.next(placeholders(whole));
}

/** A context whose every field is its own name in braces, so that the text shows where the values go. */
const placeholders = (absent?: string): object =>
  new Proxy({}, { get: (_, name) => (name === absent ? undefined : `{${String(name)}}`) });

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
