import type { Place } from "../primitives/evidence.ts";
import { type BaseCell, baseCellAt, baseCellCount, baseCells, isPentagon } from "./base-cells.ts";
import { dot, type Face, faces, nearestFace } from "./icosahedron.ts";
import {
  and,
  coarser,
  directionOf,
  finer,
  isTurned,
  lengthOf,
  minus,
  type Step,
  stepOf,
  stepTowards,
  turned,
} from "./lattice.ts";
import { placeAt, unitVector, type Vector } from "./vector.ts";

/**
 * Cells of H3 (https://h3geo.org, Apache-2.0), in its hexadecimal text, such as `8a2a1072b59ffff`. The published library
 * computes with the engine's own sine and tangent, which differ between engines in the last bit, so that somebody could
 * look for a place whose cell they disagree about. This computes as `vector.ts` does, to the same bit everywhere; it
 * gives the library's cells but within a micrometre of an edge.
 */
export type Cell = string;

export const resolutionMax = 15;

interface Parts {
  readonly resolution: number;
  readonly base: number;
  /** One a resolution, from 1 on: the middle 0, or the neighbour of it in a direction 1 to 6. */
  readonly digits: readonly number[];
}

const digitBits = 3n;
const unusedDigit = 7;

function textOf({ resolution, base, digits }: Parts): Cell {
  let index = (1n << 7n) | BigInt(resolution);
  index = (index << 7n) | BigInt(base);
  for (let i = 0; i < resolutionMax; i++) index = (index << digitBits) | BigInt(digits[i] ?? unusedDigit);
  return index.toString(16);
}

function partsOf(cell: Cell): Parts | null {
  if (!/^8[0-9a-f]{14}$/.test(cell)) return null;
  let index = BigInt(`0x${cell}`);
  const all: number[] = [];
  for (let i = 0; i < resolutionMax; i++) {
    all.unshift(Number(index & 7n));
    index >>= digitBits;
  }
  const base = Number(index & 127n);
  const resolution = Number((index >> 7n) & 15n);
  const digits = all.slice(0, resolution);
  const isWhole = base < baseCellCount && digits.every((digit) => digit < unusedDigit);
  if (!isWhole || all.slice(resolution).some((digit) => digit !== unusedDigit)) return null;
  return isPentagon(base) && leading(digits) === missing ? null : { resolution, base, digits };
}

function known(cell: Cell): Parts {
  const parts = partsOf(cell);
  if (parts === null) throw new RangeError(`not a cell: ${cell}`);
  return parts;
}

export const isCell = (text: string): boolean => partsOf(text) !== null;
export const resolutionOf = (cell: Cell): number => known(cell).resolution;

/** The cell of a coarser resolution that it belongs to; itself where that is not coarser. */
export function parentOf(cell: Cell, resolution: number): Cell {
  const parts = known(cell);
  return resolution >= parts.resolution
    ? cell
    : textOf({ ...parts, resolution, digits: parts.digits.slice(0, resolution) });
}

/** The part that a pentagon lacks. */
const missing = 1;
const leading = (digits: readonly number[]): number => digits.find((digit) => digit !== 0) ?? 0;

const anticlockwise = [0, 5, 3, 1, 6, 4, 2] as const;
const clockwise = [0, 3, 6, 2, 5, 1, 4] as const;
const turn = (digits: readonly number[], by: readonly number[]): number[] => digits.map((digit) => by[digit] as number);

/** Digits as a face's lattice gives them, in the base cell's own orientation. */
function ownDigits(digits: readonly number[], { base, turns, isClockwise }: BaseCell): readonly number[] {
  const isOfPentagon = isPentagon(base);
  let own = digits;
  if (isOfPentagon && leading(own) === missing) own = turn(own, isClockwise ? clockwise : anticlockwise);
  for (let i = 0; i < turns; i++) {
    own = turn(own, anticlockwise);
    if (isOfPentagon && leading(own) === missing) own = turn(own, anticlockwise);
  }
  return own;
}

const stepOfDigit = (digit: number): Step => stepOf(digit >> 2, (digit >> 1) & 1, digit & 1);

