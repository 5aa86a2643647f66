import { earnestError } from "../../core/errors.ts";
import { Field } from "../../core/field.ts";
import type { Json } from "../../core/json.ts";
import { composed } from "./compose.ts";
import {
  type EvidenceSchema,
  evidenceTables,
  evidenceValues,
  type Kind,
  type Meanings,
  type Parameter,
  type Vector,
} from "./kind.ts";
import { mergePatch } from "./merge-patch.ts";

const limits = { parameters: 64, guardrails: 32, vectors: 1_000, meaning: 1_000, names: 16 } as const;
const numberMax = Number.MAX_SAFE_INTEGER;
const nameForm = /^[a-z][A-Za-z0-9]{0,39}$/;

const malformedKind = (path: string, problem: string) => earnestError("MALFORMED_KIND", { path, problem });

/**
 * A kind from its file, whose composition is one with the values that its parameters begin with.
 *
 * @throws MALFORMED_KIND that points at the field which is wrong
 */
export function readKind(json: Json): Kind {
  const fields = new Field(json, "kind", malformedKind).fields(
    "kind",
    "version",
    "title",
    "summary",
    "evidence",
    "parameters",
    "composition",
    "template",
    "templates",
    "reward",
    "guardrails",
  );
  const kind: Kind = {
    kind: nameOf(fields.kind),
    version: fields.version.integer(1, 1_000),
    title: fields.title.text(),
    summary: fields.summary.text(limits.meaning),
    evidence: readEvidenceSchema(fields.evidence),
    parameters: readNamed(fields.parameters, limits.parameters, readParameter),
    composition: fields.composition.value ?? null,
    template: fields.template.object(),
    templates: fields.templates.orNull((each) => readNamed(each, limits.names, (one) => readTemplate(one))) ?? {},
    reward: fields.reward.text(limits.meaning),
    guardrails: fields.guardrails.items(limits.guardrails).map((each) => each.text(limits.meaning)),
  };
  readTemplate(fields.template);
  composed(kind, {});
  return kind;
}

function readTemplate(field: Field): Readonly<Record<string, Json>> {
  const template = field.object();
  if ("verification" in template) field.fail("has a verification, which the composition gives");
  return template;
}

function nameOf(field: Field): string {
  const name = field.text(40);
  if (!nameForm.test(name)) field.fail("must be a name of letters and digits that begins with a small letter");
  return name;
}

function readNamed<Item>(field: Field, max: number, read: (field: Field) => Item): Readonly<Record<string, Item>> {
  const names = Object.keys(field.object());
  if (names.length > max) field.fail(`must have at most ${max} names`);
  return Object.fromEntries(
    names.map((name) => {
      if (!nameForm.test(name)) field.fail(`has a name that is none: ${JSON.stringify(name.slice(0, 40))}`);
      return [name, read(field.get(name))];
    }),
  );
}

function readParameter(field: Field): Parameter {
  const { value, unit, min, max, meaning, source } = field.fields("value", "unit", "min", "max", "meaning", "source");
  const least = min.integer(-numberMax, numberMax);
  const most = max.integer(least, numberMax);
  return {
    value: value.integer(least, most),
    unit: unit.text(40),
    min: least,
    max: most,
    meaning: meaning.text(limits.meaning),
    source: source.text(limits.meaning),
  };
}

function readEvidenceSchema(field: Field): EvidenceSchema {
  const fields = field.fields(...evidenceValues, ...evidenceTables);
  const meaning = (each: Field): string | null => each.orNull((given) => given.text(limits.meaning));
  const meanings = (each: Field): Meanings =>
    each.orNull((given) => readNamed(given, limits.names, (one) => one.text(limits.meaning))) ?? {};
  return {
    answer: meaning(fields.answer),
    nonce: meaning(fields.nonce),
    takenAtMs: meaning(fields.takenAtMs),
    digests: meanings(fields.digests),
    quantities: meanings(fields.quantities),
    runs: meanings(fields.runs),
    series: meanings(fields.series),
    loads: meanings(fields.loads),
    tracks: meanings(fields.tracks),
    pictures: meanings(fields.pictures),
    receptions: meanings(fields.receptions),
  };
}

/**
 * The vectors of a kind. Evidence and context of each are a merge patch (RFC 7386) on what the file gives for all.
 *
 * @throws MALFORMED_KIND that points at the field which is wrong
 */
export function readVectors(json: Json): readonly Vector[] {
  const fields = new Field(json, "vectors", malformedKind).fields("evidence", "context", "vectors");
  const evidence = fields.evidence.object();
  const context = fields.context.object();
  return fields.vectors.items(limits.vectors).map((field) => {
    const vector = field.fields("name", "attack", "parameters", "evidence", "context", "verdict", "units", "reasons");
    return {
      name: vector.name.text(),
      attack: vector.attack.orNull((each) => each.text(limits.meaning)),
      parameters: vector.parameters.orNull((each) => readNamed(each, limits.parameters, readNumber)) ?? {},
      evidence: mergePatch(evidence, vector.evidence.value ?? {}),
      context: mergePatch(context, vector.context.value ?? {}),
      verdict: readVerdict(vector.verdict),
      units: vector.units.orNull(readNumber),
      reasons: vector.reasons.items(64).map((each) => each.text(64)),
    };
  });
}

const readNumber = (field: Field): number => field.integer(-numberMax, numberMax);

const verdicts = ["accepted", "rejected", "held", "void"] as const;

function readVerdict(field: Field): Vector["verdict"] {
  const found = verdicts.find((verdict) => verdict === field.value);
  return found ?? field.fail(`must be one of ${verdicts.join(", ")}`);
}
