import { describe, expect, it } from "vitest";
import {
  explainReason,
  type Reason,
  type ReasonCode,
  reason,
  reasonCatalogue,
  reasonCodes,
  reasonNumber,
} from "./reasons.ts";

/** A reason of a code with facts that can be found in its sentence again. */
const anyReason = (code: ReasonCode): Reason => ({
  code,
  ...Object.fromEntries(reasonCatalogue[code].facts.map((fact) => [fact, `<${fact}>`])),
});

describe.each(reasonCodes)("%s", (code) => {
  const { what, next } = explainReason(anyReason(code));

  it("says what happened and what to do, in whole sentences", () => {
    for (const text of [what, next]) {
      expect(text).toMatch(/^[A-Z<].*[^.]\.$/s);
      expect(text).not.toMatch(/undefined|NaN|\[object/);
    }
  });

  it("tells every fact it carries", () => {
    for (const fact of reasonCatalogue[code].facts) expect(what).toContain(`<${fact}>`);
  });
});

describe("the catalogue", () => {
  it("begins as the log's reasons do, and only ever grows", () => {
    expect(reasonCodes).toEqual(numbered);
    expect(numbered.map((code) => reasonNumber(code as ReasonCode))).toEqual([...numbered.keys()]);
  });

  it("keeps long or strange facts from becoming long or strange sentences", () => {
    const { what } = explainReason(reason("DISAGREES", { expected: "x".repeat(500), actual: { a: [1, null] } }));
    expect(what.length).toBeLessThan(250);
    expect(what).toContain('{"a":[1,null]}');
    expect(what).toContain("…");
  });
});

/** By number. A code that moves changes what logs say: new ones go to the end, here too. */
const numbered: readonly string[] = `
  AGREES DISAGREES UNDECIDED CONTROL_MATCHED CONTROL_MISSED CONTROL_RATE_LOW CONTROL_VOIDED REVIEW_ACCEPTED
  REVIEW_REJECTED REVIEW_LATE APPEAL_WON APPEAL_LOST APPEAL_UNANSWERED EVIDENCE_MISSING FAULT
  SIGNATURE_INVALID NONCE_WRONG NONCE_REPLAYED TOO_EARLY TOO_LATE OWNER_OF_MARKET OWNER_TWICE CAP_EXCEEDED
  SHAPE_WRONG DIGEST_DIFFERS VALUE_DIFFERS SCORE_LOW QUORUM_DIFFERS EQUIVOCATED GROUP_DISAGREES BRIDGE_LOW
  BRIDGE_ONE_SIDED CHALLENGED UNCHALLENGED PANEL_ACCEPTED PANEL_REJECTED FUEL_USED_UP MEMORY_USED_UP
  OUTPUT_TOO_LARGE TRAPPED OUTPUT_DIFFERS NOT_DETERMINISTIC NOT_REPRODUCED FIRES_ON_CONTROLS SERIES_MALFORMED
  SERIES_UNORDERED SERIES_OUTSIDE_WINDOW COVERAGE_LOW READINGS_OUT_OF_BOUNDS READINGS_JUMP READINGS_CONSTANT
  QUANTITY_LOW QUANTITY_CAPPED METERS_DIFFER BASELINE_UNRELIABLE PLACE_MALFORMED PLACE_INACCURATE PLACE_FAR
  SPEED_IMPLAUSIBLE TRACK_SHORT OBSERVERS_FEW NOT_SELECTED RECHECK_AGREES RECHECK_DIFFERS CANARY_MISSED
  WAITING ESCALATED NOT_CONTRADICTED NEWCOMER UNPROVEN UNINFORMATIVE COPIED CHECKS_PASSED
  DUPLICATE
  PICTURE_MALFORMED PICTURE_DUPLICATE PICTURE_ALIKE CLOCKS_DIFFER DEVICE_OTHER DENIED EDGE_DENIED SELF_WITNESS
  BEACON_IRREGULAR LAG_LONG PAYLOAD_DIFFERS CAPABILITY_MISSING FREQUENCY_DIFFERS REGION_DIFFERS CELLS_NEAR
  SIGNAL_STRONG AREA_CAPPED EDGE_CAPPED OUT_OF_HOURS AREA_DENIED PERIODS_THIN
  UNIT_WRONG INTERVAL_WRONG EVENTS_FEW BASELINE_DAYS_FEW BASELINE_BIASED EVENT_LOAD
`
  .trim()
  .split(/\s+/);
