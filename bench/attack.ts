import { existsSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "#src/cli/overlap/random";
import { defaultPolicy, type Policy } from "#src/market/spec";
import { type Attack, attacks, inject, shuffled } from "./attack/inject.ts";
import { type ReplayOptions, replay } from "./attack/replay.ts";
import { addScores, type Scores, scoreReplay } from "./attack/score.ts";
import { hasSet, type RecordedSet, readSet } from "./attack/sets.ts";

/**
 * What attackers are paid, and what that costs those who work: attackers injected into recorded answers, replayed one
 * answer after the other through `decide`, as the server runs it. One policy for all sets.
 *
 * `honestUnpaid` is the share of correct answers of recorded contributors that are not paid. A part of those contributors
 * answer like random attackers (Cohen's kappa with the truth up to 0.2): `honestUninformative` is the share of correct
 * answers that are theirs, and `informativeUnpaid` is about all others. No rule that keeps pay from attackers can pay all
 * of them: `floorUnpaid` is what even one that knows every truth leaves unpaid.
 *
 * Options: --folder, --sets NAMES or all, --attack NAMES, --share NUMBERS, --seeds NUMBER, --ring SIZE, and --delay: how
 * long copies wait at most, as a share of the time that a task is open.
 */
interface Case extends Scores {
  readonly attack: Attack;
  /** Of all answers, those of attackers. */
  readonly share: number;
  readonly sets: number;
}

interface Options {
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

export async function benchAttack(args: readonly string[]): Promise<object | null> {
  const options = readOptions(args);
  const say = args.includes("--json") ? console.error : console.log;
  const recorded = options.sets.map((name) => readSet(options.folder, name));
  say(`${recorded.length} sets (${options.sets.join(", ")}), ${options.seeds} seed(s), rings of ${options.ringSize}`);
  say("in percent                 pay to     honest   (of them                  informative            newcomer");
  say(
    "attack    share  sets   attackers     unpaid   uninformative)      floor     unpaid     accuracy   budget    waited",
  );
  const cases: Case[] = [];
  for (const attack of options.attacks) {
    for (const share of attack === "none" ? [0] : options.shares) {
      const found: Case = { attack, share, sets: recorded.length, ...measure(recorded, attack, share, options) };
      cases.push(found);
      say(rowOf(found));
    }
  }
  const bounds = boundsOf(cases);
  for (const bound of bounds) say(sentenceOf(bound));
  return { policy, goals, bounds, cases };
}

/** Of honest correct work that may go unpaid: beside any spam, and beside rings. */
const goals = { honestUnpaidOfSpam: 0.05, honestUnpaidOfRing: 0.1 } as const;

interface Bound {
  readonly share: number;
  /** The attack that binds. */
  readonly attack: Attack;
  /** What a rule leaves unpaid that knows every truth, but not which of the attacks it meets. */
  readonly floorUnpaid: number;
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
    const { attack, floorUnpaid } = hardest;
    const most = (key: "honestUnpaid" | "informativeUnpaid"): number => Math.max(...met.map((each) => each[key]));
    return [
      { share, attack, floorUnpaid, honestUnpaid: most("honestUnpaid"), informativeUnpaid: most("informativeUnpaid") },
    ];
  });
}

const sentenceOf = ({ share, attack, floorUnpaid, honestUnpaid, informativeUnpaid }: Bound): string =>
  `${percent(share)}% spam: who knows every truth, but not which spam comes, and pays it 1%, leaves ` +
  `${percent(floorUnpaid)}% of correct honest work unpaid (${attack} binds); this market up to ${percent(honestUnpaid)}%, ` +
  `of contributors better than chance ${percent(informativeUnpaid)}%. Goals: ${percent(goals.honestUnpaidOfSpam)}%, ` +
  `beside rings ${percent(goals.honestUnpaidOfRing)}%`;

const percent = (share: number): string => (100 * share).toFixed(1);

/** The mean over sets and seeds. */
function measure(sets: readonly RecordedSet[], attack: Attack, share: number, options: Options): Scores {
  const scores: Scores[] = [];
  for (const set of sets) {
    for (let seed = 1; seed <= options.seeds; seed++) {
      process.stderr.write(`\r${attack} ${share} ${set.name} ${seed}`.padEnd(40));
      scores.push(playOnce(set, attack, share, options, seed));
    }
  }
  process.stderr.write(`\r${" ".repeat(40)}\r`);
  return addScores(scores);
}

function playOnce(
  set: RecordedSet,
  attack: Attack,
  share: number,
  { ringSize, copyDelay }: Options,
  seed: number,
): Scores {
  const random = seededRandom(seed * 7_919);
  const stream = inject(set, { attack, share, ringSize, copyDelay }, random);
  const options: ReplayOptions = {
    policy,
    targetPpm,
    controls: someControls(set, random),
    newcomerAnswers,
    newcomerBudget: Math.round(newcomerShare * stream.task.length),
  };
  return scoreReplay(stream, options.controls, replay(stream, options));
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

function readOptions(args: readonly string[]): Options {
  const value = (name: string, usual: string): string => {
    const at = args.indexOf(name);
    return at < 0 ? usual : (args[at + 1] ?? usual);
  };
  const folder = value("--folder", folders.find((each) => existsSync(each)) ?? (folders[0] as string));
  const names = value("--sets", usualSets.join(","));
  const sets = (names === "all" ? [...usualSets, ...moreSets] : names.split(",")).filter((name) => {
    if (!hasSet(folder, name)) console.error(`${name} is not in ${folder}: left out`);
    return hasSet(folder, name);
  });
  return {
    folder,
    sets,
    attacks: attacks.filter((each) => value("--attack", attacks.join(",")).split(",").includes(each)),
    shares: value("--share", "0.1,0.3,0.5").split(",").map(Number),
    seeds: Number(value("--seeds", "1")),
    ringSize: Number(value("--ring", "8")),
    copyDelay: Number(value("--delay", "0.005")),
  };
}

/** Where the recorded sets may be: beside the repository, as for the tests; rte alone is in it. */
const folders = ["../shared/data/truth", "examples"].map((folder) => join(process.cwd(), folder));
