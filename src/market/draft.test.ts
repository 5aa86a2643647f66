import { describe, expect, it } from "vitest";
import { commitDraft, draftOf } from "./draft.ts";
import { emptyLaneState, type LaneState } from "./state.ts";
import type { Table } from "./table.ts";

const isTable = (value: unknown): value is Table<unknown, unknown> =>
  typeof value === "object" && value !== null && "edit" in value;

const names = Object.keys(emptyLaneState()) as readonly (keyof LaneState)[];

/** Another value in each field, and a record more in each table. */
function changed(state: LaneState): LaneState {
  const fields = state as unknown as Record<string, unknown>;
  for (const name of names) {
    const value = fields[name];
    if (isTable(value)) value.set(`new in ${name}`, { of: name });
    else fields[name] = { new: name };
  }
  return state;
}

/** What stands in each field, and the records of each table. */
const contentsOf = (state: LaneState) =>
  names.map((name) => {
    const value = state[name] as unknown;
    return [name, isTable(value) ? [...value.keys()].map((key) => [key, value.get(key)]) : value];
  });

describe("a draft", () => {
  it("leaves its base as it was, in every field", () => {
    const state = emptyLaneState();
    changed(draftOf(state));
    draftOf(state).books.free = 5n as never;
    expect(contentsOf(state)).toEqual(contentsOf(emptyLaneState()));
  });

  it("brings every field and table over, through a draft of a draft too", () => {
    const state = emptyLaneState();
    const outer = draftOf(state);
    const inner = draftOf(outer);
    changed(inner);
    expect(commitDraft(inner)).toBe(outer);
    expect(commitDraft(outer)).toBe(state);
    expect(contentsOf(state)).toEqual(contentsOf(changed(emptyLaneState())));
  });
});
