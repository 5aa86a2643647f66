import type { Captures } from "../pattern.ts";
import { lines, type RuleGroup } from "../rule.ts";
import { assertedIn, capitalise, fileNameOf, onlyPrintable } from "../texts.ts";

function signalType(line: string): string {
  if (line.includes("(SIGABRT)")) return "Abort";
  if (line.includes("(SIGTRAP)")) return "Trap";
  return line.includes("SEGV_MTESERR") ? "Tag-mismatch" : "UNKNOWN";
}

/** `signal 11 (SIGSEGV), code 2 (SEGV_ACCERR), fault addr 0x8` with, at its end, the name of the process in brackets. */
function signal(line: string): Captures | null {
  const at = line.indexOf("fault addr ");
  const isSignal = line.includes("signal") && line.includes("(SIG");
  if (at === -1 || !isSignal) return null;
  const [address = "", ...rest] = line.slice(at + "fault addr ".length).split(" ");
  const after = rest.join(" ");
  const open = after.lastIndexOf("(");
  const name = after.endsWith(")") && open !== -1 ? onlyPrintable(after.slice(open + 1, -1)).trim() : "";
  const isAccess = line.includes("SIGSEGV");
  return { type: signalType(line), address: isAccess ? withPrefix(address) : "", name };
}

const withPrefix = (address: string): string => (address.startsWith("0x") ? address : `0x${address}`);

/** `[FATAL:file.cc(12)] What was asserted` or `file.cpp:12 CHECK(x) failed.` */
function abortHeadline({ message = "" }: Captures): string[] {
  const space = message.indexOf(" ");
  if (space === -1) return [assertedIn(message)];
  const file = fileNameOf(message.slice(0, space).replace("FATAL:", ""));
  return [`${assertedIn(message.slice(space + 1))} in ${file}`];
}

export const android: readonly RuleGroup[] = [
  {
    rules: [
      {
        line: [signal],
        // The same signal is told again, below the stack that has been read.
        when: ({ type }, _report, line) => !(type.startsWith("UNKNOWN") && line.includes("Fatal signal")),
        type: ({ type = "" }) => type,
        isNew: true,
        also: (draft, { name = "" }) => {
          draft.hasJavaStack = false;
          if (name !== "") draft.processName = capitalise(name);
        },
      },
    ],
  },
  {
    rules: [
      {
        line: lines("Abort message: {message}"),
        type: "CHECK failure",
        address: () => "",
        headline: abortHeadline,
        also: (draft) => {
          draft.hasJavaStack = true;
        },
      },
    ],
  },
];

export const androidIfNothingElse: RuleGroup = {
  when: ({ type }) => type === "",
  rules: [
    {
      line: lines("{}FATAL EXCEPTION{}:"),
      type: "Fatal Exception",
      isNew: true,
      also: (draft) => {
        draft.hasJavaStack = true;
      },
    },
  ],
};
