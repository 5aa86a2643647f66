import type { Idle } from "./caps.ts";

/** What can be lent. */
export const lendings = ["bandwidth", "compute", "energy"] as const;
export type Lending = (typeof lendings)[number];

/** A slot in hand. */
export interface Held {
  readonly market: string;
  readonly title: string;
  readonly slot: string;
  readonly expiresAtMs: number;
}

/** What was done in a slot, in what suits its kind. */
export interface Done {
  readonly pages?: number;
  readonly bytes?: number;
  /** In the sandbox. */
  readonly milliseconds?: number;
  readonly readings?: number;
}

/** What became of a slot. */
export interface Outcome {
  readonly state: string;
  readonly reason: string | null;
  readonly reward: string;
}

interface SlotEvent extends Done, Outcome {
  /** `held` until its verdict, which others may have a part in. */
  readonly kind: "paid" | "unpaid" | "held";
  readonly lending: Lending;
  readonly market: string;
  readonly title: string;
  readonly slot: string;
}

/** What a node tells its owner. */
export type NodeEvent =
  | { readonly kind: "connected"; readonly lending: Lending; readonly to: string }
  | { readonly kind: "disconnected"; readonly lending: Lending; readonly problem: string; readonly againMs: number }
  /** Others come first, because of what a check of the gateway found; null once that is over. */
  | { readonly kind: "standing"; readonly lending: Lending; readonly check: string | null }
  | { readonly kind: "idle"; readonly lending: Lending; readonly why: Idle | NothingToDo }
  | {
      readonly kind: "begun";
      readonly lending: Lending;
      readonly market: string;
      readonly title: string;
      readonly slot: string;
    }
  | SlotEvent
  | { readonly kind: "refused"; readonly market: string; readonly slot: string; readonly code: string };

/** Why there is nothing to do although there might be. */
export type NothingToDo = "no work" | "waiting for readings";

/** A line of the log, as the node itself writes it. */
export type SlotLine = SlotEvent & { readonly timeMs: number };

/** In a few words: "8 pages, 12000 bytes". */
export const doneText = ({ pages, bytes, milliseconds, readings }: Done): string =>
  [
    [pages, "pages"],
    [bytes, "bytes"],
    [milliseconds, "ms of computing"],
    [readings, "readings"],
  ]
    .flatMap(([count, what]) => (count === undefined ? [] : [`${count} ${what}`]))
    .join(", ");
