import type { Step } from "./lattice.ts";

/**
 * Which of the 122 cells of resolution 0 lies where on a face's lattice, a row a face in the order of `faces`, a column a
 * point in the order of `points`. Letters say how the lattice of the face is turned against the cell's own: so many
 * sixths of a turn anticlockwise from a on. A capital letter is that of a pentagon whose missing part is passed over
 * clockwise.
 */
const rows = [
  "2 6 14 10 11 17c 24A 23c 0 1e 9e 5 18a 4a 3e 8a",
  "7 21 38 9 19 34c 14A 20c 3 13e 29e 1 6a 4b 12e 0a",
  "16 18 24 33 30 32c 49A 48c 8 5e 10e 22 41a 4 0e 15a",
  "26 42 58 29 43 62c 38A 47c 12 28e 44e 13 21a 4c 15e 3a",
  "31 41 49 44 53 61c 58A 65c 15 22e 33e 28 42a 4d 8e 12a",
  "25 23 24c 17 11c 10c 14C 6c 45 39 37c 35c 27c 63 59c 56c",
  "36 20 14c 34 19c 9c 38C 21c 55 40 27c 54c 51c 72 60c 73c",
  "46 60 72c 56 68c 80c 63C 77c 27 40c 55c 35 45c 14 20c 17c",
  "50 48 49c 32 30c 33c 24C 18c 70 67 66c 52c 37c 83 87c 74c",
  "57 59 63c 74 78c 79c 83C 92c 37 39c 45c 52 70c 24 23c 32c",
  "64 47 38c 62 43c 29c 58C 42c 84 69 51c 82c 76c 97 89c 98c",
  "71 89 97c 73 91c 103c 72C 88c 51 69c 84c 54 55c 38 47c 34c",
  "75 65 58c 61 53c 44c 49C 41c 94 86 76c 81c 66c 107 104c 101c",
  "85 87 83c 101 102c 100c 107C 112c 66 67c 70c 81 94c 49 48c 61c",
  "96 104 107c 98 110c 115c 97C 111c 76 86c 94c 82 84c 58 65c 62c",
  "90 77 63 80 68 56c 72A 60c 106 93 79e 99a 88a 117c 109e 113a",
  "95 92 83 79 78 74c 63A 59c 109 108 100e 93a 77a 117d 118e 106a",
  "105 88 72 103 91 73c 97A 89c 113 99 80e 116a 111a 117b 106e 121a",
  "114 112 107 100 102 101c 83A 87c 118 120 115e 108a 92a 117 121e 109a",
  "119 111 97 115 110 98c 107A 104c 121 116 103e 120a 112a 117a 113e 118a",
] as const;
const points = "000 001 002 010 011 012 020 021 100 101 102 110 120 200 201 210".split(" ");

/** Where a cell of resolution 0 lies on a face, and how the face's lattice is turned against the cell's own. */
export interface BaseCell {
  readonly base: number;
  readonly step: Step;
  readonly turns: number;
  readonly isClockwise: boolean;
}

const baseCellOf = (text: string, point: string): BaseCell => {
  const [i, j, k] = Array.from(point, Number) as [number, number, number];
  const letter = text.replace(/\d/g, "");
  return {
    base: Number.parseInt(text, 10),
    step: { i, j, k },
    turns: letter === "" ? 0 : letter.toLowerCase().charCodeAt(0) - 96,
    isClockwise: letter !== letter.toLowerCase(),
  };
};

/** By face. */
export const baseCells: readonly (readonly BaseCell[])[] = rows.map((row) =>
  row.split(" ").map((text, column) => baseCellOf(text, points[column] as string)),
);

/** By face and by point, as `pointKey` numbers it. */
const byPoint: readonly (readonly (BaseCell | undefined)[])[] = baseCells.map((cells) => {
  const found: (BaseCell | undefined)[] = Array.from({ length: 27 });
  for (const cell of cells) found[pointKey(cell.step)] = cell;
  return found;
});

function pointKey({ i, j, k }: Step): number {
  return 9 * i + 3 * j + k;
}

export const baseCellAt = (face: number, step: Step): BaseCell | undefined => byPoint[face]?.[pointKey(step)];

const pentagons: ReadonlySet<number> = new Set([4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117]);
export const isPentagon = (base: number): boolean => pentagons.has(base);
export const baseCellCount = 122;
