import { clearState, type Draft, framesOfState, setHeadline, setType } from "./draft.ts";
import { type Captures, matchLine, type Pattern, pattern } from "./pattern.ts";

/** What is known of a report before its first line is read. */
export interface Report {
  readonly isKasan: boolean;
  readonly isGo: boolean;
  readonly isPython: boolean;
  readonly isJazzerJs: boolean;
  readonly isTrusty: boolean;
  readonly isRust: boolean;
  readonly isJavaScript: boolean;
  /** A sanitizer says that a signal was caught, and not a bad access. */
  readonly isSignalOnly: boolean;
}

/**
 * A line that says what happened, and what it says. A capture named `address` is the crash's address. A rule is the
 * fact; how it is applied stands once, in `applyRules`.
 */
export interface Rule {
  /** Any of these; the first that matches counts. A function where a line's parts do not stand in one order. */
  readonly line: readonly (Pattern | ((line: string) => Captures | null))[];
  readonly when?: (draft: Draft, report: Report, line: string) => boolean;
  readonly type?: string | ((captures: Captures, draft: Draft) => string);
  /** Instead of the capture named `address`. */
  readonly address?: (captures: Captures) => string;
  /** The address and the state of what came before do not count any more. */
  readonly isNew?: true;
  /** The state begins with these lines. */
  readonly headline?: (captures: Captures, draft: Draft) => readonly string[];
  /** How many frames may follow the headline; two, where nothing is said. */
  readonly room?: number;
  /** What else the line means. */
  readonly also?: (draft: Draft, captures: Captures) => void;
  /** Nothing else is read from the line. */
  readonly isLast?: true;
}

/** Rules that are asked only while something holds of the report; it is looked at before the first of them. */
export interface RuleGroup {
  readonly when?: (draft: Draft, report: Report) => boolean;
  readonly rules: readonly Rule[];
}

export const lines = (...templates: readonly string[]): readonly Pattern[] => templates.map(pattern);

/** Applies every rule that a line fulfils, in order. True where nothing else is to be read from the line. */
export function applyRules(groups: readonly RuleGroup[], draft: Draft, report: Report, line: string): boolean {
  for (const { when, rules } of groups) {
    if (when !== undefined && !when(draft, report)) continue;
    for (const rule of rules) {
      if (rule.when !== undefined && !rule.when(draft, report, line)) continue;
      const captures = firstMatch(rule.line, line);
      if (captures === null) continue;
      applyRule(rule, draft, captures);
      if (rule.isLast) return true;
    }
  }
  return false;
}

function firstMatch(alternatives: Rule["line"], line: string): Captures | null {
  for (const each of alternatives) {
    const captures = typeof each === "function" ? each(line) : matchLine(each, line);
    if (captures !== null) return captures;
  }
  return null;
}

function applyRule(rule: Rule, draft: Draft, captures: Captures): void {
  if (rule.isNew) {
    draft.address = "";
    clearState(draft);
  }
  if (rule.type !== undefined) {
    setType(draft, typeof rule.type === "string" ? rule.type : rule.type(captures, draft));
  }
  const address = rule.address === undefined ? captures["address"] : rule.address(captures);
  if (address !== undefined) draft.address = address;
  if (rule.headline !== undefined) {
    setHeadline(draft, rule.headline(captures, draft), rule.room ?? framesOfState - 1);
  }
  rule.also?.(draft, captures);
}
