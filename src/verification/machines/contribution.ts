/** A task that is no control task, with what it settled on, if it did, and its answers. Answers are compared as they are. */
export interface AnsweredTask<Answer> {
  readonly label: Answer | null;
  /** Of machines: what each said. */
  readonly machines: readonly Answer[];
  /** Of people: how many there are. */
  readonly people: number;
}

/** What machines gave to a market, and what people added. */
export interface Contribution {
  readonly answers: { readonly machines: number; readonly people: number };
  /** Answers of people to settled tasks. */
  readonly peopleOnSettled: number;
  readonly settled: number;
  /** Settled tasks, by whose answers they have. */
  readonly settledBy: { readonly machines: number; readonly people: number; readonly both: number };
  /** Settled tasks that both answered: the machines' label stands, or another one, or one of those they differ in. */
  readonly added: { readonly confirmed: number; readonly corrected: number; readonly helped: number };
}

export const noContribution: Contribution = {
  answers: { machines: 0, people: 0 },
  peopleOnSettled: 0,
  settled: 0,
  settledBy: { machines: 0, people: 0, both: 0 },
  added: { confirmed: 0, corrected: 0, helped: 0 },
};

/** Adds one task to a sum: markets may be larger than memory. */
export function addTask<Answer>(sum: Contribution, task: AnsweredTask<Answer>): Contribution {
  const { label, machines, people } = task;
  const answers = { machines: sum.answers.machines + machines.length, people: sum.answers.people + people };
  if (label === null) return { ...sum, answers };
  const by = machines.length === 0 ? "people" : people === 0 ? "machines" : "both";
  return {
    answers,
    peopleOnSettled: sum.peopleOnSettled + people,
    settled: sum.settled + 1,
    settledBy: { ...sum.settledBy, [by]: sum.settledBy[by] + 1 },
    added: by === "both" ? addHelp(sum.added, label, new Set(machines)) : sum.added,
  };
}

/** The sum of two parts of a market. */
export const sumOfContributions = (one: Contribution, other: Contribution): Contribution => ({
  answers: {
    machines: one.answers.machines + other.answers.machines,
    people: one.answers.people + other.answers.people,
  },
  peopleOnSettled: one.peopleOnSettled + other.peopleOnSettled,
  settled: one.settled + other.settled,
  settledBy: {
    machines: one.settledBy.machines + other.settledBy.machines,
    people: one.settledBy.people + other.settledBy.people,
    both: one.settledBy.both + other.settledBy.both,
  },
  added: {
    confirmed: one.added.confirmed + other.added.confirmed,
    corrected: one.added.corrected + other.added.corrected,
    helped: one.added.helped + other.added.helped,
  },
});

function addHelp<Answer>(
  added: Contribution["added"],
  label: Answer,
  said: ReadonlySet<Answer>,
): Contribution["added"] {
  const what = !said.has(label) ? "corrected" : said.size === 1 ? "confirmed" : "helped";
  return { ...added, [what]: added[what] + 1 };
}

/** What people alone would have given, less what they gave: below zero where it took more. */
export interface Saved {
  readonly answers: number;
  readonly share: number;
}

export const savedOf = (peopleAlone: number, people: number): Saved => ({
  answers: peopleAlone - people,
  share: peopleAlone === 0 ? 0 : (peopleAlone - people) / peopleAlone,
});
