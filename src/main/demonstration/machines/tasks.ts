import type { NewTask } from "../../../contract/tasks.ts";
import type { KnownTask } from "../judge.ts";

/** The tasks of the market for people and machines, in the order in which they are added. */
export interface MachineTasks {
  /** Answered in public before work begins: what a model may learn from. */
  readonly examples: readonly NewTask[];
  /** Answered in secret: what everybody is measured by. */
  readonly controls: readonly NewTask[];
  /** What the requester wants to know; the demonstration knows the answers too, and tells nobody. */
  readonly asked: readonly NewTask[];
  /** The right answer of every task, by its id. */
  readonly truth: ReadonlyMap<string, string>;
}

/** Of six known tasks two are examples, one is a control task and three are asked. */
const parts = ["control", "example", "asked", "asked", "example", "asked"] as const;

/** How something was liked, how it sounds, and which sentence is better English: questions of language. */
const language = /^(sentiment|tone|wording)-/;

export function machineTasks(known: readonly KnownTask[]): MachineTasks {
  const texts = known.map((each, i) => ({ ...each, part: parts[i % parts.length] })).filter(isOfLanguage);
  const of = (wanted: (typeof parts)[number]) => texts.filter(({ part }) => part === wanted);
  const closed = ({ task, answer }: KnownTask): NewTask => ({ ...task, control: answer });
  return {
    examples: of("example").map(closed),
    controls: of("control").map(closed),
    asked: of("asked").map(({ task }) => task),
    truth: new Map(texts.map(({ task, answer }) => [task.id, answer])),
  };
}

const isOfLanguage = ({ task }: KnownTask): boolean => language.test(task.id);
