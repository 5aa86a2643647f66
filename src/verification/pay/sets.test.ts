import { describe, expect, it } from "vitest";
import { congruential, labelsHeard } from "../../../test/support/pay-crowds.ts";
import { readSet, setFolder } from "../../../test/support/truth-sets.ts";
import { undiscountedPpm } from "../overlap/posterior.ts";
import { assess } from "./assess.ts";
import { defaultPayPolicy as policy } from "./policy.ts";
import { ruleAnswer, type Standing } from "./rule.ts";
import { createWindow, type PlacedTriples } from "./window.ts";

/** Attackers injected into recorded answers, all judged at the close. `npm run bench -- attack` does so as they come. */
const folders = ["rte", "SP_amt", "dog"].map((name) => [name, setFolder(name)] as const);
const ringSize = 8;
const targetPpm = 900_000;

describe.each(folders)("on %s, of which attackers give three answers in ten", (_, folder) => {
  it.skipIf(folder === null).each(["random", "constant", "ring"] as const)("%s answers are hardly paid", (attack) => {
    const { toAttackers, accuracy, informed } = payFor(folder as string, attack);
    expect(toAttackers).toBeLessThan(0.02);
    expect(accuracy).toBeGreaterThan(0.82);
    // Of the contributors that are right twice as often as not, nearly all are paid for it.
    expect(informed).toBeGreaterThan(0.9);
  });
});

interface Answers {
  readonly task: number[];
  readonly contributor: number[];
  readonly label: number[];
}

function payFor(
  folder: string,
  attack: "random" | "constant" | "ring",
): { toAttackers: number; accuracy: number; informed: number } {
  const { answers, truth } = readSet(folder);
  const given: Answers = { task: [], contributor: [], label: [] };
  for (let t = 0; t < answers.tasks; t++) {
    for (let i = answers.offsets[t] as number; i < (answers.offsets[t + 1] as number); i++) {
      const code = answers.codes[i] as number;
      give(given, t, Math.floor(code / answers.classes), code % answers.classes);
    }
  }
  const contributors = addAttackers(given, answers.tasks, answers.contributors, answers.classes, attack);
  const controls = truth.map((class_, t) => (t % 20 === 7 && class_ >= 0 ? class_ : -1));
  const triples: PlacedTriples = {
    tasks: answers.tasks,
    contributors: contributors + 1,
    classes: answers.classes,
    ...given,
    place: given.task.map((_, i) => i),
  };
  return judge(triples, controls, truth, answers.contributors);
}

function give({ task, contributor, label }: Answers, t: number, w: number, l: number): void {
  task.push(t);
  contributor.push(w);
  label.push(l);
}

/** Returns how many contributors there are then. */
function addAttackers(
  given: Answers,
  tasks: number,
  contributors: number,
  classes: number,
  attack: "random" | "constant" | "ring",
): number {
  const random = congruential(11);
  const below = (count: number): number => Math.floor(random() * count);
  const wanted = Math.round((given.task.length * 3) / 7);
  const each = Math.min(Math.floor(wanted / ringSize), tasks);
  const together = Int32Array.from({ length: tasks }, () => below(classes));
  let next = contributors;
  for (let added = 0; added + each <= wanted; added += each) {
    const start = attack === "ring" ? 0 : below(tasks);
    for (let k = 0; k < each; k++) {
      const task = (start + k) % tasks;
      const said = { random: below(classes), constant: next % classes, ring: together[task] as number };
      give(given, task, next, said[attack]);
    }
    next++;
  }
  return next;
}

function judge(
  triples: PlacedTriples,
  controls: Int32Array,
  truth: Int32Array,
  firstAttacker: number,
): { toAttackers: number; accuracy: number; informed: number } {
  const assessment = assess(createWindow(triples, controls), policy);
  const { task, contributor, label } = triples;
  const labels = labelsHeard(triples, controls, assessment);
  const paidTo = new Float64Array(triples.contributors);
  const rightBy = new Float64Array(triples.contributors);
  const rightPaid = new Float64Array(triples.contributors);
  const by = new Float64Array(triples.contributors);
  for (let i = 0; i < task.length; i++) {
    const [t, w, choice] = [task[i] as number, contributor[i] as number, label[i] as number];
    const { model, votes, found } = labels[t] as (typeof labels)[number];
    const { verdict } = ruleAnswer(policy, {
      standing: assessment.standing[w] as Standing,
      oddsMillinats: assessment.oddsMillinats[w] as number,
      label: found.confidencePpm >= targetPpm ? "decided" : "split",
      isLabel: choice === found.choice,
      answerPpm: undiscountedPpm(model, votes, choice),
      isNewcomer: false,
      isClosing: true,
    });
    const isPaid = Number(verdict === "accepted");
    const isRight = Number(choice === truth[t]);
    paidTo[w] = (paidTo[w] as number) + isPaid;
    by[w] = (by[w] as number) + 1;
    rightBy[w] = (rightBy[w] as number) + isRight;
    rightPaid[w] = (rightPaid[w] as number) + isRight * isPaid;
  }
  const sum = (values: Float64Array, isCounted: (w: number) => boolean): number =>
    values.reduce((total, each, w) => total + (isCounted(w) ? each : 0), 0);
  const isInformed = (w: number): boolean => w < firstAttacker && (rightBy[w] as number) * 3 > (by[w] as number) * 2;
  const known = [...truth.keys()].filter((t) => (truth[t] as number) >= 0);
  return {
    toAttackers: sum(paidTo, (w) => w >= firstAttacker) / sum(paidTo, () => true),
    accuracy: known.filter((t) => labels[t]?.found.choice === truth[t]).length / known.length,
    informed: sum(rightPaid, isInformed) / sum(rightBy, isInformed),
  };
}
