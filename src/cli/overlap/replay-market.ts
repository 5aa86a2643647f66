import { chooseContributor } from "../../verification/overlap/choose.ts";
import { fitMarketModel } from "../../verification/overlap/fit-market-model.ts";
import { type MarketModel, newcomerModel } from "../../verification/overlap/market-model.ts";
import { type NextStep, nextStep } from "../../verification/overlap/next-step.ts";
import type { OverlapPolicy } from "../../verification/overlap/policy.ts";
import { type CastVote, type Posterior, posterior } from "../../verification/overlap/posterior.ts";
import { seededRandom, shuffle } from "./random.ts";
import { hasTruth, type Recording, shuffledVotes } from "./recording.ts";

export interface MarketOptions {
  readonly policy: OverlapPolicy;
  /** The share of tasks whose truth the market knows and hides: at least 10 if that is a tenth. They are paid, too. */
  readonly controls: number;
  readonly seed: number;
  /** Is told the share of tasks that are done. */
  readonly onProgress?: (done: number) => void;
  /** Sees every model that is adopted. */
  readonly onModel?: (model: MarketModel, answers: number) => void;
}

export interface MarketTask {
  readonly isControl: boolean;
  /** Bought so far. */
  readonly votes: readonly CastVote[];
  readonly found: Posterior;
  readonly end: NextStep;
}

export interface ReplayedMarket {
  readonly tasks: readonly MarketTask[];
  /** Answers bought from each contributor. */
  readonly answeredBy: Int32Array;
}

/** A new model when answers grew by a tenth, and by that many. */
const adoptedMin = 50;
const windowMax = 32_768;
/** Tasks that are open at a time: all get a first answer before any gets a second one. */
export const openMax = 1_000;
/** Control tasks run ahead by some answers, so that the model is calibrated before much depends on it: as many as most tasks get. */
const leadAnswers = 2;
const leadTasksMax = 200;

/** Replays a market over recorded answers: it can ask only who answered, and gets what they said. */
export function replayMarket(recording: Recording, options: MarketOptions): ReplayedMarket {
  return new Replay(recording, options).run();
}

/** Fewer control tasks than that say nothing; but no more than a tenth of the tasks unless that is asked for. */
const controlsMin = 10;

function controlCount(share: number, tasks: number): number {
  if (share === 0) return 0;
  return Math.max(Math.floor(share * tasks), Math.min(controlsMin, Math.floor(tasks / 10)));
}

interface OpenTask {
  readonly isControl: boolean;
  readonly votes: CastVote[];
  found: Posterior;
  end: NextStep;
}

class Replay {
  readonly #recording: Recording;
  readonly #options: MarketOptions;
  /** Who has not been asked yet, by task. */
  readonly #left: CastVote[][];
  readonly #tasks: OpenTask[];
  readonly #order: number[];
  readonly #controls = new Map<number, number>();
  readonly #answeredBy: Int32Array;
  readonly #log: { readonly task: number; readonly vote: CastVote }[] = [];
  #model: MarketModel;
  #adoptedAt = 0;

  constructor(recording: Recording, options: MarketOptions) {
    const { answers, truth } = recording;
    const random = seededRandom(options.seed);
    this.#recording = recording;
    this.#options = options;
    this.#left = shuffledVotes(recording, random);
    this.#order = shuffle([...truth.keys()], random).filter((t) => (this.#left[t] as CastVote[]).length > 0);
    const known = this.#order.filter((t) => (truth[t] as number) >= 0);
    for (const t of known.slice(0, controlCount(options.controls, known.length))) {
      this.#controls.set(t, truth[t] as number);
    }
    this.#model = newcomerModel(answers.classes);
    this.#answeredBy = new Int32Array(answers.contributors);
    this.#tasks = Array.from(truth, (_, t) => ({
      isControl: this.#controls.has(t),
      votes: [],
      found: posterior(this.#model, []),
      end: "exhausted",
    }));
  }

  run(): ReplayedMarket {
    for (const t of [...this.#controls.keys()].slice(0, leadTasksMax)) {
      for (let i = 0; i < leadAnswers; i++) this.#ask(t);
    }
    let open: number[] = [];
    let begun = 0;
    let turn = 0;
    while (open.length > 0 || begun < this.#order.length) {
      while (open.length < openMax && begun < this.#order.length) open.push(this.#order[begun++] as number);
      open = open.filter((t) => {
        if (++turn % 1_000 === 0) this.#options.onProgress?.((begun - open.length) / this.#order.length);
        return this.#isOpen(t) && this.#ask(t);
      });
    }
    return { tasks: this.#tasks, answeredBy: this.#answeredBy };
  }

  #isOpen(t: number): boolean {
    const task = this.#tasks[t] as OpenTask;
    task.found = posterior(this.#model, task.votes);
    task.end = nextStep(this.#model, this.#options.policy, task.found, task.votes.length);
    return task.end === "asking";
  }

  /** False where nobody is left to ask: the task ends with what it has. */
  #ask(t: number): boolean {
    const left = this.#left[t] as CastVote[];
    const task = this.#tasks[t] as OpenTask;
    if (left.length === 0) {
      task.end = "exhausted";
      return false;
    }
    const candidates = left.map(({ contributor }) => ({
      contributor,
      answered: this.#answeredBy[contributor] as number,
    }));
    const place = chooseContributor(this.#model, task.votes, candidates, this.#log.length);
    const vote = left.splice(place, 1)[0] as CastVote;
    task.votes.push(vote);
    this.#answeredBy[vote.contributor] = (this.#answeredBy[vote.contributor] as number) + 1;
    this.#log.push({ task: t, vote });
    const grown = this.#log.length - this.#adoptedAt;
    if (grown >= adoptedMin && grown * 10 >= this.#adoptedAt) this.#adopt();
    return true;
  }

  #adopt(): void {
    const { answers } = this.#recording;
    const latest = this.#log.slice(-windowMax);
    this.#adoptedAt = this.#log.length;
    this.#model = fitMarketModel({
      tasks: answers.tasks,
      contributors: answers.contributors,
      classes: answers.classes,
      task: Int32Array.from(latest, ({ task }) => task),
      contributor: Int32Array.from(latest, ({ vote }) => vote.contributor),
      label: Int32Array.from(latest, ({ vote }) => vote.label),
      controls: this.#controls,
    });
    this.#options.onModel?.(this.#model, this.#log.length);
  }
}

/** The tasks that count: answered, with known truth, and not given away to the market. */
export const scoredTasks = (recording: Recording, { tasks }: ReplayedMarket): number[] =>
  [...tasks.entries()]
    .filter(([t, { votes, isControl }]) => votes.length > 0 && !isControl && hasTruth(recording, t))
    .map(([t]) => t);