/** The cell that a direction lies in, by the lattice of a face that it is near. */
function partsOn(face: number, direction: Vector, resolution: number): Parts | null {
  let step = stepTowards(faces[face] as Face, direction, resolution);
  const digits: number[] = [];
  for (let r = resolution; r > 0; r--) {
    const up = coarser(step, isTurned(r));
    const { i, j, k } = minus(step, finer(up, isTurned(r)));
    digits.unshift(4 * i + 2 * j + k);
    step = up;
  }
  const baseCell = baseCellAt(face, step);
  return baseCell === undefined ? null : { resolution, base: baseCell.base, digits: ownDigits(digits, baseCell) };
}

/** The cell of that resolution (0 to 15) in which a place lies. */
export function cellAt(place: Place, resolution: number): Cell {
  const direction = unitVector(place);
  const parts = partsOn(nearestFace(direction), direction, resolution);
  if (parts === null) throw new RangeError(`no cell at ${place.latitudeE7}, ${place.longitudeE7}`);
  return textOf(parts);
}

interface Centre {
  readonly face: number;
  readonly direction: Vector;
  readonly step: Step;
}

/** So little further than the nearest face, and a face is as near. */
const rounding = 1e-12;

/**
 * The centre of a cell: tried on every face that its base cell may lie on, in every orientation, until one gives the cell
 * itself. There are at most five faces, and most cells are found on the first.
 */
function centreOf(parts: Parts): Centre {
  const text = textOf(parts);
  for (const [face, cells] of baseCells.entries()) {
    for (const at of cells) {
      if (at.base !== parts.base) continue;
      let { digits } = parts;
      for (let turns = 0; turns < 6; turns++, digits = turn(digits, clockwise)) {
        const found = centreOn(face, at.step, digits);
        const on = isOnFace(face, found.direction) ? partsOn(face, found.direction, parts.resolution) : null;
        if (on !== null && textOf(on) === text) return found;
      }
    }
  }
  throw new RangeError(`no centre of ${text}`);
}

function centreOn(face: number, base: Step, digits: readonly number[]): Centre {
  let step = base;
  for (const [i, digit] of digits.entries()) step = and(finer(step, isTurned(i + 1)), stepOfDigit(digit));
  return { face, step, direction: directionOf(faces[face] as Face, step, digits.length) };
}

const isOnFace = (face: number, direction: Vector): boolean =>
  dot((faces[face] as Face).centre, direction) >=
  dot((faces[nearestFace(direction)] as Face).centre, direction) - rounding;

/** The centre of a cell. */
export const centreOfCell = (cell: Cell): Place => placeAt(centreOf(known(cell)).direction);

/**
 * How many steps of neighbouring cells lead from one to the other, of one resolution. Null where they lie on faces of the
 * icosahedron without a common edge, or are of different resolutions: too far to be counted.
 */
export function cellDistance(one: Cell, other: Cell): number | null {
  const [a, b] = [known(one), known(other)];
  if (a.resolution !== b.resolution) return null;
  const [from, to] = [centreOf(a), centreOf(b)];
  const unfolded = from.face === to.face ? to.step : unfold(from.face, to, a.resolution);
  return unfolded === null ? null : lengthOf(minus(unfolded, from.step));
}

/** A point of another face's lattice in that of this face, as if both lay in one plane, joined at their common edge. */
function unfold(face: number, { face: otherFace, step }: Centre, resolution: number): Step | null {
  const here = (faces[face] as Face).corners;
  const there = (faces[otherFace] as Face).corners;
  const shared = here.filter((corner) => there.includes(corner));
  const [first, second] = shared;
  if (first === undefined || second === undefined) return null;
  const corner = (corners: readonly number[], number: number): Step => cornerStep(corners.indexOf(number), resolution);
  const origin = corner(there, first);
  const wanted = minus(corner(here, second), corner(here, first));
  let [edge, point] = [minus(corner(there, second), origin), minus(step, origin)];
  for (let turns = 0; turns < 6; turns++) {
    if (lengthOf(minus(edge, wanted)) === 0) return and(corner(here, first), point);
    [edge, point] = [turned(edge), turned(point)];
  }
  return null;
}

/** A corner of a face in its lattice: two steps of resolution 0 along an axis. */
function cornerStep(axis: number, resolution: number): Step {
  let step = stepOf(axis === 0 ? 2 : 0, axis === 1 ? 2 : 0, axis === 2 ? 2 : 0);
  for (let r = 1; r <= resolution; r++) step = finer(step, isTurned(r));
  return step;
}
