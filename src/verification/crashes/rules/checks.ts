import { framesOfState } from "../draft.ts";
import { normaliseFrame } from "../frames/normalise-frame.ts";
import { type Captures, matchLine, pattern } from "../pattern.ts";
import { lines, type Rule, type RuleGroup } from "../rule.ts";
import { assertedIn, fileNameOf } from "../texts.ts";

/** What a failed check asserted, and in which file. */
const checkHeadline = ({ asserted = "", file = "" }: Captures): string[] => [
  `${assertedIn(asserted)} in ${fileNameOf(file)}`,
];

/** `[1:2:0826/102126:FATAL:file.cc(12)] Check failed: x`, or with `folder/file.cc:12` in the brackets. */
const inBrackets =
  (keyword: string, isBracketFirst: boolean) =>
  (line: string): Captures | null => {
    const at = line.indexOf(keyword);
    if (at === -1) return null;
    const open = isBracketFirst ? line.indexOf("[") : line.lastIndexOf("[", at);
    const close = line.indexOf("]", open);
    if (open === -1 || close === -1 || close > at) return null;
    if (isBracketFirst && line.slice(0, open).trim() !== "") return null;
    const parts = line.slice(open + 1, close).split(":");
    const last = parts.pop() ?? "";
    const isLineNumber = matchLine(onlyDigits, last) !== null && parts.length > 1;
    const file = isLineNumber ? (parts.pop() ?? "") : last;
    return parts.length === 0 ? null : { file, asserted: conditionIn(line.slice(at + keyword.length).trim()) };
  };

const onlyDigits = pattern("{:digits}{$}");

/** What the program adds behind the condition may hold anything, of its input too. */
function conditionIn(message: string): string {
  const ends = [". ", "; "].map((end) => message.indexOf(end)).filter((end) => end !== -1);
  return ends.length === 0 ? message : message.slice(0, Math.min(...ends));
}

const failedCheck = (line: Rule["line"], type: string): Rule => ({ line, type, isNew: true, headline: checkHeadline });

/** Chromium's checks that guard against attacks. */
export const securityChecks: RuleGroup = {
  rules: [
    failedCheck([inBrackets("Security CHECK failed:", false)], "Security CHECK failure"),
    failedCheck([inBrackets("Security DCHECK failed:", false)], "Security DCHECK failure"),
  ],
};

/** How logs of Google's libraries mark what is fatal: `F1222 16:49:52.123456 123 file.cc:12] `. */
const googleFatal =
  "F{:digits}{:space}{:digits}:{:digits}:{:digits}.{:digits}{:space}{:digits}{:space}{file}:{:digits}]";

const v8Abort = pattern("abort: CSA_ASSERT failed:{rest}");
const v8AbortPlace = pattern("{asserted>} [{file}:{:digits}]{$}");

function v8AbortHeadline({ rest = "" }: Captures): string[] {
  const whole = `CSA_ASSERT failed:${rest}`;
  const place = matchLine(v8AbortPlace, whole);
  return place === null ? [whole] : [place["asserted"] ?? "", fileNameOf(place["file"] ?? "")];
}

export const checksIfNothingElse: RuleGroup = {
  when: ({ type }) => type === "",
  rules: [
    failedCheck(lines(`${googleFatal}{asserted}`), "Fatal error"),
    failedCheck([inBrackets("Check failed:", true)], "CHECK failure"),
    failedCheck([inBrackets("DCHECK failed:", true)], "CHECK failure"),
    {
      ...failedCheck([inBrackets("NOTREACHED hit.", true)], "CHECK failure"),
      headline: ({ file = "" }) => [`NOTREACHED hit in ${fileNameOf(file)}`],
    },
    failedCheck(lines(`${googleFatal}{:space*}Check failed:{asserted}`), "CHECK failure"),
    {
      line: lines("#{:space*}Fatal error in {place}", "#{:space*}Fatal error{$}"),
      type: "Fatal error",
      isNew: true,
      headline: ({ place = "" }) => [normaliseFrame(place)],
      room: framesOfState,
      also: (draft) => {
        draft.isFatalErrorOpen = true;
      },
    },
    { line: [v8Abort], type: "ASSERT", isNew: true, headline: v8AbortHeadline, room: 0 },
    {
      line: lines("{:space*}[{}] V8 error: {message}.{$}"),
      type: "V8 API error",
      isNew: true,
      headline: ({ message = "" }) => [message],
      room: framesOfState,
    },
    { line: lines("#{:space*}V8 correctness failure"), type: "V8 correctness failure", isNew: true },
  ],
};

/** What V8 writes behind `# Fatal error in`, line by line. */
const v8Message = (type: string): Pick<Rule, "type" | "isNew" | "headline" | "when"> => ({
  ...(type === "" ? {} : { type }),
  isNew: true,
  headline: ({ asserted = "" }, { fatalErrorFile }) => [
    fatalErrorFile === "" ? assertedIn(asserted) : `${assertedIn(asserted)} in ${fatalErrorFile}`,
  ],
});

const plainMessage = pattern("#{:space}{asserted}");
const special = ["Debug check failed: ", "Check failed: ", "RepresentationChangerError: node #", "Fatal error in "];

function otherMessage(line: string): Captures | null {
  const captures = matchLine(plainMessage, line);
  const asserted = captures?.["asserted"]?.trim() ?? "";
  return asserted === "" || special.some((each) => asserted.startsWith(each)) ? null : captures;
}

export const v8FatalError: RuleGroup = {
  when: ({ isFatalErrorOpen }) => isFatalErrorOpen,
  rules: [
    {
      line: lines("#{:space*}Fatal error in {file}, line {:digits}"),
      type: "Fatal error",
      headline: ({ file = "" }) => [fileNameOf(file)],
      room: framesOfState,
      also: (draft, { file = "" }) => {
        draft.fatalErrorFile = fileNameOf(file);
      },
      isLast: true,
    },
    { line: lines("#{:space}Debug check failed: {asserted}"), ...v8Message("DCHECK failure") },
    {
      line: lines(
        "#{:space}Check failed: {asserted}",
        "#{:space}RepresentationChangerError: node #{:digits}:{asserted}",
      ),
      ...v8Message("CHECK failure"),
    },
    { line: [otherMessage], ...v8Message("") },
    {
      line: lines("# unreachable code", "# unimplemented code"),
      type: "Unreachable code",
      isNew: true,
      headline: (_captures, { fatalErrorFile }) => [fatalErrorFile],
      room: framesOfState,
    },
  ],
};
