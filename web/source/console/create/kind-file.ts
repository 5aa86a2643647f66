import type { NewMarket } from "../../../../src/contract/markets.ts";
import type { WireComposition } from "../../../../src/contract/verification.ts";
import type words from "../../../messages/console/en.json";

export type GuardrailKey = Extract<keyof typeof words, `guardrail.${string}`>;

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
  /** What such a market must not ask for: the texts that say in other languages too what the file says. */
  readonly guardrails: readonly GuardrailKey[];
  /** How submissions are verified, with the kind's own parameters. */
  readonly composition: WireComposition;
}
