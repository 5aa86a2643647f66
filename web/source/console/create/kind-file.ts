import type { NewMarket } from "../../../../src/contract/markets.ts";
import type { WireComposition } from "../../../../src/contract/verification.ts";

type Template = Readonly<Partial<NewMarket>>;

interface Begun {
  readonly answer: NewMarket["answer"];
  readonly reward: string;
  /** How many answer a task, and how certain it gets. */
  readonly overlap: { readonly min: number; readonly max: number; readonly target: number };
}

/** What a new market takes from the file of its kind. */
export interface KindFile {
  readonly kind: string;
  readonly template: Omit<Template, keyof Begun> & Begun;
  /** What other ways to answer have in place of it. */
  readonly templates: Readonly<Record<string, Template>>;
  /** What such a market must not ask for, in the words of the file. */
  readonly guardrails: readonly string[];
  /** How submissions are verified, with the kind's own parameters. */
  readonly composition: WireComposition;
}
