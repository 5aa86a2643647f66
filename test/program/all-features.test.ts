import { afterAll, TestRunner } from "vitest";
import { testFeatures } from "./chain.ts";

/** What the neighbouring files test, once more with every feature of the runtime active: a cluster will have them. */
testFeatures.hasAll = true;
afterAll(() => {
  testFeatures.hasAll = false;
});

const tested = [
  "accounts",
  "batches",
  "claims",
  "commits",
  "edges",
  "happy-paths",
  "networks",
  "orders",
  "random",
  "tokens",
];
for (const name of tested) {
  const { tasks } = TestRunner.getCurrentSuite();
  const before = tasks.length;
  // By another name: a module that a worker has loaded as a file of its own brings its tests only there.
  await import(/* @vite-ignore */ `./${name}.test.ts?all-features`);
  if (tasks.length === before) throw new Error(`${name}.test.ts brought no tests`);
}
