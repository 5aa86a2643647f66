import { Argument, type Command } from "commander";
import { earnestError } from "../../core/errors.ts";
import { missed } from "../../verification/kinds/cases.ts";
import { compositionOf } from "../../verification/kinds/compose.ts";
import { evidenceTables, evidenceValues, type Kind } from "../../verification/kinds/kind.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { writeFileWhole } from "../files.ts";
import { kindFile, loadKind, loadVectors, shippedKinds, vectorsBeside } from "../kinds/find-kind.ts";
import { importCases, importReport } from "../kinds/import-clusterfuzz.ts";
import { importEnergy } from "../kinds/import-energy.ts";
import { importRadio } from "../kinds/import-helium.ts";
import { importPolis } from "../kinds/import-polis.ts";
import { importRobots } from "../kinds/import-robots.ts";
import type { AddCommand, Run } from "../options.ts";
import { parseNumbers } from "../parse-options.ts";

const kindArgument = "A kind that comes along, or the path of a kind's file";

export const addKinds: AddCommand = (program, run) => {
  const kinds = program.command("kinds").description("Kinds of work: what they ask for, and how it is verified");
  examples(kinds.command("list").description("The kinds that come along").action(run(list)), "earnest kinds list");
  examples(
    kinds
      .command("show")
      .description("A kind: its evidence, its parameters with their sources, its guardrails")
      .argument("<kind>", kindArgument)
      .action(run(show)),
    "earnest kinds show label",
  );
  examples(
    kinds
      .command("market")
      .description("A description of a market of the kind, to edit and to give to `earnest markets create`")
      .argument("<kind>", kindArgument)
      .option("--set <name=number,...>", "Other values of parameters", parseNumbers)
      .option("--template <name>", "Another of the kind's templates, such as one with another type of answer")
      .action(run(market)),
    "earnest kinds market judge --set scorePpmMin=600000 > market.json",
    "earnest kinds market mark --template spans > market.json",
  );
  examples(
    kinds
      .command("test")
      .description("Verify the vectors of a kind, or of all that come along")
      .argument("[kind]", kindArgument)
      .option("--vectors <file>", "Other vectors than those beside the kind's file")
      .action(run(test)),
    "earnest kinds test",
    "earnest kinds test kinds/label.json --json",
  );
  addImport(kinds, run);
};

const sources = ["clusterfuzz", "energy", "helium", "polis", "robots"] as const;

function addImport(kinds: Command, run: Run): void {
  examples(
    kinds
      .command("import")
      .description("Public vectors as vectors of a kind; a single report of a crash as a case for `earnest verify bug`")
      .addArgument(new Argument("<source>", "Where they come from").choices([...sources]))
      .argument(
        "<file>",
        "ClusterFuzz: cases in JSON with their reports in traces/, or one report; energy: a folder as loadshape has it; polis: votes in CSV or their folder; robots: Google's vectors; helium: cases of its verifier",
      )
      .option("--out <file>", "Write them there; `earnest kinds test bug --vectors FILE` verifies vectors")
      .action(run(importFrom)),
    "earnest kinds import clusterfuzz expected.json --out crashes.json",
    "earnest kinds import clusterfuzz trace.txt --out case.json",
    "earnest kinds import energy examples/energy --out seasons.json",
    "earnest kinds import polis participants-votes.csv --out statements.json",
    "earnest kinds import robots vectors.json",
    "earnest kinds import helium poc_vectors.json --out radio.json",
  );
}

interface ImportOptions {
  readonly out?: string;
}

async function importFrom(
  context: CommandContext,
  { out }: ImportOptions,
  source: string,
  file: string,
): Promise<ExitCode> {
  const { output } = context;
  const path = context.path(file);
  if (source === "robots") return await importVectors(context, "bandwidth", source, await importRobots(path), out);
  if (source === "helium") return await importVectors(context, "coverage", source, await importRadio(path), out);
  if (source === "polis") return await importVectors(context, "review", source, await importPolis(path), out);
  if (source === "energy") return await importVectors(context, "energy", source, await importEnergy(path), out);
  if (!file.endsWith(".json")) {
    const { crash, ...found } = await importReport(path);
    await write(context, found, out);
    output.line(crash === null ? "no crash" : `${crash.type.replaceAll("\n", " ")}: ${crash.state.join(" < ")}`);
    output.result({ ok: true, source, kind: "bug", cases: 1, crash });
    return exitCodes.ok;
  }
  return await importVectors(context, "bug", source, await importCases(path), out);
}

interface Imported {
  readonly file: object;
  readonly cases: number;
  readonly agreeing: number;
  readonly differing: readonly string[];
  /** Of what the kind does not check. */
  readonly unknown?: readonly string[];
}

