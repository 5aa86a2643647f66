import type { Composition } from "../../../../src/verification/algebra/composition.ts";
import { partsOf } from "../../../../src/verification/algebra/units.ts";
import type { PictureParameters } from "../../../../src/verification/primitives/picture.ts";
import type { WitnessParameters } from "../../../../src/verification/primitives/witness.ts";

export type TrackParameters = Extract<WitnessParameters, { readonly type: "track" }>;

/** What a market's composition asks for beside the answer, as far as a page can bring it. */
export interface FieldNeeds {
  /** Where the device was. */
  readonly track: (Pick<TrackParameters, "name"> & Partial<TrackParameters>) | null;
  /** Whether the way itself is paid for: then it is recorded as long as somebody goes it. */
  readonly isWay: boolean;
  readonly picture: PictureParameters | null;
  /** Whether a submission says when it was done. */
  readonly hasTime: boolean;
  /** Whether something is looked at that only a device or a program can bring. */
  readonly isForDevices: boolean;
}

export const noNeeds: FieldNeeds = { track: null, isWay: false, picture: null, hasTime: false, isForDevices: false };

/** By what a market says of its verification; the server has read and checked it. */
export function fieldNeedsOf(verification: object | null | undefined): FieldNeeds {
  const nodes = verification === null || verification === undefined ? [] : nodesOf(verification as Composition);
  const witnesses = nodes.flatMap((node) => ("witness" in node ? [node.witness] : []));
  const way = nodes.flatMap((node) => ("meter" in node && node.meter.type === "fresh" ? [node.meter] : []))[0];
  const track = witnesses.find(({ type }) => type === "track") as TrackParameters | undefined;
  return {
    track: track ?? (way === undefined ? null : { name: way.name }),
    isWay: way !== undefined,
    picture: witnesses.find((each) => each.type === "picture") ?? null,
    hasTime: witnesses.length > 0 || nodes.some(hasClock),
    isForDevices: nodes.some(isForDevices),
  };
}

const hasClock = (node: Composition): boolean => "attest" in node && (node.attest.clockSkewMsMax ?? null) !== null;

function isForDevices(node: Composition): boolean {
  if ("witness" in node) return node.witness.type === "radio";
  if ("meter" in node) return node.meter.type !== "fresh";
  if ("match" in node) return node.match.type === "digest" || node.match.type === "crash";
  if ("agree" in node) return node.agree.type === "quorum";
  return "replay" in node || "audit" in node;
}

/** The primitives of a composition. */
function nodesOf(node: Composition): readonly Composition[] {
  const parts = partsOf(node);
  return parts.length === 0 ? [node] : parts.flatMap(nodesOf);
}
