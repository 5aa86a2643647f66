import type { Contributor } from "../../../client/contributor.ts";
import { Earnest } from "../../../client/earnest.ts";
import type { Market, NewMarket } from "../../../contract/markets.ts";
import type { Offer } from "../../../contract/work.ts";
import { toHex } from "../../../core/bytes.ts";
import { bodyHashOf } from "../../../core/statements.ts";
import { sha256 } from "../../crypto.ts";
import { prepareMarket, type Requester } from "../market.ts";
import { lexicon } from "./lexicon.ts";
import { automated, simulatedAnswer, take } from "./people.ts";
import { careful } from "./reader.ts";
import { openedAnswers, type PublicRecord, readPublic } from "./recorded.ts";
import { type Example, readShown } from "./shown.ts";
import type { MachineTasks } from "./tasks.ts";

export interface Play {
  readonly requester: Requester;
  readonly server: string;
  readonly tasks: MachineTasks;
  readonly stopped: AbortSignal;
}

/** With machines, or the same tasks and the same people without: what is compared. */
export interface Arm {
  /** Under which it is remembered between starts. */
  readonly key: string;
  readonly title: string;
  readonly machines: boolean;
}

export const together: Arm = { key: "machines", title: "Simulated people and machines", machines: true };
export const peopleAlone: Arm = { key: "people", title: "Simulated people alone", machines: false };

export const people = 8;
/** Each of them begins with so many control tasks. */
const controlsFirst = 7;
const overlapMax = 5;
/** So long a slot stays taken by a start that was cut short. */
const leaseSeconds = 60;
/** A label that certain settles a task, whoever's answers made it so. */
export const target = 0.9;

const market: NewMarket = {
  title: "",
  kind: "judge",
  reward: "0.02",
  answer: { type: "choice", choices: ["a", "b", "c", "d"] },
  overlap: { min: 1, max: overlapMax, target },
  leaseSeconds,
};

/**
 * Brings one of the two markets to its end: examples are answered in public, everybody is measured by control tasks,
 * the machine answers what it can read, and people are asked where that is not enough. Goes on where an earlier start
 * was cut short, and does nothing where all is done.
 */
export async function playArm(play: Play, arm: Arm): Promise<Market> {
  const { requester, tasks } = play;
  const { client } = requester;
  const { examples, controls, asked } = tasks;
  const everybody = people + 1;
  let prepared = await prepareMarket(requester, {
    key: arm.key,
    market: { ...market, title: arm.title },
    tasks: examples,
    slots: asked.length * overlapMax + controls.length * everybody,
  });
  if (prepared.taskCount === examples.length) {
    await client.markets.retireControls(prepared.id);
    await client.markets.addTasks(prepared.id, controls);
  }
  const persons = await personsOf(play);
  if (prepared.taskCount < examples.length + controls.length + asked.length) {
    if (arm.machines) await machineWorks(play, prepared.id);
    for (const [i, person] of persons.entries()) await answerControls(play, prepared.id, person, i);
    await client.markets.addTasks(prepared.id, asked);
  }
  prepared = await client.markets.get(prepared.id);
  if (await isSettled(play, prepared.id)) return prepared;
  if (arm.machines) await machineWorks(play, prepared.id);
  await peopleWork(play, prepared.id, persons);
  for (let waited = 0; waited < 2 * leaseSeconds && !(await isSettled(play, prepared.id)); waited++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await peopleWork(play, prepared.id, persons);
  }
  return await client.markets.get(prepared.id);
}

interface Person {
  readonly name: string;
  readonly contributor: Contributor;
}

const personsOf = ({ server, requester }: Play): Promise<readonly Person[]> =>
  Promise.all(
    Array.from({ length: people }, async (_, i) => {
      const name = `person ${i}`;
      return { name, contributor: await automated(server, requester.seed, name) };
    }),
  );

export const machineOf = ({ server, requester }: Pick<Play, "server" | "requester">): Promise<Contributor> =>
  automated(server, requester.seed, "lexicon");

/** Reads all tasks, learns from those whose answers are public, and answers the others it can read. */
async function machineWorks(play: Play, id: string): Promise<void> {
  const machine = await machineOf(play);
  const record = await readPublic(new Earnest({ server: play.server }), id);
  const examples = examplesOf(record);
  const known = new Set(examples.map(({ shown }) => shown.id));
  const reader = careful(() => lexicon, examples);
  for (const { task, id: name, content } of record.tasks) {
    play.stopped.throwIfAborted();
    const shown = readShown(content);
    const answer = shown === null || known.has(name) ? null : reader.read(shown);
    const offer = answer === null ? null : await take(machine, id, task);
    if (offer !== null && answer !== null) await submit(play, id, machine, offer, answer);
  }
}

function examplesOf(record: PublicRecord): readonly Example[] {
  const opened = openedAnswers(record);
  return record.tasks.flatMap(({ id, content }) => {
    const [shown, answer] = [readShown(content), opened.get(id)];
    return shown === null || answer === undefined ? [] : [{ shown, answer }];
  });
}

/** Different people begin at different controls. */
async function answerControls(play: Play, id: string, person: Person, place: number): Promise<void> {
  const { examples, controls } = play.tasks;
  for (let i = 0; i < Math.min(controlsFirst, controls.length); i++) {
    play.stopped.throwIfAborted();
    const offer = await take(person.contributor, id, examples.length + ((place + i) % controls.length));
    if (offer !== null) await reply(play, id, person, offer);
  }
}

/** By turns, each takes what the market gives, until it has nothing for anybody. */
async function peopleWork(play: Play, id: string, persons: readonly Person[]): Promise<void> {
  for (let working = true; working; ) {
    working = false;
    for (const person of persons) {
      play.stopped.throwIfAborted();
      const offer = await take(person.contributor, id);
      if (offer === null) continue;
      await reply(play, id, person, offer);
      working = true;
    }
  }
}

async function reply(play: Play, id: string, { name, contributor }: Person, offer: Offer): Promise<void> {
  const { task } = offer;
  const { choices = [] } = task.terms.answer;
  const given = simulatedAnswer(name, task.id, choices, play.tasks.truth.get(task.id) as string);
  await submit(play, id, contributor, offer, given);
}

/** Keeps the answer first: the report asks who answered what, and the log does not say it. */
async function submit(
  { requester: { kept } }: Play,
  id: string,
  contributor: Contributor,
  { slot }: Offer,
  answer: string,
): Promise<void> {
  const works = await contributor.salted(id, [{ slot, body: { answer } }]);
  for (const { body } of works) await kept.keepAnswer(id, toHex(bodyHashOf(sha256, body)), answer);
  await contributor.submit(id, works);
}

/** Whether every task that was asked has a label. */
async function isSettled({ requester, tasks }: Play, id: string): Promise<boolean> {
  let settled = 0;
  for await (const { control } of requester.client.markets.results(id)) if (!control) settled++;
  return settled >= tasks.asked.length;
}
