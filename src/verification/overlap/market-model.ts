import { type Codec, encode, list, oneOf, struct, varint } from "../../core/codec.ts";
import { exp, log } from "../real.ts";

/**
 * What a market knows of its contributors and of itself, in integers: a verdict needs nothing else but the task's own
 * answers. Surprises are −ln of a probability in thousandths of a nat; less is likelier.
 */
export interface MarketModel {
  readonly classes: number;
  /** Up to `matrixClassesMax` classes an error matrix for each contributor, beyond one accuracy. */
  readonly form: "matrix" | "coin";
  /** The surprise of each class before any answer. Empty in a coin model: all classes are alike. */
  readonly prior: Int32Array;
  /** What is taken for a contributor without a row. */
  readonly newcomer: Row;
  /** By the number of the contributor. */
  readonly rows: ReadonlyMap<number, Row>;
  /**
   * What the evidence of an answer counts for. Less than all: answers to one task depend on each other, and who looks
   * best is partly lucky.
   */
  readonly discountPpm: number;
  /** How often the crowd is wrong in a way that no further answer shows; spread over all classes. */
  readonly floorPpm: number;
  /** How often an answer is right that this market buys, once its evidence is discounted: see `effectiveAccuracy`. */
  readonly typicalPpm: number;
}

/**
 * Surprises at the answers of a contributor. Matrix: of `label` where `truth` is true at `label × classes + truth`. Coin:
 * of the true class, and of one certain other class.
 */
export type Row = Int32Array;

/** Larger matrices are noise, and would not fit a processor's cache. */
export const matrixClassesMax = 16;

/** A contributor nobody knows: right 7 times in 10. */
export const newcomerAccuracy = 0.7;
/** Before controls say otherwise: see `calibrate`. */
export const usualDiscount = 0.55;
export const usualFloor = 0.08;

export const formOf = (classes: number): MarketModel["form"] => (classes <= matrixClassesMax ? "matrix" : "coin");

/** A probability as a surprise, at most ln 10^12. */
export const surpriseOf = (probability: number): number =>
  Math.max(0, Math.round(-1_000 * log(Math.max(probability, 1e-12))));

/** The accuracy of a contributor whose undiscounted evidence is worth what this one's discounted evidence is. */
export function effectiveAccuracy(accuracy: number, discount: number, classes: number): number {
  const wrong = (1 - accuracy) / Math.max(classes - 1, 1);
  const odds = exp(discount * (log(Math.max(accuracy, 1e-9)) - log(Math.max(wrong, 1e-9))));
  return odds / (odds + Math.max(classes - 1, 1));
}

/** What a market starts with. */
export function newcomerModel(classes: number): MarketModel {
  return uniformModel(classes, Math.max(newcomerAccuracy, 1 / Math.max(classes, 1)));
}

/** All contributors are equally good, and errors spread evenly. */
export function uniformModel(classes: number, accuracy: number): MarketModel {
  return {
    classes,
    form: formOf(classes),
    prior: formOf(classes) === "coin" ? new Int32Array(0) : new Int32Array(classes).fill(surpriseOf(1 / classes)),
    newcomer: coinRow(classes, accuracy),
    rows: new Map(),
    discountPpm: Math.round(usualDiscount * 1_000_000),
    floorPpm: Math.round(usualFloor * 1_000_000),
    typicalPpm: Math.round(1_000_000 * effectiveAccuracy(accuracy, usualDiscount, classes)),
  };
}

/** The row of somebody who is right with one probability whatever the class. */
export function coinRow(classes: number, accuracy: number): Row {
  const right = surpriseOf(accuracy);
  const wrong = surpriseOf((1 - accuracy) / Math.max(classes - 1, 1));
  if (formOf(classes) === "coin") return Int32Array.of(right, wrong);
  return Int32Array.from({ length: classes * classes }, (_, cell) =>
    cell % classes === Math.floor(cell / classes) ? right : wrong,
  );
}

export const rowOf = (model: MarketModel, contributor: number): Row => model.rows.get(contributor) ?? model.newcomer;

const integers: Codec<Int32Array> = {
  write: (writer, values) => list(varint).write(writer, [...values]),
  read: (reader) => Int32Array.from(list(varint).read(reader)),
};

const rowList = list(struct({ contributor: varint, row: integers }));

/** The canonical encoding, rows by ascending contributor: what a hash of the model covers. */
export const marketModelCodec: Codec<MarketModel> = struct({
  classes: varint,
  form: oneOf(["matrix", "coin"]),
  prior: integers,
  newcomer: integers,
  rows: {
    write: (writer, rows) => {
      const sorted = [...rows].sort(([a], [b]) => a - b);
      rowList.write(
        writer,
        sorted.map(([contributor, row]) => ({ contributor, row })),
      );
    },
    read: (reader) => new Map(rowList.read(reader).map(({ contributor, row }) => [contributor, row])),
  } satisfies Codec<MarketModel["rows"]>,
  discountPpm: varint,
  floorPpm: varint,
  typicalPpm: varint,
});

export const encodeModel = (model: MarketModel): Uint8Array => encode(marketModelCodec, model);
