import { defaultPolicy } from "../../src/market/spec.ts";
import { commands, controlFor, openLane, type TestLane } from "./market.ts";

/** A market under the usual policy, and people of different sorts who work in it. */

/** Whole numbers that look random and are not. */
export function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * sides);
  };
}

export const truthOf = (task: number): number => (task * 7 + (task >> 2)) % 2;
const names = ["yes", "no"];

/** One task in ten is a control task. */
export const policyMarket = ({
  tasks = 150,
  controls = true,
  ...parts
}: Omit<NonNullable<Parameters<typeof openLane>[0]>, "controls"> & { readonly controls?: boolean } = {}): TestLane =>
  openLane({
    tasks,
    controls: controls
      ? Array.from({ length: Math.floor(tasks / 10) }, (_, i) => controlFor(i * 10, truthOf(i * 10)))
      : [],
    members: 8,
    deposit: 50_000_000n,
    ...parts,
    spec: { policy: defaultPolicy, terms: { overlap: { min: 3, max: 6, targetPpm: 900_000 } }, ...parts.spec },
  });

/**
 * Everybody takes what is offered, turn by turn, until nothing is, or so many answers were given.
 * @param wrong of ten answers of a contributor, how many are wrong; "yes" for who always says so
 */
export function workThrough(lane: TestLane, wrong: ReadonlyMap<number, number | "yes">, until = Infinity): number {
  const roll = dice(5);
  const contributors = [...wrong.keys()];
  let given = 0;
  for (let turn = 0, idle = 0; idle < contributors.length && given < until; turn++) {
    const contributor = contributors[turn % contributors.length] as number;
    const [outcome] = lane.batch([commands.assign(contributor, null)]);
    const [offer] = outcome !== undefined && "offers" in outcome ? outcome.offers : [];
    idle = offer === undefined ? idle + 1 : 0;
    if (offer === undefined) continue;
    const errors = wrong.get(contributor) as number | "yes";
    const truth = truthOf(offer.slot.task);
    const said = errors === "yes" ? 0 : roll(10) < errors ? 1 - truth : truth;
    lane.submit(contributor, offer.slot, names[said] as string);
    given++;
  }
  return given;
}

/** Contributors 1, 2, …, each with so many wrong answers of ten. */
export const people = (...wrong: readonly (number | "yes")[]): ReadonlyMap<number, number | "yes"> =>
  new Map(wrong.map((each, i) => [i + 1, each]));
