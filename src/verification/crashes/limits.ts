/** Reports come from strangers: nothing of them is read beyond these. */
export const limits = {
  /** In UTF-16 units, as are the others; what is behind is not read. The longest of the shared reports has 22 thousand. */
  textMax: 262_144,
  /** What is behind in a line is not read: the longest of the shared reports' lines has 2,170. */
  lineMax: 16_384,
  linesMax: 8_192,
  /** Of a line of the state (ClusterFuzz's constant); names of functions, and of what was cast to what, are cut later. */
  stateLineMax: 80,
  nameMax: 200,
  castLineMax: 400,
  /** No report gives more. */
  stateLinesMax: 8,
  /** Frames that are looked at for a cycle. */
  framesMax: 4_096,
  typeMax: 200,
  addressMax: 80,
} as const;
