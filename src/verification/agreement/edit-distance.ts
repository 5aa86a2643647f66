/**
 * Insertions, deletions and replacements of code points that turn one text into the other (Levenshtein, 1966), or
 * Infinity where they are more than `max`. Only the band that can lead there is computed (Ukkonen, 1985).
 */
export function editDistance(one: readonly number[], other: readonly number[], max: number): number {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > max) return Infinity;
  let before = Array.from({ length: short.length + 1 }, (_, j) => j);
  let row = before.slice();
  for (let i = 1; i <= long.length; i++) {
    const from = Math.max(1, i - max);
    const to = Math.min(short.length, i + max);
    row[from - 1] = from === 1 ? i : Infinity;
    for (let j = from; j <= to; j++) {
      const replaced = (before[j - 1] as number) + Number(long[i - 1] !== short[j - 1]);
      // Beyond the band stands the first row still: j, which is more than max.
      row[j] = Math.min(replaced, (before[j] as number) + 1, (row[j - 1] as number) + 1);
    }
    [before, row] = [row, before];
  }
  const distance = before[short.length] as number;
  return distance <= max ? distance : Infinity;
}

export const codePoints = (value: string): number[] => Array.from(value, (each) => each.codePointAt(0) as number);
