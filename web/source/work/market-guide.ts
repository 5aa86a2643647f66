import type { Market } from "../../../src/contract/markets.ts";
import type { Json } from "../../../src/core/json.ts";

/** What a market's specification may say to those who work in it. A server of another version may not say it. */
export interface MarketGuide {
  /** Markdown. */
  readonly guide: string | null;
  readonly examples: readonly {
    readonly content: Json;
    readonly answer: Json;
    readonly good: boolean;
    readonly why: string;
  }[];
  /** How to ask for an answer; undefined where the type of answer says it. */
  readonly template: string | undefined;
  /** For the page: what to ask above each task, and which parts of its content to show. */
  readonly parameters: { readonly [name: string]: Json };
}

interface Said {
  readonly guide?: string | null;
  readonly examples?: MarketGuide["examples"];
  readonly template?: { readonly id?: string; readonly parameters?: MarketGuide["parameters"] };
}

export function guideOf(market: Market | null): MarketGuide {
  const { guide = null, examples = [], template = {} } = (market ?? {}) as Said;
  return { guide, examples, template: template.id, parameters: template.parameters ?? {} };
}
