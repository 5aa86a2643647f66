import { dirname } from "node:path";
import type { Finding, Rule, SourceFile } from "./repository.ts";

const linesMax = 600;
const bytesMax = 1_000_000;

/** Data that ships on purpose. */
const mayBeLarge = /^examples\//;
/** Written by programs, or recorded as it came. */
const asItCame = /^(?:examples\/|package-lock\.json$|.*\/generated\/|sql\/schema\.sql$)/;
const code = /\.(?:[cm]?[jt]sx?|c|h|sh|sql|py)$/;

export const sizes: Rule = {
  name: "sizes",
  *check(repository) {
    for (const file of repository.files) {
      if (file.size > bytesMax && !mayBeLarge.test(file.path)) {
        yield file.finding(1, `${file.size} bytes`, `keep files under ${bytesMax} bytes; data belongs in examples/`);
      }
      const lines = file.lines.length - 1;
      if (lines > linesMax && code.test(file.path) && !asItCame.test(file.path)) {
        yield file.finding(linesMax, `${lines} lines`, `split it where it is two things (at most ${linesMax} lines)`);
      }
    }
  },
};

export const whiteSpace: Rule = {
  name: "white space",
  *check(repository) {
    for (const file of repository.files) {
      if (asItCame.test(file.path) || file.text === "") continue;
      for (const [i, line] of file.lines.entries()) {
        if (/[ \t]$/.test(line)) yield file.finding(i + 1, "trailing white space", "delete it");
        if (line.endsWith("\r")) yield file.finding(i + 1, "a carriage return", "end lines with a line feed alone");
      }
      if (!file.text.endsWith("\n")) yield file.finding(file.lines.length, "no line end at the end", "add one");
      else if (file.text.endsWith("\n\n"))
        yield file.finding(file.lines.length, "empty lines at the end", "delete them");
    }
  },
};

/** An absolute path begins with its slash: one in the middle of a relative path, or behind a placeholder, is none. */
const notInside = "(?<![\\w.~$}-])";
/** Folders of one person's machine. The clone's own place is added where the rule runs. */
const machinePath = new RegExp(`${notInside}/(?:home|Users|root)/[\\w.-]+`);
const registry = /\bhttps?:\/\/registry\.[\w.]+/;

export const machines = (root: string): Rule => ({
  name: "machines",
  *check(repository) {
    const around = dirname(root.replace(/\/$/, ""));
    const here = around === "/" ? root : `${around}/`;
    const place = new RegExp(`${notInside}${here.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`);
    for (const file of repository.files) yield* inLines(file, place);
  },
});

function* inLines(file: SourceFile, place: RegExp): Iterable<Finding> {
  if (file.path.startsWith("scripts/tidy/") && file.isTest) return;
  for (const [i, line] of file.lines.entries()) {
    const path = (place.exec(line) ?? machinePath.exec(line))?.[0];
    if (path !== undefined) yield file.finding(i + 1, `the machine path ${path}`, "a path relative to the repository");
    const host = registry.exec(line)?.[0];
    if (host !== undefined) yield file.finding(i + 1, `the registry ${host}`, "leave it out: npm knows its registry");
  }
}
