import type { Json } from "../../core/json.ts";

/**
 * Why a finding or a verdict is what it is: a code of the one catalogue, and the numbers or texts it rests on. What is
 * compared stands in `actual` (what was there), `expected` (what had to be there) and `limit` (what it had to keep to).
 */
export interface Reason<Code extends ReasonCode = ReasonCode> {
  readonly code: Code;
  readonly expected?: Json;
  readonly actual?: Json;
  readonly limit?: Json;
}

type Fact = "expected" | "actual" | "limit";
type Facts<Needed extends Fact> = { readonly [Each in Needed]: Json };

interface Entry<Needed extends Fact> {
  /** The facts a reason of this code carries, and no others. */
  readonly facts: readonly Needed[];
  readonly what: (facts: { readonly [Each in Needed]: string }) => string;
  readonly next: string;
}

const entry = <const Needed extends Fact = never>(
  facts: readonly Needed[],
  what: (facts: { readonly [Each in Needed]: string }) => string,
  next: string,
): Entry<Needed> => ({ facts, what, next });

const nothingToDo = "There is nothing to do.";
const appeal = "Appeal if you think your answer is right; the first appeal in a market is free.";
const doAgain = "Take another task and follow its instructions; this submission cannot be changed.";
const wait = "Wait; the verdict comes by itself.";

/**
 * Append only: a released code never changes its place or its meaning. Every code may stand in a market's log, where
 * `src/market/entries.ts` has its number.
 */
