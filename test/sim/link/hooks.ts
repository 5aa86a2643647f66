import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/**
 * Loader hooks (`module.register`): every module of these folders is loaded as it is, behind one of the same exports
 * that asks `seam.ts` first. The product is the compiled one, to the byte; what is put in its place is decided outside.
 */
const seamed = /\/dist\/(store\/[a-z]+\/[a-z-]+|ledger\/[a-z-]+|market\/model|engine\/transaction)\.js$/;
const behind = "?behind";

interface Loaded {
  readonly format: string;
  readonly shortCircuit?: boolean;
  readonly source: string;
}

type Next = (url: string, context: unknown) => Promise<Loaded>;

export async function load(url: string, context: unknown, next: Next): Promise<Loaded> {
  const match = seamed.exec(url);
  if (match === null) return await next(url, context);
  const source = await readFile(fileURLToPath(url), "utf8");
  const seam = JSON.stringify(new URL("./seam.js", import.meta.url).href);
  const lines = exportsOf(source).map(
    (name) => `export const ${name} = seam(${JSON.stringify(`${match[1]}#${name}`)}, behind.${name});`,
  );
  const wrapped = [
    `import * as behind from ${JSON.stringify(url + behind)};`,
    `import { seam } from ${seam};`,
    ...lines,
  ].join("\n");
  return { format: "module", shortCircuit: true, source: wrapped };
}

/** What the compiler writes for the exports that this house uses. */
const exportsOf = (source: string): string[] =>
  [...source.matchAll(/^export (?:async )?(?:function\*? ?|const |class )(\w+)/gm)].map((match) => match[1] as string);
