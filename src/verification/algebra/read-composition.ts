import type { Field } from "../../core/field.ts";
import { millionPpm, quantityMaxMax } from "../primitives/finding.ts";
import type { Composition, EscalateParameters, Release, Unit } from "./composition.ts";
import { readAgree, readAttest, readAudit, readMatch, readMeter, readReplay, readWitness } from "./read-parameters.ts";
import { durationMsMax } from "./read-values.ts";
import { partsOf } from "./units.ts";

/** How deep and how large a composition can be: every submission pays for it. */
export const compositionLimits = { depth: 8, nodes: 64, parts: 16, points: 32 } as const;

const readers: { readonly [name: string]: (field: Field, depth: number) => Composition } = {
  all: (field, depth) => ({ all: readParts(field, depth) }),
  any: (field, depth) => ({ any: readAlternatives(field, depth) }),
  min: (field, depth) => ({ min: readParts(field, depth) }),
  scale: readScale,
  holdback: readHoldback,
  escalate: (field, depth) => ({ escalate: readEscalate(field, depth) }),
  attest: (field) => ({ attest: readAttest(field) }),
  match: (field) => ({ match: readMatch(field) }),
  agree: (field) => ({ agree: readAgree(field) }),
  replay: (field) => ({ replay: readReplay(field) }),
  meter: (field) => ({ meter: readMeter(field) }),
  witness: (field) => ({ witness: readWitness(field) }),
  audit: (field) => ({ audit: readAudit(field) }),
};
const names = Object.keys(readers);

export function readCompositionField(field: Field): Composition {
  const composition = readNode(field, 1);
  const nodes = countNodes(composition);
  if (nodes > compositionLimits.nodes) field.fail(`must have at most ${compositionLimits.nodes} nodes, not ${nodes}`);
  const units = meteredIn([composition]);
  if (units.length > 1) field.fail(`must meter in one unit, not in ${units.join(" and ")}`);
  return composition;
}

function readNode(field: Field, depth: number): Composition {
  if (depth > compositionLimits.depth) field.fail(`must be nested at most ${compositionLimits.depth} deep`);
  const [name, ...others] = Object.keys(field.object());
  if (name === undefined || others.length > 0) field.fail(`must have exactly one field of ${names.join(", ")}`);
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (read === undefined) return field.fail(`has an unknown field "${name}"; it must be one of ${names.join(", ")}`);
  return read(field.get(name), depth);
}

function readParts(field: Field, depth: number): readonly Composition[] {
  const parts = field.items(compositionLimits.parts);
  if (parts.length === 0) field.fail("must have at least one item");
  return parts.map((part) => readNode(part, depth + 1));
}

/** Whichever of them passes, its units are counted alike. */
function readAlternatives(field: Field, depth: number): readonly Composition[] {
  const parts = readParts(field, depth);
  const units = new Set(parts.map((part) => meteredIn([part])[0] ?? "ppm"));
  if (units.size > 1) field.fail(`must be counted in one unit, not in ${[...units].join(" and ")}`);
  return parts;
}

function readScale(field: Field, depth: number): Composition {
  const isTable = field.get("points").value !== undefined;
  const of = readNode(field.get("of"), depth + 1);
  if (!isTable) return { scale: { of, sharePpm: field.fields("of", "sharePpm").sharePpm.integer(0, millionPpm) } };
  const { points } = field.fields("of", "points");
  const most = meteredIn([of]).length === 0 ? millionPpm : quantityMaxMax;
  return { scale: { of, points: readPoints(points, most) } };
}

function readPoints(field: Field, most: number): { readonly from: number; readonly to: number }[] {
  const items = field.items(compositionLimits.points);
  if (items.length === 0) field.fail("must have at least one item");
  let above = -1;
  return items.map((item) => {
    const { from, to } = item.fields("from", "to");
    const point = { from: from.integer(0, most), to: to.integer(0, most) };
    if (point.from <= above) from.fail("must be greater than that of the point before");
    above = point.from;
    return point;
  });
}

function readHoldback(field: Field, depth: number): Composition {
  const { of, sharePpm, until } = field.fields("of", "sharePpm", "until");
  return {
    holdback: { of: readNode(of, depth + 1), sharePpm: sharePpm.integer(1, millionPpm), until: readRelease(until) },
  };
}

function readRelease(field: Field): Release {
  const type = field.get("type");
  switch (type.value) {
    case "delay":
      return { type: "delay", delayMs: field.fields("type", "delayMs").delayMs.integer(1, durationMsMax) };
    case "checked":
      return { type: "checked", checkedMin: field.fields("type", "checkedMin").checkedMin.integer(1, 1_000_000) };
    case "events":
      return { type: "events", eventsMin: field.fields("type", "eventsMin").eventsMin.integer(1, 1_000_000) };
    default:
      return type.fail("must be delay, checked or events");
  }
}

function readEscalate(field: Field, depth: number): EscalateParameters {
  const { of, to, windowMs, otherwise, seats, acceptedMin } = field.fields(
    "of",
    "to",
    "windowMs",
    "otherwise",
    "seats",
    "acceptedMin",
  );
  if (to.value !== "answers" && to.value !== "review" && to.value !== "panel")
    to.fail("must be answers, review or panel");
  if (otherwise.value !== "accepted" && otherwise.value !== "rejected") otherwise.fail("must be accepted or rejected");
  const seatCount = to.value === "panel" ? seats.integer(1, 99) : 0;
  if (to.value !== "panel") for (const each of [seats, acceptedMin]) refuse(each, "belongs to a panel only");
  return {
    of: readNode(of, depth + 1),
    to: to.value as EscalateParameters["to"],
    windowMs: windowMs.integer(1, durationMsMax),
    otherwise: otherwise.value as EscalateParameters["otherwise"],
    seats: seatCount,
    acceptedMin: to.value === "panel" ? acceptedMin.integer(1, seatCount) : 0,
  };
}

/** Nothing, or what a specification that was read says there. */
function refuse(field: Field, problem: string): void {
  if (field.value !== undefined && field.value !== 0) field.fail(problem);
}

const countNodes = (composition: Composition): number =>
  1 + partsOf(composition).reduce((sum, part) => sum + countNodes(part), 0);

/** Every unit that one of them meters. */
function meteredIn(compositions: readonly Composition[]): readonly Unit[] {
  return [...new Set(compositions.flatMap((each) => ("meter" in each ? [each.meter.unit] : meteredIn(partsOf(each)))))];
}