export const reasonCatalogue = {
  AGREES: entry([], () => "The answer agrees with the accepted one.", nothingToDo),
  DISAGREES: entry(
    ["expected", "actual"],
    ({ expected, actual }) => `The answer ${actual} differs from the accepted one, ${expected}.`,
    appeal,
  ),
  UNDECIDED: entry(
    [],
    () => "The answers to this task did not agree well enough to say which one is right.",
    nothingToDo,
  ),
  CONTROL_MATCHED: entry([], () => "The answer to a control task is right.", nothingToDo),
  CONTROL_MISSED: entry(
    ["expected"],
    ({ expected }) =>
      `The answer to a control task is wrong; the right one was committed to as ${expected} before and is shown once the control retires.`,
    appeal,
  ),
  CONTROL_RATE_LOW: entry(
    ["actual", "limit"],
    ({ actual, limit }) =>
      `${actual} parts per million of the control tasks were answered right, and this market asks for ${limit}.`,
    "Answer more carefully: right answers to further control tasks raise the share.",
  ),
  CONTROL_VOIDED: entry(
    [],
    () =>
      "This was a control task whose hidden answer was contradicted by qualified contributors; it no longer counts.",
    nothingToDo,
  ),
  REVIEW_ACCEPTED: entry([], () => "The requester reviewed the answer and accepted it.", nothingToDo),
  REVIEW_REJECTED: entry([], () => "The requester reviewed the answer and rejected it.", appeal),
  REVIEW_LATE: entry(
    [],
    () => "Nobody reviewed the answer in time, so what the market set for that case holds.",
    nothingToDo,
  ),
  APPEAL_WON: entry([], () => "The appeal was won: the panel agrees with the answer.", nothingToDo),
  APPEAL_LOST: entry([], () => "The appeal was lost: the panel does not agree with the answer.", nothingToDo),
  APPEAL_UNANSWERED: entry([], () => "Nobody of the panel answered in time, so the appeal was won.", nothingToDo),

  // Anywhere
  EVIDENCE_MISSING: entry(
    ["expected"],
    ({ expected }) => `The submission does not contain ${expected}, which this kind of work needs.`,
    doAgain,
  ),
  FAULT: entry(
    ["actual", "limit"],
    ({ actual, limit }) =>
      `Our own machines failed ${actual} times to check this, and ${limit} is where we stop trying.`,
    "It is our fault and counts neither for nor against you. Take another task.",
  ),

  // Attest
  SIGNATURE_INVALID: entry(
    [],
    () => "The signature does not fit the submission.",
    "Sign in again and submit once more.",
  ),
  NONCE_WRONG: entry(
    ["expected", "actual"],
    ({ expected, actual }) => `The submission carries the code ${actual}, and the task's is ${expected}.`,
    doAgain,
  ),
  NONCE_REPLAYED: entry(["actual"], ({ actual }) => `The code ${actual} was used before.`, doAgain),
  TOO_EARLY: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `It is dated ${actual} ms, before the window that begins at ${limit} ms.`,
    "Set the clock of your device, and work inside the window.",
  ),
  TOO_LATE: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `It is dated ${actual} ms, after the window that ends at ${limit} ms.`,
    "Take the task again if it is still offered.",
  ),
  OWNER_OF_MARKET: entry(
    [],
    () => "The contributor belongs to whoever pays for this market.",
    "Nobody is paid in their own market; work in another one.",
  ),
  OWNER_TWICE: entry(
    [],
    () => "The same owner has already answered this task, perhaps with another key.",
    "One answer an owner and task is paid; take another task.",
  ),
  CAP_EXCEEDED: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `The owner already has ${actual} paid submissions, and ${limit} is the most here.`,
    "Work in another market, or wait until the cap counts anew.",
  ),

  // Match
  SHAPE_WRONG: entry(
    ["expected", "actual"],
    ({ expected, actual }) => `The answer has ${actual} where there should be ${expected}.`,
    doAgain,
  ),
  DIGEST_DIFFERS: entry(
    ["expected", "actual"],
    ({ expected, actual }) => `The content's hash is ${expected}, and the submission says ${actual}.`,
    "Send the content unchanged.",
  ),
  VALUE_DIFFERS: entry(
    ["expected", "actual", "limit"],
    ({ expected, actual, limit }) => `The value ${actual} is further than ${limit} from ${expected}.`,
    appeal,
  ),

  // Agree
  SCORE_LOW: entry(
    ["actual", "limit"],
    ({ actual, limit }) =>
      `The answer agrees to ${actual} parts per million with the accepted one; ${limit} are needed.`,
    appeal,
  ),
  QUORUM_DIFFERS: entry(
    ["expected", "actual"],
    ({ expected, actual }) => `Enough independent owners found ${expected}, and the submission says ${actual}.`,
    "Check that your machine computes the same as others; take another task.",
  ),
  EQUIVOCATED: entry(
    [],
    () => "The same owner gave two different results for one task, so neither counts.",
    "Run one node a task.",
  ),
  GROUP_DISAGREES: entry(
    ["actual", "limit"],
    ({ actual, limit }) =>
      `In the group that agrees least, ${actual} parts per million agree; ${limit} are needed in each group.`,
    appeal,
  ),
  BRIDGE_LOW: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `Support across groups is ${actual} parts per million; ${limit} are needed.`,
    appeal,
  ),
  BRIDGE_ONE_SIDED: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `Support depends on one side by ${actual} parts per million; less than ${limit} is needed.`,
    appeal,
  ),
  CHALLENGED: entry([], () => "Somebody challenged the claim in time.", "Wait for the panel, if this market has one."),
  UNCHALLENGED: entry([], () => "Nobody challenged the claim in time, or no panel came to a majority.", nothingToDo),
  PANEL_ACCEPTED: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `${actual} of the panel accepted; ${limit} are needed.`,
    nothingToDo,
  ),
  PANEL_REJECTED: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `${actual} of the panel rejected, so that ${limit} acceptances cannot be reached.`,
    appeal,
  ),

  // Replay
  FUEL_USED_UP: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `The program used ${actual} units of fuel; ${limit} were declared.`,
    "Make the program do less work; the same fuel is used on every machine.",
  ),
  MEMORY_USED_UP: entry(
    ["limit"],
    ({ limit }) => `The program needed more than the ${limit} bytes of memory that were declared.`,
    "Make the program use less memory.",
  ),
  OUTPUT_TOO_LARGE: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `The program put out ${actual} bytes; ${limit} are the most.`,
    "Make the program put out less.",
  ),
  TRAPPED: entry([], () => "The program ended with an error.", "Run it yourself on the task's input and mend it."),
  OUTPUT_DIFFERS: entry(
    ["expected", "actual"],
    ({ expected, actual }) => `Run again it gives ${expected}, and the submission says ${actual}.`,
    "Take out whatever depends on time, chance or your machine.",
  ),
  NOT_DETERMINISTIC: entry(
    ["actual"],
    ({ actual }) => `${actual} runs on the same input differ.`,
    "Take out whatever depends on time, chance or the machine.",
  ),
  NOT_REPRODUCED: entry(
    [],
    () => "What the submission claims does not happen when it is run.",
    "Check it against the pinned target, and submit an input that shows it every time.",
  ),
  FIRES_ON_CONTROLS: entry(
    [],
    () => "The check also fires where nothing is wrong.",
    "Make the check fire on the fault only.",
  ),

  // Meter
  SERIES_MALFORMED: entry(
    ["actual"],
    ({ actual }) => `The series is not made of whole numbers and times: ${actual}.`,
    "Send integers in the unit of this kind of work.",
  ),
  SERIES_UNORDERED: entry(
    ["actual"],
    ({ actual }) => `The times of the series do not strictly increase (at reading ${actual}).`,
    "Send each reading once, in the order of time.",
  ),
  SERIES_OUTSIDE_WINDOW: entry(
    ["actual", "expected"],
    ({ actual, expected }) => `A reading at ${actual} ms lies outside the window ${expected}.`,
    "Send the readings of the task's window only.",
  ),
  COVERAGE_LOW: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `Good readings cover ${actual} parts per million of the window; ${limit} are needed.`,
    "Keep the device running and connected; gaps are never filled in.",
  ),
  READINGS_OUT_OF_BOUNDS: entry(
    ["actual"],
    ({ actual }) => `${actual} readings lie outside of what the device can measure and count as gaps.`,
    "Check the device.",
  ),
  READINGS_JUMP: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `${actual} readings jump by more than ${limit} from the one before and count as gaps.`,
    "Check the device and where it stands.",
  ),
  READINGS_CONSTANT: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `${actual} readings did not change for more than ${limit} ms and count as gaps.`,
    "Check that the device still measures.",
  ),
  QUANTITY_LOW: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `The measured quantity is ${actual}; ${limit} is the least that is paid.`,
    doAgain,
  ),
  QUANTITY_CAPPED: entry(
    ["limit"],
    ({ limit }) => `More was measured than the ${limit} that are paid at most.`,
    nothingToDo,
  ),
  METERS_DIFFER: entry(
    ["expected", "actual"],
    ({ expected, actual }) =>
      `The submission says ${actual} and the other side measured ${expected}; no more than the lesser is paid.`,
    nothingToDo,
  ),
  BASELINE_UNRELIABLE: entry(
    ["actual", "limit"],
    ({ actual, limit }) =>
      `The baseline misses by ${actual} parts per million on days without an event; ${limit} is the most.`,
    "The meter cannot take part until its use can be foretold better.",
  ),

  // Witness
  PLACE_MALFORMED: entry(["actual"], ({ actual }) => `The place is none: ${actual}.`, doAgain),
  PLACE_INACCURATE: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `The place is known to ${actual} mm only; ${limit} mm are needed.`,
    "Wait under the open sky until your device knows its place better.",
  ),
  PLACE_FAR: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `It is ${actual} mm from the task's place; ${limit} mm is the most.`,
    "Go closer.",
  ),
  SPEED_IMPLAUSIBLE: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `Between two places the speed was ${actual} mm/s; ${limit} mm/s is the most.`,
    "Send the places where your device really was.",
  ),
  TRACK_SHORT: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `The track has ${actual} places; at least ${limit} are needed.`,
    doAgain,
  ),
  OBSERVERS_FEW: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `${actual} independent observers saw it; ${limit} are needed.`,
    "Independent is who has another owner and stands in another cell.",
  ),

  // Audit
  NOT_SELECTED: entry([], () => "The submission was not drawn for a recheck.", nothingToDo),
  RECHECK_AGREES: entry([], () => "The submission was drawn for a recheck and stood it.", nothingToDo),
  RECHECK_DIFFERS: entry([], () => "The submission was drawn for a recheck, which found something else.", appeal),
  CANARY_MISSED: entry([], () => "The task held a hidden check, and the submission missed it.", appeal),

  // Waiting
  WAITING: entry(["expected"], ({ expected }) => `The verdict waits for ${expected}.`, wait),
  ESCALATED: entry(
    ["expected"],
    ({ expected }) => `It is not decided by the rules alone and goes to ${expected}.`,
    wait,
  ),

  // A market's policy, by all that it learned of its contributors
  NOT_CONTRADICTED: entry([], () => "The answer is not the accepted one, but may well be right too.", nothingToDo),
  NEWCOMER: entry([], () => "The answer is paid from what the market set aside for newcomers.", nothingToDo),
  UNPROVEN: entry(
    [],
    () => "The answers of this contributor do not show yet that somebody looks at the tasks.",
    appeal,
  ),
  UNINFORMATIVE: entry([], () => "The answers of this contributor say nothing about the tasks.", appeal),
  COPIED: entry([], () => "The answers of this contributor are those of another one.", appeal),

  // Accepted by checks that have nothing to say
  CHECKS_PASSED: entry([], () => "The submission passed every check of the market.", nothingToDo),

  // Match, of crashes
  DUPLICATE: entry(
    ["actual"],
    ({ actual }) => `Somebody found this fault before: their commitment is ${actual}.`,
    "Look for another fault; commit to it before you say more of it.",
  ),

  // Witness, of pictures, radio and what others did
  PICTURE_MALFORMED: entry(
    ["actual"],
    ({ actual }) => `The picture cannot be looked at: ${actual}.`,
    "Send a JPEG as a camera writes it, of at least 128 by 128 pixels.",
  ),
  PICTURE_DUPLICATE: entry(
    ["actual"],
    ({ actual }) => `The same picture came with submission ${actual} before.`,
    "Take a picture of your own, at the place and for this task.",
  ),
  PICTURE_ALIKE: entry(
    ["actual", "limit", "expected"],
    ({ actual, limit, expected }) =>
      `The picture differs in ${actual} bits from that of submission ${expected}; up to ${limit} it is a copy.`,
    "Take a picture of your own, at the place and for this task.",
  ),
  CLOCKS_DIFFER: entry(
    ["actual", "limit"],
    ({ actual, limit }) =>
      `The camera's clock and the satellites' time in the picture are ${actual} ms apart, time zones aside; ${limit} ms is the most.`,
    "Set the clock of your device.",
  ),
  DEVICE_OTHER: entry(
    ["expected", "actual"],
    ({ expected, actual }) => `It was measured by the device ${actual}, and comes from ${expected}.`,
    "Each device sends what it measured itself, with its own key.",
  ),
  DENIED: entry(["actual"], ({ actual }) => `The device ${actual} is shut out of this market.`, appeal),
  EDGE_DENIED: entry(
    ["actual", "expected"],
    ({ actual, expected }) => `The devices ${actual} and ${expected} are shut out from hearing each other.`,
    appeal,
  ),
  SELF_WITNESS: entry([], () => "The device heard its own beacon.", "Report the beacons of others."),
  BEACON_IRREGULAR: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `The beacon came ${actual} ms after the device's last one; ${limit} ms have to lie between.`,
    "Wait for the next beacon.",
  ),
  LAG_LONG: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `The report came ${actual} ms after the first event of its beacon; ${limit} ms is the most.`,
    "Report at once; connect the device better.",
  ),
  PAYLOAD_DIFFERS: entry(
    ["expected", "actual"],
    ({ expected, actual }) => `The beacon said ${expected}, and the report says ${actual}.`,
    "Report what was received, unchanged.",
  ),
  CAPABILITY_MISSING: entry([], () => "The device only forwards, and cannot take part.", nothingToDo),
  FREQUENCY_DIFFERS: entry(
    ["expected", "actual", "limit"],
    ({ expected, actual, limit }) =>
      `The beacon was sent at ${expected} Hz and heard at ${actual} Hz; ${limit} Hz is the most.`,
    "Report the frequency in Hz that the radio gives.",
  ),
  REGION_DIFFERS: entry(
    ["expected", "actual"],
    ({ expected, actual }) => `The beacon was sent in region ${expected}, and the device is set to ${actual}.`,
    "Set the device to the region where it stands.",
  ),
  CELLS_NEAR: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `The devices are ${actual} cells apart; at least ${limit} have to lie between.`,
    "Devices that stand together say nothing about coverage.",
  ),
  SIGNAL_STRONG: entry(
    ["actual", "limit"],
    ({ actual, limit }) =>
      `The signal is ${actual} millionths of a decibel over a milliwatt; over that distance it can be ${limit} at most.`,
    "Assert the place where the device stands, and the antenna that it has.",
  ),
  AREA_CAPPED: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `${actual} submissions from this cell are paid already, and ${limit} is the most here.`,
    "Measure somewhere else.",
  ),
  EDGE_CAPPED: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `${actual} reports between these two devices are paid already, and ${limit} is the most.`,
    "Hear other devices.",
  ),
  OUT_OF_HOURS: entry(
    ["actual", "expected"],
    ({ actual, expected }) => `It was done at ${actual} local time; this work is done ${expected}.`,
    "Come back by day.",
  ),
  AREA_DENIED: entry(
    ["actual"],
    ({ actual }) => `The cell ${actual} lies in an area that this market keeps out of.`,
    "Take another task, and stay out of such areas.",
  ),
  PERIODS_THIN: entry(
    ["actual"],
    ({ actual }) => `${actual} periods had too few good readings and count as gaps.`,
    "Keep the device running and connected.",
  ),
  UNIT_WRONG: entry(
    ["expected", "actual"],
    ({ expected, actual }) => `The readings are in ${actual}; they have to be in ${expected}.`,
    "Convert the readings, and say their unit.",
  ),
  INTERVAL_WRONG: entry(
    ["actual", "limit"],
    ({ actual, limit }) =>
      `Intervals of ${actual} ms cannot be used: they must divide an hour, begin with one, and last at most ${limit} ms.`,
    "Send the meter's own intervals.",
  ),
  EVENTS_FEW: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `Only ${actual} events count; what was saved is told over ${limit} at least.`,
    "Take part in more events.",
  ),
  BASELINE_DAYS_FEW: entry(
    ["actual", "limit"],
    ({ actual, limit }) => `Only ${actual} days can be compared with; a baseline needs ${limit}.`,
    "Send the readings of the weeks before the events as well.",
  ),
  BASELINE_BIASED: entry(
    ["actual", "limit"],
    ({ actual, limit }) =>
      `On days without an event the baseline is ${actual} parts per million too high; ${limit} is the most.`,
    "The meter cannot take part by this method.",
  ),
  EVENT_LOAD: entry(
    ["expected", "actual"],
    ({ expected, actual }) => `In an event ${actual} was used where ${expected} was to be expected.`,
    nothingToDo,
  ),
} as const satisfies Readonly<Record<string, Entry<Fact>>>;

