/**
 * What the npm scripts do once everything is installed and built.
 *
 * `program` runs a compiled file of ours, with these first arguments, in this very process: signals, exit code and
 * terminal are its own. Where the sources do not compile it does not run, unless `evenBroken`. `steps` runs tools one
 * after the other, all of them even after a failure, and fails when one did; `own` steps are compiled files too, `npm`
 * steps are npm. What the user adds after `--` goes to the program or to the last step.
 */
const typescript = ["node_modules", "typescript", "bin", "tsc"];
const biome = ["node_modules", "@biomejs", "biome", "bin", "biome"];
const oxlint = ["node_modules", "oxlint", "bin", "oxlint"];
const vitest = ["node_modules", "vitest", "vitest.mjs"];

const step = {
  typecheck: { name: "type-check of tests", tool: typescript, args: ["-p", "tsconfig.test.json"] },
  tidy: { name: "tidy", own: ["scripts", "tidy.js"], args: [] },
  biome: { name: "biome", tool: biome, args: ["check", "--error-on-warnings"] },
  format: { name: "biome", tool: biome, args: ["check", "--write"] },
  oxlint: { name: "oxlint", tool: oxlint, args: ["--type-aware", "--deny-warnings"] },
  generated: { name: "generated files", own: ["scripts", "generate.js"], args: ["--check"] },
  lock: { name: "lock file", own: ["scripts", "lock.js"], args: ["--check"] },
  // Offline and dry, npm compares the lock with package.json as it would before an install.
  npmCi: { name: "npm ci", npm: ["ci", "--dry-run", "--offline", "--ignore-scripts", "--loglevel=error"] },
  tests: { name: "tests", tool: vitest, args: ["run"] },
};

const staticSteps = [step.typecheck, step.tidy, step.biome, step.oxlint, step.generated, step.lock, step.npmCi];

export const targets = {
  start: { program: ["main", "earnest.js"], args: ["dev"] },
  earnest: { program: ["main", "earnest.js"], args: [] },
  bench: { program: ["bench", "bench.js"], args: [] },
  "test:crash": { program: ["test", "crash", "crash.js"], args: [] },
  sim: { program: ["test", "sim", "sim.js"], args: [] },
  "program:build": { program: ["scripts", "program.js"], args: [] },
  "node:package": { program: ["scripts", "node-package.js"], args: [] },
  screenshots: { program: ["scripts", "screenshots.js"], args: [] },
  generate: { program: ["scripts", "generate.js"], args: [], evenBroken: true },
  lock: { steps: [{ ...step.lock, args: [] }, step.npmCi] },
  tidy: { program: ["scripts", "tidy.js"], args: [], evenBroken: true },
  build: { steps: [] },
  typecheck: { steps: [step.typecheck] },
  lint: { steps: [step.biome, step.oxlint] },
  format: { steps: [step.format] },
  static: { steps: staticSteps },
  test: { steps: [step.typecheck, step.tests], browser: true },
  check: { steps: [...staticSteps, step.tests], browser: true },
};
