import { formatSlot } from "../core/slot.ts";
import type { EventView } from "../engine/types.ts";
import { isObject } from "./values.ts";

/** What an entry says about one task. A turn's entry speaks of two: the one answered and the one assigned next. */
export const concerns = (event: EventView, task: number): boolean =>
  event.task === task || nextOrdinal(event, task) !== null;

/** The ordinal of the slot of this task that a turn assigned, or null. */
function nextOrdinal({ data }: EventView, task: number): number | null {
  const next = isObject(data) ? data["next"] : undefined;
  return isObject(next) && next["task"] === task && typeof next["ordinal"] === "number" ? next["ordinal"] : null;
}

const ownOrdinal = ({ data }: EventView): number | null => {
  const ordinal = isObject(data) ? data["ordinal"] : undefined;
  return typeof ordinal === "number" ? ordinal : null;
};

export type TaskStep =
  | { readonly step: "assigned" | "answered"; readonly slot: string }
  | { readonly step: "settled"; readonly sequence: number };

/**
 * Follows what happens to one task, and knows whether somebody still works on it: a question whose deadline has passed
 * is over as soon as nobody does.
 */
export class TaskFollower {
  readonly #task: number;
  readonly #open = new Set<number>();
  readonly #answered = new Set<number>();

  constructor(task: number) {
    this.#task = task;
  }

  /** Nobody holds a slot of the task, and no answer waits for a verdict. */
  get isIdle(): boolean {
    return this.#open.size === 0 && this.#answered.size === 0;
  }

  steps(event: EventView): TaskStep[] {
    const steps: TaskStep[] = [];
    if (event.task === this.#task) steps.push(...this.#ownSteps(event));
    const next = nextOrdinal(event, this.#task);
    if (next !== null) steps.push(this.#assigned(next));
    return steps;
  }

  #ownSteps(event: EventView): TaskStep[] {
    if (event.kind === "settled") return [{ step: "settled", sequence: event.sequence }];
    const ordinal = ownOrdinal(event);
    if (ordinal === null) return [];
    switch (event.kind) {
      case "assigned":
        return [this.#assigned(ordinal)];
      case "submitted":
        this.#open.delete(ordinal);
        this.#answered.add(ordinal);
        return [{ step: "answered", slot: this.#slot(ordinal) }];
      case "expired":
      case "voided":
      case "faulted":
        this.#open.delete(ordinal);
        this.#answered.delete(ordinal);
        return [];
      default:
        return [];
    }
  }

  #assigned(ordinal: number): TaskStep {
    this.#open.add(ordinal);
    return { step: "assigned", slot: this.#slot(ordinal) };
  }

  #slot(ordinal: number): string {
    return formatSlot({ task: this.#task, ordinal });
  }
}
