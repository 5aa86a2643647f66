import { lines, type RuleGroup } from "../rule.ts";
import { capitalise } from "../texts.ts";

const bucketNames: Readonly<Record<string, string>> = {
  "Status-integer-overflow": "Integer-overflow",
  "Status-integer-divide-by-zero": "Divide-by-zero",
};

/** `STATUS_INTEGER_OVERFLOW_AVRF`: Windows' name of a fault, where the application verifier found it. */
function bucketType(bucket: string): string {
  const own = capitalise((bucket.endsWith("_AVRF") ? bucket.slice(0, -"_AVRF".length) : bucket).replaceAll("_", "-"));
  return Object.hasOwn(bucketNames, own) ? (bucketNames[own] as string) : own;
}

/** gdb on Linux and macOS, cdb on Windows. */
export const debuggers: readonly RuleGroup[] = [
  {
    rules: [
      { line: lines("Program received signal {signal:letters},"), type: ({ signal = "" }) => signal.toUpperCase() },
      {
        line: lines(
          "rip {:space*}{address:hex}",
          "Reason:{} at address: {address:hex}",
          "Reason:{} at address {address:hex}",
        ),
      },
      { line: lines("0x{digits:hex}{:space}in "), address: ({ digits = "" }) => `0x${digits}` },
      {
        line: lines(
          "Attempt to {access} from address {digits}",
          "Attempt to {access} to address {digits}",
          "Attempt to {access} address {digits}",
        ),
        type: ({ access = "" }) => access.toUpperCase(),
        address: ({ digits = "" }) => `0x${digits}`,
      },
    ],
  },
];

/** What cdb says of a fault counts only where nothing else did. */
export const debuggersIfNothingElse: RuleGroup = {
  when: ({ type }) => type === "",
  rules: [
    { line: lines("{}ExceptionCode: {}(Stack overflow)"), type: "Stack-overflow" },
    {
      line: lines("{}DEFAULT_BUCKET_ID{:space*}:{:space*}{bucket:word}"),
      type: ({ bucket = "" }) => bucketType(bucket),
    },
  ],
};
