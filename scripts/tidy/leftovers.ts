import type { Finding, Rule, SourceFile } from "./repository.ts";
import type { Token } from "./tokens.ts";

// `any`, `debugger` and the like are Biome's (noExplicitAny, noDebugger), where an exception has to give its reason.

/** Words that promise work for later; written apart so that a search for them does not find this file. */
const promises = new RegExp(`\\b(?:${["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"].join("|")})\\b`);
const suppressions = /@ts-(?:ignore|nocheck)\b|eslint-disable(?!-)|biome-ignore-all/;
const testFunctions = new Set(["it", "test", "describe", "suite"]);
const switchedOff: Readonly<Record<string, string>> = {
  only: "run all tests: `npm test -- FILE -t NAME` picks one",
  skip: "mend or delete the test",
  todo: "write the test or delete it",
  fails: "mend the code or delete the test",
};

export const leftovers: Rule = {
  name: "leftovers",
  *check(repository) {
    for (const file of repository.files) {
      if (!file.isCode) continue;
      for (const token of file.tokens) if (token.kind === "comment") yield* inComment(file, token);
      const { code } = file;
      for (const [i, token] of code.entries()) yield* inCode(file, code, token, i);
    }
  },
};

function* inComment(file: SourceFile, token: Token): Iterable<Finding> {
  for (const [offset, line] of token.text.split("\n").entries()) {
    const promise = promises.exec(line)?.[0];
    const at = token.line + offset;
    if (promise !== undefined) yield file.finding(at, promise, "do it now, or open an issue and delete the comment");
    const suppression = suppressions.exec(line)?.[0];
    if (suppression !== undefined) yield file.finding(at, suppression, "mend the type, or suppress one rule with why");
  }
}

function inCode(file: SourceFile, code: readonly Token[], token: Token, i: number): Finding[] {
  const isCallOfTest = code[i - 1]?.text === "." && testFunctions.has(code[i - 2]?.text ?? "");
  const instead = isCallOfTest && Object.hasOwn(switchedOff, token.text) ? switchedOff[token.text] : undefined;
  return instead === undefined ? [] : [file.finding(token.line, `a test with .${token.text}`, instead)];
}
