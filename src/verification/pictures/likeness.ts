import type { Brightness } from "./brightness.ts";

const side = 16;
const bands = 4;
export const likenessBits = side * side;

/**
 * How a picture looks, in 256 bits as 64 hexadecimal digits: it is laid out in 16 by 16 blocks, and a bit says whether a
 * block is brighter than the median of its band, a quarter of them (B. Yang, F. Gu, X. Niu, "Block Mean Value Based Image
 * Perceptual Hashing", 2006). Copies that were compressed or scaled again differ in a few bits, other pictures in about
 * half. Whole numbers: a block that takes a part of a square takes that part of its brightness.
 */
export function likenessOf(brightness: Brightness): string {
  const blocks = blockSums(brightness);
  let bits = "";
  const band = likenessBits / bands;
  for (let start = 0; start < likenessBits; start += band) {
    const values = blocks.slice(start, start + band);
    const sorted = [...values].sort((a, b) => a - b);
    const median = (sorted[band / 2 - 1] as number) + (sorted[band / 2] as number);
    for (const value of values) bits += 2 * value > median ? "1" : "0";
  }
  return (bits.match(/.{4}/g) ?? []).map((four) => Number.parseInt(four, 2).toString(16)).join("");
}

/** Every square is as wide as 16 units, every block as wide as there are columns; where they overlap, they share. */
function blockSums({ columns, rows, means }: Brightness): number[] {
  const sums = Array.from({ length: likenessBits }, () => 0);
  const across = sharesOf(columns);
  const down = sharesOf(rows);
  for (const { at: row, block: y, share: high } of down) {
    for (const { at: column, block: x, share: wide } of across) {
      sums[y * side + x] = (sums[y * side + x] as number) + (means[row * columns + column] as number) * high * wide;
    }
  }
  return sums;
}

function sharesOf(count: number): { readonly at: number; readonly block: number; readonly share: number }[] {
  const shares = [];
  for (let at = 0; at < count; at++) {
    for (let block = Math.floor((at * side) / count); block < side; block++) {
      const share = Math.min((at + 1) * side, (block + 1) * count) - Math.max(at * side, block * count);
      if (share <= 0) break;
      shares.push({ at, block, share });
    }
  }
  return shares;
}

/** In how many bits two likenesses differ. */
export function unlikeBits(a: string, b: string): number {
  let bits = 0;
  for (let i = 0; i < likenessBits / 4; i += 8) {
    let differing = Number.parseInt(a.slice(i, i + 8), 16) ^ Number.parseInt(b.slice(i, i + 8), 16);
    while (differing !== 0) {
      differing &= differing - 1;
      bits++;
    }
  }
  return bits;
}
