import type { Item, ItemDetail } from "../../../../src/contract/items.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import type { NewTask, Task } from "../../../../src/contract/tasks.ts";
import type { Composition } from "../../../../src/verification/algebra/composition.ts";
import { primitivesOf } from "../create/kinds.ts";

/** Whether the market has an eye on control tasks, and still takes tasks. */
export const takesControls = ({ status, verification }: Pick<Market, "status" | "verification">): boolean =>
  (status === "open" || status === "paused") &&
  (verification === null ||
    primitivesOf(verification as unknown as Composition).some(
      (node) => "match" in node && node.match.type === "control",
    ));

/** Whether contributors settled it as surely as the market asks for: what ran out of answers before that did not. */
export const isSure = (
  { terms }: Pick<Market, "terms">,
  { control, decided, confidence }: Pick<Item, "control" | "decided" | "confidence">,
): boolean => !control && decided === true && confidence !== null && confidence >= terms.overlap.target;

/** How many paid answers to a task people gave, and how many machines. */
export function answeredBy({ slots }: Pick<ItemDetail, "slots">): {
  readonly people: number;
  readonly machines: number;
} {
  const paid = slots.filter(({ state }) => state === "accepted");
  const machines = paid.filter(({ automated }) => automated).length;
  return { people: paid.length - machines, machines };
}

const idCharactersMax = 200;

/**
 * A control task like a settled one: the same content and terms, and for its known answer what contributors settled on.
 * Its id says neither to whom is asked; and it is the same for the same task, so that no task becomes two controls.
 */
export function controlOf(
  market: Pick<Market, "terms">,
  { id, label }: Pick<ItemDetail, "id" | "label">,
  { content, terms }: Pick<Task, "content" | "terms">,
): NewTask {
  const isAsMarket = JSON.stringify(terms) === JSON.stringify(market.terms);
  return { id: `${id.slice(0, idCharactersMax - 2)}-2`, content, ...(!isAsMarket && { terms }), control: label };
}