export type ReasonCode = keyof typeof reasonCatalogue;

/** In the order of their numbers. */
export const reasonCodes = Object.keys(reasonCatalogue) as readonly ReasonCode[];

const numbers: ReadonlyMap<string, number> = new Map(reasonCodes.map((code, number) => [code, number]));

/** Its place in this catalogue; a market's log numbers its reasons by a list of its own. */
export const reasonNumber = (code: ReasonCode): number => numbers.get(code) as number;

type FactOf<Code extends ReasonCode> = (typeof reasonCatalogue)[Code]["facts"][number];

/** A reason with exactly the facts that its code has. */
export const reason = <Code extends ReasonCode>(
  code: Code,
  ...facts: [FactOf<Code>] extends [never] ? [] : [Facts<FactOf<Code>>]
): Reason<Code> => ({ code, ...facts[0] });

/** The longest text a fact becomes in a sentence, in UTF-16 units. */
const factTextMax = 80;

/** For people: what happened, and what to do next. */
export function explainReason({ code, ...facts }: Reason): { readonly what: string; readonly next: string } {
  const { what, next } = reasonCatalogue[code] as Entry<Fact>;
  return {
    what: what({ expected: textOf(facts.expected), actual: textOf(facts.actual), limit: textOf(facts.limit) }),
    next,
  };
}

function textOf(fact: Json | undefined): string {
  const text = typeof fact === "string" ? fact : (JSON.stringify(fact) ?? "nothing");
  return text.length <= factTextMax ? text : `${text.slice(0, factTextMax - 1)}…`;
}
