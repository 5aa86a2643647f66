import { clearState, type Draft, framesOfState } from "../draft.ts";
import { type Captures, matchLine, type Pattern, pattern } from "../pattern.ts";
import { lines, type RuleGroup } from "../rule.ts";
import { strip } from "../texts.ts";

/**
 * What UndefinedBehaviorSanitizer says behind `runtime error:`, and the type that it is; the first that is in the text
 * counts, so that what contains another stands before it. Source: ClusterFuzz, stacktraces/constants.py, and the
 * messages of LLVM's compiler-rt/lib/ubsan/ubsan_handlers.cpp.
 */
const reasons: readonly (readonly [message: string, type: string])[] = [
  ["{}assumption is violated during execution", "Assumption-violation"],
  ["{}division by zero", "Divide-by-zero"],
  ["{}outside the range of representable values", "Float-cast-overflow"],
  ["{}implicit conversion from type", "Implicit-conversion"],
  ["{}call to function {} through pointer to incorrect function type", "Incorrect-function-pointer-type"],
  ["{}out of bounds for type", "Index-out-of-bounds"],
  ["{}not a valid value for type 'bool'", "Invalid-bool-value"],
  ["{}not a valid value for type 'BOOL'", "Invalid-bool-value"],
  ["{}, which is not a valid argument", "Invalid-builtin-use"],
  ["{}misaligned address", "Misaligned-address"],
  ["{}reached the end of a value-returning function", "No-return-value"],
  ["{}null pointer passed as {}, which is declared to never be null", "Invalid-null-argument"],
  ["{}load of null pointer", "Null-dereference READ"],
  ["{}binding to null pointer", "Null-dereference"],
  ["{}access within null pointer", "Null-dereference"],
  ["{}call on null pointer", "Null-dereference"],
  ["{}store to null pointer", "Null-dereference WRITE"],
  ["{}address {} with insufficient space for an object of type", "Object-size"],
  ["{}addition of unsigned offset ", "Pointer-overflow"],
  ["{}subtraction of unsigned offset ", "Pointer-overflow"],
  ["{}pointer index expression with base ", "Pointer-overflow"],
  ["{}applying non-zero offset {} to null pointer", "Pointer-overflow"],
  ["{}applying zero offset to null pointer", "Pointer-overflow"],
  ["{}null pointer returned from function declared to never return null", "Invalid-null-return"],
  ["{}shift", "Undefined-shift"],
  ["{}execution reached an unreachable program point", "Unreachable code"],
  ["{}unsigned integer overflow", "Unsigned-integer-overflow"],
  ["{}variable length array bound evaluates to non-positive value", "Non-positive-vla-bound-value"],
  ["{}not a valid value for type", "Invalid-enum-value"],
  ["{}integer overflow", "Integer-overflow"],
  ["{}negation of {}cannot be represented in type", "Integer-overflow"],
  ["{}division of {}cannot be represented in type", "Integer-overflow"],
];

const reasonPatterns: readonly (readonly [Pattern, string])[] = reasons.map(([text, type]) => [pattern(text), type]);

const typeOfReason = (reason: string): string =>
  reasonPatterns.find(([each]) => matchLine(each, reason) !== null)?.[1] ?? "UNKNOWN";

const castTo = ({ to = "" }: Captures): string[] => [`Bad-cast to ${strip(to, "'")}`];

function openCast(draft: Draft): void {
  draft.isCastOpen = true;
}

const closeCast =
  (textOf: (captures: Captures) => string) =>
  (draft: Draft, captures: Captures): void => {
    if (draft.headline.length > 0) draft.headline = [`${draft.headline[0]}${textOf(captures)}`];
    draft.isCastOpen = false;
  };

const isNothingElse = ({ type }: Draft): boolean => type === "";

export const casts: readonly RuleGroup[] = [
  {
    when: isNothingElse,
    rules: [
      {
        line: lines(
          "{}: runtime error: member access within address {address:hex} {>} of type {to}",
          "{}: runtime error: member call on address {address:hex} {>} of type {to}",
          "{}: runtime error: downcast of address {address:hex} {>} of type {to}",
        ),
        type: "Bad-cast",
        headline: castTo,
        also: openCast,
      },
    ],
  },
  {
    // From what it was cast is told in a note behind.
    when: ({ type, isCastOpen }) => type === "Bad-cast" && isCastOpen,
    rules: [
      {
        line: lines("{}note: object is of type {from}", "{}note: vtable is of type {from}"),
        also: closeCast(({ from = "" }) => ` from ${strip(from, "'")}`),
      },
      {
        line: lines("{}note: object has invalid vptr", "{}note: invalid vtable{$}"),
        also: closeCast(() => " from invalid vptr"),
      },
      { line: lines("{}note: {} defined here{$}"), also: closeCast(() => "") },
      {
        line: lines("{}at offset {offset:digits} within object of type "),
        also: closeCast(({ offset = "" }) => ` from base class subobject at offset ${offset}`),
      },
    ],
  },
  {
    when: isNothingElse,
    rules: [
      {
        line: lines(
          "{}: runtime error: control flow integrity check for type {to} failed during {}vtable address {address:hex}",
          "{}: runtime error: control flow integrity check for type {to} failed during ",
        ),
        type: "Bad-cast",
        headline: castTo,
        also: openCast,
      },
    ],
  },
  {
    when: isNothingElse,
    rules: [
      {
        line: lines("CFI: Most likely a control flow integrity violation;"),
        type: "Bad-cast",
        also: (draft) => {
          draft.room = framesOfState;
        },
      },
    ],
  },
];

/** Asked after Go, which has a `runtime error:` of its own. */
export const undefinedBehaviour: RuleGroup = {
  when: isNothingElse,
  rules: [
    {
      line: lines("{}: runtime error: {reason}"),
      type: ({ reason = "" }) => typeOfReason(reason),
      isNew: true,
      also: clearState,
    },
  ],
};
