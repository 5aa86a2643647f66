import { existsSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "#src/cli/overlap/random";
import { defaultPolicy, type Policy } from "#src/market/spec";
import { leastPay, leastUnpaid, type Point } from "./attack/frontier.ts";
import { type Attack, attacks, inject, shuffled } from "./attack/inject.ts";
import { type ReplayOptions, replay } from "./attack/replay.ts";
import { addScores, type Scored, type Scores, scoreReplay } from "./attack/score.ts";
import { hasSet, type RecordedSet, readSet } from "./attack/sets.ts";
import { defineBench, type Say, type ValuesOf } from "./options.ts";

/**
 * What attackers are paid, and what that costs those who work: attackers injected into recorded answers, replayed one
 * answer after the other through `decide`, as the server runs it. One policy for all sets.
 *
 * `honestUnpaid` is the share of correct answers of recorded contributors that are not paid. A part of those contributors
 * answer like random attackers (Cohen's kappa with the truth up to 0.2): `honestUninformative` is the share of correct
 * answers that are theirs, and `informativeUnpaid` is about all others. No rule that keeps pay from attackers can pay all
 * of them: `floorUnpaid` is what even one leaves unpaid that knows every truth and pays attackers a hundredth, `payAtGoal`
 * what one pays them that leaves as little unpaid as the goal says (attack/frontier.ts).
 */
interface Case extends Scores {
  readonly attack: Attack;
  /** Of all answers, those of attackers. */
  readonly share: number;
  readonly sets: number;
  /** Large for copies: the truth does not tell those apart. */
  readonly floorUnpaid: number;
  readonly payAtGoal: number;
  readonly bySet: readonly SetScores[];
}

/** Where the mean comes from. */
interface SetScores extends Pick<Scores, "payToAttackers" | "honestUnpaid" | "honestUninformative"> {
  readonly set: string;
  readonly floorUnpaid: number;
}

interface Plan {
  readonly folder: string;
  readonly sets: readonly string[];
  readonly attacks: readonly Attack[];
  readonly shares: readonly number[];
  readonly seeds: number;
  readonly ringSize: number;
  readonly copyDelay: number;
}

const controlShare = 0.05;
/** Small sets need no bound on what is learned from, and large ones get that of a market. */
const policy: Policy = defaultPolicy;
const targetPpm = 900_000;
const newcomerAnswers = 5;
/** Of all answers: what the requester sets aside for newcomers. */
const newcomerShare = 0.0025;

/** Seven whose accuracy without attack is that of the seven sets in the notes; --sets all takes all twelve. */
const usualSets = ["rte", "D_Product", "D_PosSent", "SP", "SP_amt", "dog", "MS"];
const moreSets = ["web", "trec", "S_Rel", "bluebird", "labelme"];

const options = {
  folder: { type: "text", about: "where the recorded sets are" },
  sets: { type: "text", default: usualSets.join(","), about: 'names of sets, or "all"' },
  attack: { type: "text", default: attacks.join(","), about: "attacks" },
  share: { type: "numbers", default: [0.1, 0.3, 0.5], about: "shares of attackers" },
  seeds: { type: "count", default: 1, about: "runs with other random numbers" },
  ring: { type: "count", default: 8, about: "attackers that answer as one" },
  delay: {
    type: "share",
    default: 0.005,
    about: "how long copies wait at most, as a share of the time that a task is open",
  },
} as const;

export const benchAttack = defineBench(options, bench);

async function bench(values: ValuesOf<typeof options>, say: Say): Promise<object | null> {
  const plan = planOf(values);
  const recorded = plan.sets.map((name) => readSet(plan.folder, name));
  say(`${recorded.length} sets (${plan.sets.join(", ")}), ${plan.seeds} seed(s), rings of ${plan.ringSize}`);
  say("in percent                 pay to     honest   (of them                  informative            newcomer");
  say(
    "attack    share  sets   attackers     unpaid   uninformative)      floor     unpaid     accuracy   budget    waited",
  );
  const cases: Case[] = [];
  for (const attack of plan.attacks) {
    for (const share of attack === "none" ? [0] : plan.shares) {
      const found: Case = { attack, share, sets: recorded.length, ...measure(recorded, attack, share, plan) };
      cases.push(found);
      say(rowOf(found));
    }
  }
  const bounds = boundsOf(cases);
  for (const bound of bounds) say(sentenceOf(bound));
  for (const line of crowdsOf(cases)) say(line);
  return { policy, goals, bounds, cases };
}

/** Of honest correct work that may go unpaid: beside any spam, and beside rings. */
const goals = { honestUnpaidOfSpam: 0.05, honestUnpaidOfRing: 0.1 } as const;
const payToAttackersMax = 0.01;

interface Bound {
  readonly share: number;
  /** The attack that binds. */
  readonly attack: Attack;
  /** What a rule leaves unpaid that knows every truth, but not which of the attacks it meets. */
  readonly floorUnpaid: number;
  /** And what such a rule pays that spam, where it leaves as little unpaid as the goal says. */
  readonly payAtGoal: number;
  /** The most that the market's rule leaves unpaid by any of the attacks, and that of contributors better than chance. */
  readonly honestUnpaid: number;
  readonly informativeUnpaid: number;
}

/** The truth tells these from contributors who look; copies and rings it does not. */
const spam: readonly Attack[] = ["random", "constant", "prior"];

/** A rule is not told which attack comes, or whether one does: the one that is hardest to tell from honest work binds. */
function boundsOf(cases: readonly Case[]): readonly Bound[] {
  return [...new Set(cases.map(({ share }) => share))].flatMap((share) => {
    const met = cases.filter((each) => each.share === share && spam.includes(each.attack));
    const hardest = met.toSorted((a, b) => b.floorUnpaid - a.floorUnpaid)[0];
    if (hardest === undefined) return [];
    const { attack, floorUnpaid, payAtGoal } = hardest;
    const most = (key: "honestUnpaid" | "informativeUnpaid"): number => Math.max(...met.map((each) => each[key]));
    const ofMarket = { honestUnpaid: most("honestUnpaid"), informativeUnpaid: most("informativeUnpaid") };
    return [{ share, attack, floorUnpaid, payAtGoal, ...ofMarket }];
  });
}

const sentenceOf = ({ share, attack, ...bound }: Bound): string =>
  `${percent(share)}% spam: who knows every truth, but not which spam comes, and pays it 1%, leaves ` +
  `${percent(bound.floorUnpaid)}% of correct honest work unpaid (${attack} binds), and pays it ${percent(bound.payAtGoal)}% ` +
  `where it leaves ${percent(goals.honestUnpaidOfSpam)}% unpaid; this market leaves up to ` +
  `${percent(bound.honestUnpaid)}%, of contributors better than chance ${percent(bound.informativeUnpaid)}%. ` +
  `Goals: ${percent(goals.honestUnpaidOfSpam)}%, beside rings ${percent(goals.honestUnpaidOfRing)}%`;

/** By crowd: contributors near chance are in few of them, but there they are many. */
function crowdsOf(cases: readonly Case[]): readonly string[] {
  const binding = cases.find(({ attack, share }) => attack === "random" && share === 0.3) ?? cases.at(-1);
  if (binding === undefined) return [];
  return [
    `\n${binding.attack} ${binding.share}, by crowd: unpaid (of contributors near chance; by who knows every truth)`,
    ...binding.bySet.map(
      ({ set, honestUnpaid, honestUninformative, floorUnpaid }) =>
        `${set.padEnd(10)}${[honestUnpaid, honestUninformative, floorUnpaid].map((each) => percent(each).padStart(7)).join("")}`,
    ),
  ];
}

const percent = (share: number): string => (100 * share).toFixed(1);

/** The mean over sets and seeds. */
function measure(
  sets: readonly RecordedSet[],
  attack: Attack,
  share: number,
  plan: Plan,
): Scores & Pick<Case, "floorUnpaid" | "payAtGoal" | "bySet"> {
  const played = sets.map((set) => {
    const scored = Array.from({ length: plan.seeds }, (_, i) => {
      process.stderr.write(`\r${attack} ${share} ${set.name} ${i + 1}`.padEnd(40));
      return playOnce(set, attack, share, plan, i + 1);
    });
    return { set, scored, frontiers: scored.map(({ frontier }) => frontier) };
  });
  process.stderr.write(`\r${" ".repeat(40)}\r`);
  const frontiers: readonly (readonly Point[])[] = played.flatMap((each) => each.frontiers);
  return {
    ...addScores(played.flatMap(({ scored }) => scored.map(({ scores }) => scores))),
    floorUnpaid: leastUnpaid(frontiers, payToAttackersMax),
    payAtGoal: leastPay(frontiers, attack === "ring" ? goals.honestUnpaidOfRing : goals.honestUnpaidOfSpam),
    bySet: played.map(({ set, scored, frontiers: ofSet }) => {
      const { payToAttackers, honestUnpaid, honestUninformative } = addScores(scored.map(({ scores }) => scores));
      const floorUnpaid = leastUnpaid(ofSet, payToAttackersMax);
      return { set: set.name, payToAttackers, honestUnpaid, honestUninformative, floorUnpaid };
    }),
  };
}

function playOnce(
  set: RecordedSet,
  attack: Attack,
  share: number,
  { ringSize, copyDelay }: Plan,
  seed: number,
): Scored {
  const random = seededRandom(seed * 7_919);
  const stream = inject(set, { attack, share, ringSize, copyDelay }, random);
  const replayed: ReplayOptions = {
    policy,
    targetPpm,
    controls: someControls(set, random),
    newcomerAnswers,
    newcomerBudget: Math.round(newcomerShare * stream.task.length),
  };
  return scoreReplay(stream, replayed.controls, replay(stream, replayed));
}

function someControls({ tasks, truth }: RecordedSet, random: () => number): Int32Array {
  const controls = new Int32Array(tasks).fill(-1);
  const known = [...shuffled(tasks, random)].filter((task) => (truth[task] as number) >= 0);
  for (const task of known.slice(0, Math.ceil(tasks * controlShare))) controls[task] = truth[task] as number;
  return controls;
}

function rowOf({ attack, share, sets, ...scores }: Case): string {
  const cell = (value: number, width: number): string => (100 * value).toFixed(2).padStart(width);
  return (
    attack.padEnd(10) +
    `${share}`.padEnd(7) +
    `${sets}`.padStart(4) +
    cell(scores.payToAttackers, 12) +
    cell(scores.honestUnpaid, 11) +
    cell(scores.honestUninformative, 13) +
    cell(scores.floorUnpaid, 15) +
    cell(scores.informativeUnpaid, 11) +
    cell(scores.accuracy, 13) +
    cell(scores.newcomerBudgetToAttackers, 9) +
    cell(scores.waited, 10)
  );
}

function planOf(values: ValuesOf<typeof options>): Plan {
  const folder = values.folder ?? usualFolder();
  const names = values.sets;
  const sets = (names === "all" ? [...usualSets, ...moreSets] : names.split(",")).filter((name) => {
    if (!hasSet(folder, name)) console.error(`${name} is not in ${folder}: left out`);
    return hasSet(folder, name);
  });
  return {
    folder,
    sets,
    attacks: attacks.filter((each) => values.attack.split(",").includes(each)),
    shares: values.share,
    seeds: values.seeds,
    ringSize: values.ring,
    copyDelay: values.delay,
  };
}

/** Where the recorded sets may be: beside the repository, as for the tests; rte alone is in it. */
const usualFolder = (): string => {
  const beside = join(process.cwd(), "../shared/data/truth");
  return existsSync(beside) ? beside : join(process.cwd(), "examples");
};
