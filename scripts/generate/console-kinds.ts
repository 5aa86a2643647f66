import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "#src/core/json";
import { compositionOf } from "#src/verification/kinds/compose";
import { readKind } from "#src/verification/kinds/read-kind";

const folder = "kinds";

/** What the console's page for a new market needs of each kind: it is built without reading files, and checks nothing. */
export function consoleKinds(): string {
  const kinds = readdirSync(folder)
    .filter((name) => name.endsWith(".json") && !name.endsWith(".vectors.json"))
    .sort()
    .map((name) => readKind(JSON.parse(readFileSync(join(folder, name), "utf8")) as Json));
  const lines = kinds.map((kind) => {
    const { kind: name, template, templates, guardrails } = kind;
    return `  ${JSON.stringify({ kind: name, template, templates, guardrails, composition: compositionOf(kind, {}) })},\n`;
  });
  return `import type { KindFile } from "../kind-file.ts";

/** The files in kinds/, with their parameters filled in: made by \`npm run generate\`. */
export const kindFiles: readonly KindFile[] = [
${lines.join("")}];
`;
}
