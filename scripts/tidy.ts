import { allowed } from "./tidy/allowed.ts";
import { readRepository } from "./tidy/repository.ts";
import { check, rulesFor } from "./tidy/rules.ts";

/** `npm run tidy`: the repository's own linter. Every finding says where, which rule, and what to write instead. */
const root = process.cwd();
const repository = readRepository(root);
const findings = check(repository, rulesFor(root), allowed);
for (const { path, line, rule, found, instead } of findings) {
  console.log(`${path}:${line}: ${found} [${rule}]\n    ${instead}`);
}
if (findings.length > 0) {
  console.log(
    `tidy: ${findings.length} finding${findings.length === 1 ? "" : "s"} in ${repository.files.length} files`,
  );
  process.exitCode = 1;
}
