import type { AgreeParameters } from "../primitives/agree.ts";
import type { AttestParameters } from "../primitives/attest.ts";
import type { AuditParameters } from "../primitives/audit.ts";
import type { MatchParameters } from "../primitives/match.ts";
import type { MeterParameters, MeterUnit } from "../primitives/meter.ts";
import type { ReplayParameters } from "../primitives/replay.ts";
import type { WitnessParameters } from "../primitives/witness.ts";

/** Units at some points; between two points linear, outside of them the nearest point's. */
export interface ScaleTable {
  readonly points: readonly { readonly from: number; readonly to: number }[];
}

/** When what was held back is released. */
export type Release =
  | { readonly type: "delay"; readonly delayMs: number }
  /** The contributor has had that many submissions checked in this market. */
  | { readonly type: "checked"; readonly checkedMin: number }
  /** As many events were measured, so that chance cancels out. */
  | { readonly type: "events"; readonly eventsMin: number };

export interface EscalateParameters {
  readonly of: Composition;
  readonly to: "answers" | "review" | "panel";
  /** From when it became clear that the rules alone do not decide. */
  readonly windowMs: number;
  /** What holds once the window has passed without a decision. */
  readonly otherwise: "accepted" | "rejected";
  /** Of a panel; zero where it is not one. */
  readonly seats: number;
  readonly acceptedMin: number;
}

/**
 * How a submission is verified: primitives and combinators as data. Each node is an object with one field, the name of
 * the primitive or combinator.
 */
export type Composition =
  | { readonly all: readonly Composition[] }
  | { readonly any: readonly Composition[] }
  | { readonly min: readonly Composition[] }
  | {
      readonly scale:
        | { readonly of: Composition; readonly sharePpm: number }
        | ({ readonly of: Composition } & ScaleTable);
    }
  | { readonly holdback: { readonly of: Composition; readonly sharePpm: number; readonly until: Release } }
  | { readonly escalate: EscalateParameters }
  | { readonly attest: AttestParameters }
  | { readonly match: MatchParameters }
  | { readonly agree: AgreeParameters }
  | { readonly replay: ReplayParameters }
  | { readonly meter: MeterParameters }
  | { readonly witness: WitnessParameters }
  | { readonly audit: AuditParameters };

/** What units are counted in: parts per million of the reward, or what the composition meters. */
export type Unit = "ppm" | MeterUnit;

export interface Spec {
  /** Selects the rules: an old specification is verified for ever by the rules of its time. */
  readonly version: number;
  readonly composition: Composition;
}
