import { describe, expect, it } from "vitest";
import { knownTasks } from "../judge.ts";
import { lexicon } from "./lexicon.ts";
import { careful, type Reader } from "./reader.ts";
import { type Example, familyOf, readShown, type Shown } from "./shown.ts";
import { machineTasks } from "./tasks.ts";

const { examples: exampleTasks, controls, asked, truth } = machineTasks(await knownTasks());

const examplesOf = (tasks: typeof asked): readonly Example[] =>
  tasks.map(({ id, content }) => ({ shown: readShown(content) as Shown, answer: truth.get(id) as string }));
const examples = examplesOf(exampleTasks);
/** What no word list was written with. */
const heldOut = examplesOf([...controls, ...asked]);

function score(reader: Reader, tasks: readonly Example[]) {
  const read = tasks.filter(({ shown }) => reader.read(shown) !== null);
  const right = read.filter(({ shown, answer }) => reader.read(shown) === answer).length;
  return { read: read.length, right, chance: read.reduce((sum, { shown }) => sum + 1 / shown.choices.length, 0) };
}

const task = (id: string, labels: readonly string[], ...texts: readonly string[]): Shown => ({
  id,
  question: "?",
  choices: labels.map((label, i) => ({ id: "abc"[i] as string, label })),
  content: texts.map((text, i) => ({ label: labels[i] as string, text })),
});

const tone = (text: string): string | null => lexicon.read(task("tone-1", ["Friendly", "Neutral", "Hostile"], text));
const liking = (text: string): string | null =>
  lexicon.read(task("sentiment-1", ["Positive", "Negative", "Mixed"], text));
const better = (a: string, b: string): string | null => lexicon.read(task("wording-1", ["A", "B"], a, b));

describe("the lexicon", () => {
  it("hears a tone by its words, and takes plain information for neutral", () => {
    expect(tone("Thank you, that was lovely!")).toBe("a");
    expect(tone("The library closes at six.")).toBe("b");
    expect(tone("You pathetic liar.")).toBe("c");
    expect(tone("Thanks for the waste of a day.")).toBeNull();
    expect(tone("Did you see it?")).toBeNull();
  });

  it("weighs praise and blame, and turns what a negation turns", () => {
    expect(liking("The soup was excellent.")).toBe("a");
    expect(liking("The bread was stale.")).toBe("b");
    expect(liking("The view is superb, but the rooms are damp.")).toBe("c");
    expect(liking("This was not a good evening.")).toBe("b");
    expect(liking("Nothing here is broken.")).toBe("a");
    expect(liking("It is a door.")).toBeNull();
  });

  it.each([
    ["She didn't see nobody.", "She didn't see anybody."],
    ["He has went home.", "He has gone home."],
    ["I wonder where is the key.", "I wonder where the key is."],
    ["Every informations are new.", "All the information is new."],
    ["Walking home, the rain began.", "As we walked home, the rain began."],
    ["This soup is more hot.", "This soup is hotter."],
  ])("finds the mistake in %j and not in %j", (wrong, right) => {
    expect([better(wrong, right), better(right, wrong)]).toEqual(["b", "a"]);
  });

  it("has no opinion of two good sentences, of another family, or of content it does not know", () => {
    expect(better("It rains.", "It is raining.")).toBeNull();
    expect(lexicon.read(task("product-1", ["Yes", "No"], "Mug", "Mug"))).toBeNull();
    expect([readShown(null), readShown("text"), readShown({ id: "tone-1", question: "?" })]).toEqual([
      null,
      null,
      null,
    ]);
  });
});

describe("the careful reader on the tasks that ship", () => {
  const reader = careful(() => lexicon, examples);

  it("is right far more often than chance on tasks it was not written with, and the same every time", () => {
    const { read, right, chance } = score(reader, heldOut);
    expect(read).toBeGreaterThanOrEqual(10);
    expect(right / read).toBeGreaterThan(0.7);
    expect(right).toBeGreaterThan(1.5 * chance);
    expect(
      score(
        careful(() => lexicon, [...examples].reverse()),
        heldOut,
      ),
    ).toEqual({ read, right, chance });
  });

  it("leaves the families in which the examples prove it wrong, or prove nothing", () => {
    const families = new Set(
      heldOut.filter(({ shown }) => reader.read(shown) !== null).map(({ shown }) => familyOf(shown)),
    );
    expect([...families].sort()).toEqual(["tone", "wording"]);
    expect(
      score(
        careful(() => lexicon, examples.slice(0, 3)),
        heldOut,
      ).read,
    ).toBe(0);
  });

  it("tries itself on an example without having learned from it", () => {
    const parrot = (known: readonly Example[]): Reader => ({
      read: (shown) => known.find((each) => each.shown === shown)?.answer ?? null,
    });
    expect(score(careful(parrot, examples), examples).read).toBe(0);
  });
});

describe("the tasks for machine and people", () => {
  it("are parted so that no answer that is public is asked for, and only examples and controls carry one", () => {
    const ids = [...exampleTasks, ...controls, ...asked].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => truth.has(id))).toBe(true);
    expect(asked.every((each) => each.control === undefined)).toBe(true);
    expect([...exampleTasks, ...controls].every(({ id, control }) => control === truth.get(id))).toBe(true);
    expect([exampleTasks.length, controls.length, asked.length]).toEqual([17, 9, 34]);
  });
});
