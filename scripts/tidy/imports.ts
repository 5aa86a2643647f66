import { builtinModules } from "node:module";
import { dirname, join } from "node:path/posix";
import { aboveSource, type Layer, layers } from "./layers.ts";
import { type Finding, isTestPath, type Repository, type Rule, type SourceFile } from "./repository.ts";
import type { Token } from "./tokens.ts";

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** Every `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")`, and `import("x")` in a type. */
export function importsOf(code: readonly Token[]): Import[] {
  return code.flatMap((token, i) => {
    if (token.kind !== "text") return [];
    const before = code[i - 1];
    const isFrom =
      before?.kind === "word" && (before.text === "import" || (before.text === "from" && named(code[i - 2])));
    const isCall = before?.text === "(" && ["import", "require"].includes(code[i - 2]?.text ?? "");
    return isFrom || isCall ? [{ specifier: token.text, line: token.line }] : [];
  });
}

/** What may stand before `from`: a list in braces, a star, a name. In a template, `${from} text` has none of them. */
const named = (token: Token | undefined): boolean =>
  token !== undefined && (token.kind === "word" || token.text === "}" || token.text === "*");

const builtin = new Set(builtinModules);

export const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

const covers = (allowed: readonly string[], name: string): boolean =>
  allowed.some((each) => each === "*" || each === name || (each.endsWith("/*") && name.startsWith(each.slice(0, -1))));

export const imports: Rule = {
  name: "imports",
  *check(repository) {
    const manifest = repository.json("package.json");
    const shipped = Object.keys(manifest["dependencies"] ?? {});
    for (const file of repository.files) {
      const layer = layers[file.layer ?? ""];
      if (file.layer !== undefined && layer === undefined && file.isCode) yield unknownLayer(file);
      if (layer === undefined) {
        yield* fromAbove(file);
        continue;
      }
      for (const each of importsOf(file.code)) yield* findingsOf(file, layer, each, shipped);
      yield* barrels(file);
    }
    yield* references(repository);
  },
};

const unknownLayer = (file: SourceFile): Finding =>
  file.finding(1, `src/${file.layer} is no layer`, "give it a line in scripts/tidy/layers.ts and ARCHITECTURE.md");

function findingsOf(file: SourceFile, layer: Layer, each: Import, shipped: readonly string[]): Finding[] {
  if (each.specifier.startsWith(".")) return relative(file, layer, each);
  if (file.isTest) return [];
  if (each.specifier.startsWith("node:")) {
    if (layer.node) return [];
    return [file.finding(each.line, `${file.layer} imports ${each.specifier}`, "take what it does as a parameter")];
  }
  const name = packageOf(each.specifier);
  if (builtin.has(name)) return [file.finding(each.line, `imports "${each.specifier}"`, `"node:${each.specifier}"`)];
  if (!covers(layer.packages, name)) {
    const allowed = layer.packages.join(", ") || "no package";
    return [file.finding(each.line, `${file.layer} imports the package ${name}`, `it may import ${allowed}`)];
  }
  // What a bundle holds is built in, and needed by nobody afterwards.
  if (shipped.includes(name) || file.layer === "web") return [];
  return [file.finding(each.line, `${name} is not a dependency`, 'add it to "dependencies" in package.json')];
}

/** dist/scripts is no neighbour of dist/core as scripts is of src, so a relative path would break when compiled. */
function fromAbove(file: SourceFile): Finding[] {
  if (file.isTest || file.layer !== undefined || !file.path.endsWith(".ts")) return [];
  return importsOf(file.code).flatMap(({ specifier, line }) => {
    const target = join(dirname(file.path), specifier);
    if (!specifier.startsWith(".") || !target.startsWith("src/")) return [];
    return [file.finding(line, `imports "${specifier}"`, `"#${target.replace(/\.ts$/, "")}"`)];
  });
}

function relative(file: SourceFile, layer: Layer, each: Import): Finding[] {
  const target = join(dirname(file.path), each.specifier);
  const findings: Finding[] = [];
  if (!/\.(?:ts|tsx|json|mjs)$/.test(target)) {
    findings.push(file.finding(each.line, `imports "${each.specifier}"`, "name the file with its extension .ts"));
  }
  const [top = "", folder = ""] = target.split("/");
  if (!file.isTest && (aboveSource.includes(top) || isTestPath(target))) {
    findings.push(file.finding(each.line, `imports ${target}`, "src may not import scripts, tests or benches"));
  }
  // A test of an outer layer may drive it through another one; the pure layers are tested on their own.
  const isFree = file.isTest && !layer.pure;
  if (top !== "src" || folder === file.layer || isFree || layer.imports.includes(folder)) return findings;
  const allowed = layer.imports.join(", ") || "nothing";
  const instead = `it may import ${allowed}: move the code down, or take it as a parameter`;
  return [...findings, file.finding(each.line, `${file.layer} imports ${folder}`, instead)];
}

function* barrels(file: SourceFile): Iterable<Finding> {
  const instead = "import from the file that defines it";
  if (/\/index\.tsx?$/.test(file.path)) yield file.finding(1, "a barrel", instead);
  for (const [i, token] of file.code.entries()) {
    if (token.text !== "export" || token.kind !== "word" || file.code[i + 1]?.text !== "*") continue;
    yield file.finding(token.line, "export *", instead);
  }
}

/** The compiler's wall and the table must be the same wall. */
function* references(repository: Repository): Iterable<Finding> {
  for (const [name, { imports: allowed }] of Object.entries(layers)) {
    const file = repository.file(`${name === "web" ? "" : "src/"}${name}/tsconfig.json`);
    if (file === undefined) continue;
    const found = (JSON.parse(file.text) as { references: { path: string }[] }).references.map(({ path }) =>
      path.slice(path.lastIndexOf("/") + 1),
    );
    const extra = found.filter((each) => !allowed.includes(each));
    const missing = allowed.filter((each) => repository.has(`src/${each}/tsconfig.json`) && !found.includes(each));
    for (const each of extra) yield file.finding(1, `references ${each}`, `${name} may not import ${each}`);
    for (const each of missing) yield file.finding(1, `does not reference ${each}`, `add { "path": "../${each}" }`);
  }
}
