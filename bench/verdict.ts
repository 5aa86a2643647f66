import { coinRow, type MarketModel, newcomerModel } from "#src/verification/overlap/market-model";
import { nextStep } from "#src/verification/overlap/next-step";
import { presets } from "#src/verification/overlap/policy";
import { type CastVote, posterior } from "#src/verification/overlap/posterior";
import { seededRandom } from "./random.ts";

/**
 * The cost of what a submission adds to a verdict with overlap 5: the posterior of its task over the votes so far (one to
 * five), and whether another answer is worth its price. Processor time, median of rounds, one core.
 */
export async function benchVerdict(args: readonly string[]): Promise<object> {
  const say = args.includes("--json") ? console.error : console.log;
  say("classes  microseconds a submission");
  const cases = classesOfCases.map((classes) => {
    const found = { classes, microsecondsPerSubmission: measure(classes) };
    say(`${classes}`.padEnd(9) + found.microsecondsPerSubmission.toFixed(3));
    return found;
  });
  const most = Math.max(...cases.map((each) => each.microsecondsPerSubmission));
  return { microsecondsPerSubmission: most, cases };
}

const classesOfCases = [2, 4, 8, 100];
const overlap = 5;
const tasks = 4_000;
const contributors = 1_000;
const rounds = 25;
const warmUps = 5;

function measure(classes: number): number {
  const random = seededRandom(classes);
  const model: MarketModel = {
    ...newcomerModel(classes),
    rows: new Map(
      Array.from({ length: contributors }, (_, each) => [each, coinRow(classes, 0.55 + (0.4 * each) / contributors)]),
    ),
  };
  const votes = Array.from({ length: tasks }, () =>
    Array.from({ length: overlap }, (_, i): CastVote[] =>
      Array.from({ length: i + 1 }, () => ({
        contributor: Math.floor(random() * contributors),
        label: random() < 0.7 ? 0 : Math.floor(random() * classes),
      })),
    ),
  ).flat();
  const times = Array.from({ length: warmUps + rounds }, () => timeOf(model, votes)).slice(warmUps);
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] as number;
}

function timeOf(model: MarketModel, tasksVotes: readonly (readonly CastVote[])[]): number {
  const start = process.cpuUsage();
  let asking = 0;
  for (const votes of tasksVotes) {
    if (nextStep(model, presets.balanced, posterior(model, votes), votes.length) === "asking") asking++;
  }
  const { user, system } = process.cpuUsage(start);
  if (asking > tasksVotes.length) throw new Error("more tasks ask than there are");
  return (user + system) / tasksVotes.length;
}
