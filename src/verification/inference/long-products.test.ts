import { describe, expect, it } from "vitest";
import { createAnswers } from "./answers.ts";
import { createTables, expectStates } from "./expectation.ts";

/** One task with as many answers as there are labels given, by two contributors: label l is 1e-12 likely in some state. */
function posteriorOf(states: number, given: readonly number[]): number[] {
  const answers = createAnswers({
    tasks: 1,
    contributors: 1,
    classes: states,
    task: given.map(() => 0),
    contributor: given.map(() => 0),
    label: given,
  });
  const tables = createTables(answers, states);
  tables.prior.fill(1);
  for (let label = 0; label < states; label++) {
    for (let z = 0; z < states; z++) tables.likelihoods[label * states + z] = z === label ? 0.9 : 1e-12;
  }
  expectStates(answers, tables, null);
  return [...tables.posterior];
}

const times = (count: number, label: number): number[] => Array.from({ length: count }, () => label);

describe.each([2, 3, 4])("a task with very many answers among %d states", (states) => {
  it("has the posterior of what one label has more than the other, however improbable both became", () => {
    const even = posteriorOf(states, [...times(500, 0), ...times(500, 1)]);
    expect(even[0]).toBeCloseTo(0.5, 9);
    expect(even[1]).toBeCloseTo(0.5, 9);
    const uneven = posteriorOf(states, [...times(500, 0), ...times(501, 1)]);
    expect(uneven[1]).toBeCloseTo(1, 9);
    expect(uneven[0]).toBeGreaterThan(0);
  });

  it("is certain where nothing speaks against it", () => {
    const posterior = posteriorOf(states, times(3_000, 1));
    expect(posterior[1]).toBe(1);
    expect(posterior[0]).toBe(0);
  });
});
