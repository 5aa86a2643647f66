import type { AnswerSchema } from "../../../../src/contract/answers.ts";
import type { Composition } from "../../../../src/verification/algebra/composition.ts";
import { partsOf } from "../../../../src/verification/algebra/units.ts";
import { fieldNeedsOf } from "../../widgets/field/needs.ts";
import type { ColumnRole, NeededRole } from "../rows/tasks.ts";
import { kindFiles } from "./generated/kinds.ts";
import type { KindFile } from "./kind-file.ts";

/** Kinds of which each row of a table is a task. */
export const judgedKinds = ["label", "judge", "mark", "review", "claim"] as const;
export const worldKinds = ["report", "visit", "mapping", "sensing", "coverage"] as const;
export const tableKinds = [...judgedKinds, ...worldKinds] as const;
export type TableKind = (typeof tableKinds)[number];
/** Kinds that need more than rows: programs, meters, or nodes that wait to be invited. */
export const otherKinds = ["compute", "bandwidth", "energy", "bug", "fix"] as const;

export interface Kind extends Omit<KindFile, "composition"> {
  readonly composition: Composition;
  /** Types of answers, the template's own first. */
  readonly types: readonly AnswerSchema["type"][];
  /** What the verification lets an answer be; null where the requester says so. */
  readonly fixed: readonly string[] | null;
  /** Columns without which no row is a task. */
  readonly needs: readonly NeededRole[];
  /** What may become of a column. */
  readonly roles: readonly ColumnRole[];
  /** Whether it has an eye on control tasks. */
  readonly hasControls: boolean;
  /** Whether answers have to agree, so that a policy says how certain they get. Where none does, each is paid by itself. */
  readonly isAgreed: boolean;
  /** Whether somebody answers without a program or a device of its own. */
  readonly isForPages: boolean;
  /** What a task takes, until the requester says so. */
  readonly seconds: number;
}

const secondsOf: Readonly<Record<TableKind, number>> = {
  label: 10,
  judge: 20,
  mark: 60,
  review: 15,
  claim: 240,
  report: 600,
  visit: 1_200,
  mapping: 3_600,
  sensing: 60,
  coverage: 5,
};

function kindOf(name: TableKind): Kind {
  const file = kindFiles.find(({ kind }) => kind === name) as KindFile;
  const composition = file.composition as unknown as Composition;
  const nodes = primitivesOf(composition);
  const needs = [...new Set(nodes.flatMap(neededBy))];
  const hasControls = nodes.some((node) => "match" in node && node.match.type === "control");
  const answers = [file.template, ...Object.values(file.templates)].flatMap(({ answer }) => answer ?? []);
  return {
    ...file,
    composition,
    types: [...new Set(answers.flatMap(({ type }) => type ?? []))],
    fixed: nodes.flatMap(fixedIn)[0] ?? null,
    needs,
    roles: ["show", "id", ...(hasControls ? (["control"] as const) : []), "leave", ...needs],
    hasControls,
    isAgreed: nodes.some((node) => "agree" in node),
    isForPages: !fieldNeedsOf(composition).isForDevices,
    seconds: secondsOf[name],
  };
}

/** The primitives of a composition, in the order in which they are looked at. */
export function primitivesOf(node: Composition): readonly Composition[] {
  const parts = partsOf(node);
  return parts.length === 0 ? [node] : parts.flatMap(primitivesOf);
}

const fixedIn = (node: Composition): (readonly string[])[] =>
  "match" in node && node.match.type === "shape" && node.match.shape.type === "choice"
    ? [node.match.shape.choices]
    : [];

const comparesPlace: ReadonlySet<string> = new Set(["track", "observers", "picture", "daytime"]);

/** As `checkBatch` of a market asks for it. */
function neededBy(node: Composition): NeededRole[] {
  if ("match" in node) return node.match.type === "digest" ? ["source"] : [];
  if (!("witness" in node)) return [];
  if (node.witness.type === "radio") return ["beacon"];
  return comparesPlace.has(node.witness.type) ? ["latitude", "longitude"] : [];
}

export const kinds: Readonly<Record<TableKind, Kind>> = Object.fromEntries(
  tableKinds.map((name) => [name, kindOf(name)]),
) as Readonly<Record<TableKind, Kind>>;

/** The kind of what is answered so: that which was chosen, where it has such answers. */
export const kindWith = (type: AnswerSchema["type"], chosen: TableKind): TableKind =>
  kinds[chosen].types.includes(type) && kinds[chosen].fixed === null
    ? chosen
    : (judgedKinds.find((name) => kinds[name].types.includes(type)) ?? "label");
