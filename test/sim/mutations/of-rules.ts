import { substitute } from "../link/seam.ts";
import { type Mutation, nothing } from "./mutation.ts";

export const skippedSignature: Mutation = {
  name: "skipped-signature",
  what: "The server takes every signature for a good one.",
  plant: nothing,
  parts: { verify: () => Promise.resolve(true) },
};

export const modelOutOfOrder: Mutation = {
  name: "model-out-of-order",
  what: "Two models change places: the later is adopted before the earlier.",
  plant: () => {
    substitute("market/model#nextModel", (original, values) => {
      const model = (original as unknown as (...asked: readonly unknown[]) => { readonly version: number })(...values);
      return { ...model, version: model.version % 2 === 1 ? model.version + 1 : model.version - 1 };
    });
  },
};
