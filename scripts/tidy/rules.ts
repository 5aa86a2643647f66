import { homesOfThings, purity } from "./calls.ts";
import { commands, links } from "./documents.ts";
import { machines, sizes, whiteSpace } from "./files.ts";
import { imports } from "./imports.ts";
import { leftovers } from "./leftovers.ts";
import { messages } from "./messages.ts";
import type { Finding, Repository, Rule } from "./repository.ts";
import { vocabulary } from "./vocabulary.ts";

export const rulesFor = (root: string): readonly Rule[] => [
  imports,
  purity,
  homesOfThings,
  vocabulary,
  leftovers,
  sizes,
  whiteSpace,
  machines(root),
  commands,
  links,
  messages,
];

/** An exception: where, from which rule, and why it is right there. One that nothing needs any more is a finding. */
export interface Allowance {
  readonly rule: string;
  readonly path: string;
  /** Part of the finding's first half, where the whole file should not be excepted. */
  readonly found?: string;
  readonly why: string;
}

export interface RuleFinding extends Finding {
  readonly rule: string;
}

const fits = (allowance: Allowance, finding: RuleFinding): boolean =>
  allowance.rule === finding.rule &&
  allowance.path === finding.path &&
  (allowance.found === undefined || finding.found.includes(allowance.found));

export function check(repository: Repository, rules: readonly Rule[], allowed: readonly Allowance[]): RuleFinding[] {
  const findings = rules.flatMap((rule) => [...rule.check(repository)].map((each) => ({ ...each, rule: rule.name })));
  const unused = allowed
    .filter((allowance) => !findings.some((finding) => fits(allowance, finding)))
    .map(({ path, rule }) => ({
      path: "scripts/tidy/allowed.ts",
      line: 1,
      rule: "allowed",
      found: `nothing in ${path} needs its exception from "${rule}"`,
      instead: "delete it",
    }));
  return [...findings.filter((finding) => !allowed.some((allowance) => fits(allowance, finding))), ...unused];
}
