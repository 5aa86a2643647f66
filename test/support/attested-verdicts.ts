import { decodeLane, encodeLane } from "../../src/attestor/stored-lane.ts";
import { sha256 } from "../../src/client/sha256.ts";
import { zero } from "../../src/core/amount.ts";
import { bytes32, toHex, toUtf8 } from "../../src/core/bytes.ts";
import { isEarnestError } from "../../src/core/errors.ts";
import { Field } from "../../src/core/field.ts";
import { canonicalJson, type Json } from "../../src/core/json.ts";
import type { MarketId } from "../../src/core/market-id.ts";
import { emptyLaneState, type SlotRecord } from "../../src/market/state.ts";
import { readContext, readEvidence } from "../../src/verification/algebra/read-case.ts";
import { readSpec, verify } from "../../src/verification/algebra/verify.ts";
import { verifyCase } from "../../src/verification/kinds/cases.ts";
import { composed, compositionOf } from "../../src/verification/kinds/compose.ts";
import { readKind, readVectors } from "../../src/verification/kinds/read-kind.ts";
import type { Evidence } from "../../src/verification/primitives/evidence.ts";
import type { KindFiles } from "./verdicts.ts";

/**
 * The verdict on every case as an attestor comes to it: the composition as the log's first entry has it, the evidence as
 * a lane that was stored and loaded again has it.
 */
export function attestedDigestsOf(files: readonly KindFiles[]): string[] {
  return files.flatMap(({ kind: kindText, vectors }) => {
    const kind = readKind(JSON.parse(kindText) as Json);
    return readVectors(JSON.parse(vectors) as Json).map(({ name, parameters, evidence, context }) => {
      const found = verdictOf(() => {
        const { version } = composed(kind, parameters);
        const text = canonicalJson({ version, composition: compositionOf(kind, parameters) });
        const spec = readSpec(new Field(JSON.parse(text) as Json, "spec"));
        // What a kind does not ask for is refused before there is anything to store.
        verifyCase(kind, { spec: { parameters }, evidence, context });
        return verify(
          spec,
          storedAndLoaded(readEvidence(new Field(evidence, "case.evidence"))),
          readContext(new Field(context, "case.context")),
        );
      });
      return `${kind.kind}, ${name}: ${toHex(sha256(toUtf8(found)))}`;
    });
  });
}

function storedAndLoaded(evidence: Evidence): Evidence {
  const state = emptyLaneState();
  state.market = "0".repeat(32) as MarketId;
  state.tasks.set(0, { slots: [slotWith(evidence)], settled: null });
  const loaded = decodeLane(encodeLane({ state, roots: [] }));
  const [slot] = loaded?.state.tasks.get(0)?.slots ?? [];
  return slot?.check?.evidence as Evidence;
}

const slotWith = (evidence: Evidence): SlotRecord => ({
  contributor: 1,
  budget: "free",
  state: "held",
  expiresAtMs: 1,
  panelOf: null,
  body: bytes32(new Uint8Array(32)),
  answer: 0,
  reason: null,
  counted: null,
  sequence: 1,
  stake: zero,
  panelHold: zero,
  commitment: null,
  check: {
    receivedAtMs: 1,
    evidence,
    group: null,
    lastSighting: null,
    measured: null,
    draw: null,
    units: 0,
    reserveUnits: 0,
    isOut: false,
    executions: [],
  },
});

/** Or what it is refused with. */
function verdictOf(give: () => object): string {
  try {
    return canonicalJson(give() as unknown as Json);
  } catch (error) {
    if (!isEarnestError(error)) throw error;
    return error.message;
  }
}

let given = "";
process.stdin.setEncoding("utf8").on("data", (part: string) => {
  given += part;
});
process.stdin.on("end", () => {
  process.stdout.write(JSON.stringify(attestedDigestsOf(JSON.parse(given) as KindFiles[])));
});
