import { type Example, familyOf, type Shown } from "./shown.ts";

/** Something that reads tasks: a small model. */
export interface Reader {
  /** The id of the choice it takes; null where it has no opinion. */
  read(shown: Shown): string | null;
}

/** Fewer examples of a family show nothing of how well it is read. */
const examplesMin = 4;
const rightMin = 0.9;

/**
 * An honest contributor does what it can do: of each family it reads the examples whose answers are public, and takes
 * up only the families in which it was right nine times in ten. `readerOf` makes the reader from the examples it may
 * learn from, which are all but the one it is tried on (leave one out).
 */
export function careful(readerOf: (examples: readonly Example[]) => Reader, examples: readonly Example[]): Reader {
  const families = new Set(examples.map(({ shown }) => familyOf(shown)));
  const able = new Set([...families].filter((family) => isAble(readerOf, examples, family)));
  const reader = readerOf(examples);
  return { read: (shown) => (able.has(familyOf(shown)) ? reader.read(shown) : null) };
}

function isAble(readerOf: (examples: readonly Example[]) => Reader, examples: readonly Example[], family: string) {
  const tried = examples
    .filter(({ shown }) => familyOf(shown) === family)
    .map((example) => ({
      answer: example.answer,
      read: readerOf(examples.filter((other) => other !== example)).read(example.shown),
    }))
    .filter(({ read }) => read !== null);
  const right = tried.filter(({ read, answer }) => read === answer).length;
  return tried.length >= examplesMin && right >= rightMin * tried.length;
}
