import { type Rule, repositoryOf } from "./repository.ts";

/** What a rule says of a repository made of these texts: "path:line found", for tests. */
export const foundBy = (rule: Rule, texts: Readonly<Record<string, string>>): string[] =>
  [...rule.check(repositoryOf(texts))].map(({ path, line, found }) => `${path}:${line} ${found}`);
