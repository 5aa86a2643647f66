const cycleLengthMax = 10;
const repetitions = 3;

/**
 * The frames of the first cycle that comes three times in a row: where a stack overflows, they are the fault, and
 * where exactly it ends is chance. Null where there is none. The numbers are ClusterFuzz's.
 */
export function cycleOf(frames: readonly string[]): readonly string[] | null {
  for (let start = 0; start < frames.length; start++) {
    for (let length = 1; length <= cycleLengthMax; length++) {
      if (start + repetitions * length >= frames.length) break;
      if (isCycle(frames, start, length)) return frames.slice(start, start + length);
    }
  }
  return null;
}

function isCycle(frames: readonly string[], start: number, length: number): boolean {
  for (let i = start; i < start + (repetitions - 1) * length; i++) if (frames[i] !== frames[i + length]) return false;
  return true;
}
