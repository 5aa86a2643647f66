import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { difference } from "./generate/difference.ts";
import { generated } from "./generate/generated.ts";

/** `npm run generate` writes the generated files; with --check it writes nothing and fails where one is not fresh. */
const isCheck = process.argv.includes("--check");

for (const { path, make } of generated) {
  const before = existsSync(path) ? readFileSync(path, "utf8") : "";
  const after = await make();
  if (after === before) continue;
  if (isCheck) {
    console.log(`${path} is not fresh: run \`npm run generate\` and commit it\n${difference(before, after)}`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, after);
    console.log(`wrote ${path}`);
  }
}
