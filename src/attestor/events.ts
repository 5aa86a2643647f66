import type { Abstention, Difference, Refusal } from "../market/settlement/differences.ts";
import { differenceText } from "../market/settlement/differences.ts";

/** What an attestor did, for people and for programs. */
export type AttestorEvent =
  | {
      readonly type: "signed";
      readonly epoch: bigint;
      readonly digest: string;
      readonly lanes: number;
      /** Replayed for this message. */
      readonly entries: number;
      readonly contributors: number;
      /** Base units, over all markets. */
      readonly allocated: bigint;
      readonly tookMs: number;
    }
  | {
      readonly type: "refused" | "abstained";
      readonly epoch: bigint;
      readonly digest: string;
      readonly difference: Difference<Refusal | Abstention>;
    }
  /** The chain has it, by whomever. */
  | { readonly type: "committed"; readonly epoch: bigint; readonly digest: string }
  /** This attestor brought it onto the chain. */
  | { readonly type: "sent"; readonly epoch: bigint; readonly digest: string }
  /** Something has to pass or to be mended first. */
  | { readonly type: "waiting"; readonly problem: string };

/** One line for people. */
export function eventText(event: AttestorEvent): string {
  switch (event.type) {
    case "signed": {
      const { epoch, lanes, entries, contributors, allocated, tookMs } = event;
      const counted = `${entries} new entries in ${lanes} lanes, ${allocated} owed to ${contributors}`;
      return `epoch ${epoch}: signed (${counted}; ${tookMs} ms)`;
    }
    case "refused":
      return `epoch ${event.epoch}: refused, ${differenceText(event.difference)}`;
    case "abstained":
      return `epoch ${event.epoch}: abstained, ${differenceText(event.difference)}`;
    case "committed":
      return `epoch ${event.epoch}: committed on chain`;
    case "sent":
      return `epoch ${event.epoch}: nobody sent it, so this attestor did`;
    case "waiting":
      return `waiting: ${event.problem}`;
  }
}

/** One object for programs: amounts and epochs as decimal text. */
export const eventJson = (event: AttestorEvent): object =>
  JSON.parse(
    JSON.stringify(event, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
  ) as object;
