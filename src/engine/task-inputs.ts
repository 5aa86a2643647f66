import { toHex } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { Field } from "../core/field.ts";
import type { Hash } from "../core/hash.ts";
import type { Json } from "../core/json.ts";
import { taskInputs } from "../market/executed.ts";
import { type Known, readKnown } from "../market/known.ts";
import type { NewTask } from "./types.ts";

/** What the network runs for a task, by name. */
export type KnownRuns = NonNullable<Known["runs"]>;

/**
 * What will be executed must be there, or submissions would wait for it for ever.
 *
 * @param runs of the market, for tasks that have none of their own
 * @throws MALFORMED_REQUEST
 */
export function requireInputs(hash: Hash, { externalId, content, terms }: NewTask, runs: KnownRuns): void {
  const inputs = Object.values(ownRuns(terms) ?? runs).flatMap(({ input }) => ("hash" in input ? [input.hash] : []));
  if (inputs.length === 0) return;
  const there = new Set(taskInputs(content).map((bytes) => toHex(hash(bytes))));
  const missing = inputs.find((each) => !there.has(each));
  if (missing === undefined) return;
  const problem = `has no input with the hash ${missing} in its content, {"inputs": {"name": "base64"}}`;
  throw earnestError("MALFORMED_REQUEST", { where: `task ${externalId.slice(0, 80)}`, problem });
}

/** Null where the task has those of its market. */
function ownRuns(terms: Json | null): KnownRuns | null {
  const { known } = (terms ?? {}) as { readonly known?: Json };
  return known === undefined || known === null ? null : (readKnown(new Field(known, "terms.known")).runs ?? {});
}
