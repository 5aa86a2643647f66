import { unit, type Vector } from "./vector.ts";

/** A face of the icosahedron that H3 lays its cells on. */
export interface Face {
  readonly centre: Vector;
  /** From its centre towards the first of its corners, and at a right angle to that, anticlockwise seen from outside. */
  readonly ahead: Vector;
  readonly left: Vector;
  /** Numbers of its corners, anticlockwise; the first lies on the lattice's axis i, the next on j, the last on k. */
  readonly corners: readonly [number, number, number];
}

/**
 * The twelve corners as directions: the centres of H3's pentagons of resolution 0, by their numbers. Six of them; the
 * others lie opposite.
 */
const northern: readonly Vector[] = [
  { x: 0.42015242670871017, y: 0.07814524940278332, z: 0.9040825506150192 },
  { x: -0.5154559599440415, y: -0.38171689828713307, z: 0.7672009925177476 },
  { x: -0.4146822253203352, y: 0.6559624054348006, z: 0.6306758078914754 },
  { x: 0.3557814025329446, y: -0.8435800024661781, z: 0.4022342266029254 },
  { x: 0.5188367303273645, y: 0.8354203803782358, z: 0.1813318375572621 },
  { x: 0.9950094394362415, y: -0.09134779527642792, z: 0.04014717587716655 },
];
const opposite = ({ x, y, z }: Vector): Vector => ({ x: -x, y: -y, z: -z });
const corners: readonly Vector[] = [...northern, ...[...northern].reverse().map(opposite)];

/** Of each face, in letters from a for the first corner: H3's orientation of the icosahedron. */
const lettered = "acb abd aec adf afe gbc hdb bgh ice cig jfd dhj kef eki fjk lhg lgi ljh lik lkj";

export const plus = (a: Vector, b: Vector): Vector => ({ x: a.x + b.x, y: a.y + b.y, z: a.z + b.z });
export const dot = (a: Vector, b: Vector): number => a.x * b.x + a.y * b.y + a.z * b.z;
export const times = ({ x, y, z }: Vector, by: number): Vector => ({ x: x * by, y: y * by, z: z * by });
const cross = (a: Vector, b: Vector): Vector => ({
  x: a.y * b.z - a.z * b.y,
  y: a.z * b.x - a.x * b.z,
  z: a.x * b.y - a.y * b.x,
});

function faceOf(letters: string): Face {
  const [i, j, k] = Array.from(letters, (letter) => letter.charCodeAt(0) - 97) as [number, number, number];
  const [a, b, c] = [corners[i], corners[j], corners[k]] as [Vector, Vector, Vector];
  const centre = unit(plus(plus(a, b), c));
  const ahead = unit(plus(a, times(centre, -dot(a, centre))));
  return { centre, ahead, left: cross(centre, ahead), corners: [i, j, k] };
}

export const faces: readonly Face[] = lettered.split(" ").map(faceOf);

/** The number of the face that a direction leaves the icosahedron through. */
export function nearestFace(direction: Vector): number {
  let nearest = 0;
  let most = -2;
  for (let i = 0; i < faces.length; i++) {
    const towards = dot((faces[i] as Face).centre, direction);
    if (towards <= most) continue;
    nearest = i;
    most = towards;
  }
  return nearest;
}
