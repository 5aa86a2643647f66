import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "#src/core/json";
import { compositionOf } from "#src/verification/kinds/compose";
import { readKind } from "#src/verification/kinds/read-kind";

const folder = "kinds";
const textsOfConsole = "web/messages/console/en.json";
const guardrailKey = /^guardrail\./;

/** What the console's page for a new market needs of each kind: it is built without reading files, and checks nothing. */
export function consoleKinds(): string {
  const keyOf = guardrailKeys();
  const kinds = readdirSync(folder)
    .filter((name) => name.endsWith(".json") && !name.endsWith(".vectors.json"))
    .sort()
    .map((name) => readKind(JSON.parse(readFileSync(join(folder, name), "utf8")) as Json));
  const lines = kinds.map((kind) => {
    const { kind: name, template, templates } = kind;
    // Kinds that the page has no words for are those that it only names.
    const guardrails = kind.guardrails.flatMap((text) => keyOf.get(text) ?? []);
    return `  ${JSON.stringify({ kind: name, template, templates, guardrails, composition: compositionOf(kind, {}) })},\n`;
  });
  return `import type { KindFile } from "../kind-file.ts";

/** The files in kinds/, with their parameters filled in: made by \`npm run generate\`. */
export const kindFiles: readonly KindFile[] = [
${lines.join("")}];
`;
}

/** The console's texts by what they say in English, so that a kind's own words lead to those of other languages. */
function guardrailKeys(): ReadonlyMap<string, string> {
  const texts = JSON.parse(readFileSync(textsOfConsole, "utf8")) as Readonly<Record<string, string>>;
  const guardrails = Object.entries(texts).filter(([key]) => guardrailKey.test(key));
  return new Map(guardrails.map(([key, text]) => [text, key]));
}
