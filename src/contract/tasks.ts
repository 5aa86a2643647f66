import { z } from "zod";
import type { Json } from "../core/json.ts";
import { ownTerms, terms } from "./terms.ts";
import { count, json, page, text } from "./wire.ts";

export const tasksPerRequestMax = 1_000;

/** A task as its requester describes it. `control` is the known answer: it stays hidden. */
export const newTask = z.strictObject({
  id: text(200).meta({ description: "The requester's own id, unique in the market." }),
  content: json.meta({ description: "What contributors see: any JSON." }),
  terms: ownTerms.optional(),
  control: json.optional().meta({ description: "The right answer: then it is a control task." }),
});
export type NewTask = z.input<typeof newTask>;
export type NewTaskFilled = z.output<typeof newTask>;

interface Plain {
  readonly id: string;
  readonly content: Json;
}

const plainId = /^[\x21-\x7e]{1,200}$/;

/** An id and a content, which may be anything, and nothing else: most rows of an import, for which the schema has no work. */
function isPlain(value: object): value is Plain {
  for (const name in value) if (name !== "id" && name !== "content") return false;
  return "id" in value && typeof value.id === "string" && plainId.test(value.id);
}

/** A row of an import as a task, or what is wrong in words that are the same for all rows with that problem. */
export function checkedTask(value: Json): NewTaskFilled | string {
  if (value === null || typeof value !== "object" || !Object.hasOwn(value, "content")) return "has no content";
  if (isPlain(value)) return value;
  const checked = newTask.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const path = issue?.path.map(String).join(".") ?? "";
  return path === "" ? `${issue?.message}` : `${path}: ${issue?.message}`;
}

export const newTasks = z.strictObject({ tasks: z.array(newTask).min(1).max(tasksPerRequestMax) });

export const addedTasks = z.strictObject({ first: count, count });
export type AddedTasks = z.output<typeof addedTasks>;

export const task = z.strictObject({ task: count, lane: count, id: z.string(), content: json, terms });
export type Task = z.output<typeof task>;

export const taskPage = page(task);
