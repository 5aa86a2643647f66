import type { AnswerType } from "./answer.ts";
import { nameOf, readNames } from "./answer.ts";

const itemsMax = 100;

/** The items in order, the best first; where `top` is less than all, only that many. The answer is their indices. */
export interface RankingSchema {
  readonly type: "ranking";
  readonly items: readonly string[];
  readonly top: number;
}

export const ranking: AnswerType<RankingSchema, readonly number[]> = {
  readSchema(field) {
    const fields = field.fields("type", "items", "top");
    const items = fields.items.texts(2, itemsMax);
    return { type: "ranking", items, top: fields.top.orNull((each) => each.integer(1, items.length)) ?? items.length };
  },
  read(schema, field, form) {
    const order = readNames(schema.items, field, form);
    if (order.length !== schema.top) field.fail(`must have ${schema.top} items`);
    return order;
  },
  toPeople: (schema, answer) => answer.map((index) => nameOf(schema.items, index)),
};
