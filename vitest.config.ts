import { defineConfig } from "vitest/config";

/** `#src/…` (package.json "imports") is the source here, and the compiled file where Node runs dist/. */
const conditions = ["earnest-source", "module", "node", "development|production"];

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    include: ["src/**/*.test.ts", "scripts/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/setup/postgres.ts"],
    setupFiles: ["test/setup/properties.ts"],
    // Most of a file's time is its start, and half of the others wait for servers: two files at a time on two cores.
    maxWorkers: "100%",
    // A busy machine takes its time: what is waited for has as long as most tests have.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