async function importVectors(
  context: CommandContext,
  kind: string,
  source: string,
  { file: vectors, cases, agreeing, differing, unknown = [] }: Imported,
  out?: string,
): Promise<ExitCode> {
  const { output } = context;
  await write(context, vectors, out);
  output.line(`${cases} cases, ${agreeing} of them read as the source reads them`);
  for (const name of differing) output.line(`  otherwise: ${name}`);
  for (const name of unknown) output.line(`  passed over: ${name}`);
  output.result({ ok: true, source, kind, cases, agreeing, differing, ...(unknown.length > 0 && { unknown }) });
  return exitCodes.ok;
}

async function write(context: CommandContext, content: object, out?: string): Promise<void> {
  const text = `${JSON.stringify(content, null, 2)}\n`;
  if (out !== undefined) await writeFileWhole(context.path(out), text);
  else if (!context.output.isJson) await context.output.rows(text);
}

async function list({ output }: CommandContext): Promise<ExitCode> {
  const kinds = await Promise.all(
    (await shippedKinds()).map(async (name) => await loadKind(await kindFile(name, name))),
  );
  output.table(
    ["kind", "version", "title"],
    kinds.map(({ kind, version, title }) => [kind, String(version), title]),
  );
  output.result({
    ok: true,
    kinds: kinds.map(({ kind, version, title, summary }) => ({ kind, version, title, summary })),
  });
  return exitCodes.ok;
}

async function show(context: CommandContext, _: object, name: string): Promise<ExitCode> {
  const { output } = context;
  const kind = await loadKind(await kindFile(name, context.path(name)));
  output.line(`${output.colours.bold(kind.title)} (${kind.kind}, version ${kind.version})`);
  output.line(kind.summary);
  output.line();
  output.table(["evidence", "means"], evidenceOf(kind));
  output.line();
  for (const [parameter, { value, min, max, unit, meaning, source }] of Object.entries(kind.parameters)) {
    output.line(`${output.colours.bold(parameter)} = ${value} ${unit} (${min} to ${max})`);
    output.line(`  ${meaning}`);
    output.line(output.colours.dim(`  ${source}`));
  }
  output.line();
  output.line(`Reward: ${kind.reward}`);
  output.line();
  for (const guardrail of kind.guardrails) output.line(`- ${guardrail}`);
  output.result({ ok: true, ...kind });
  return exitCodes.ok;
}

function evidenceOf({ evidence }: Kind): string[][] {
  const values = evidenceValues.flatMap((name) => (evidence[name] === null ? [] : [[name, evidence[name]]]));
  const tables = evidenceTables.flatMap((table) =>
    Object.entries(evidence[table]).map(([name, meaning]) => [`${table}.${name}`, meaning]),
  );
  return [...values, ...tables];
}

interface MarketOptions {
  readonly set?: Readonly<Record<string, number>>;
  readonly template?: string;
}

async function market(context: CommandContext, { set, template }: MarketOptions, name: string): Promise<ExitCode> {
  const kind = await loadKind(await kindFile(name, context.path(name)));
  const { output } = context;
  const description = { ...kind.template, ...templateOf(kind, template), verification: compositionOf(kind, set ?? {}) };
  if (!output.isJson) await output.rows(`${JSON.stringify(description, null, 2)}\n`);
  output.result(description);
  return exitCodes.ok;
}

function templateOf({ kind, templates }: Kind, name?: string): object {
  if (name === undefined) return {};
  const found = Object.hasOwn(templates, name) ? templates[name] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(templates).join(", ") || "none but its own";
  throw earnestError("MALFORMED_COMMAND", { problem: `${kind} has no template "${name}"; it has ${known}` });
}

interface TestOptions {
  readonly vectors?: string;
}

async function test(context: CommandContext, options: TestOptions, name?: string): Promise<ExitCode> {
  const { output } = context;
  if (options.vectors !== undefined && name === undefined) {
    throw earnestError("MALFORMED_COMMAND", { problem: "--vectors is of one kind: name it" });
  }
  const names = name === undefined ? await shippedKinds() : [name];
  let [cases, attacks, failed] = [0, 0, 0];
  for (const each of names) {
    const file = await kindFile(each, context.path(each));
    const kind = await loadKind(file);
    const vectors = await loadVectors(
      options.vectors === undefined ? vectorsBeside(file) : context.path(options.vectors),
    );
    const failures = vectors.flatMap((vector) => {
      const problem = missed(kind, vector);
      return problem === null ? [] : [`${vector.name}: ${problem}`];
    });
    const ofAttacks = vectors.filter(({ attack }) => attack !== null).length;
    const mark = failures.length === 0 ? output.colours.green("✓") : output.colours.red("✗");
    output.line(`${mark} ${kind.kind}: ${vectors.length} cases, ${ofAttacks} of them attacks`);
    for (const failure of failures) output.line(`    ${failure}`);
    cases += vectors.length;
    attacks += ofAttacks;
    failed += failures.length;
  }
  output.result({ ok: failed === 0, kinds: names.length, cases, attacks, failed });
  return failed === 0 ? exitCodes.ok : exitCodes.failed;
}
