import { defineConfig } from "vitest/config";

/** `#src/…` (package.json "imports") is the source here, and the compiled file where Node runs dist/. */
const conditions = ["earnest-source", "module", "node", "development|production"];

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    include: ["src/**/*.test.ts", "scripts/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/setup/postgres.ts"],
    setupFiles: ["test/setup/properties.ts"],
    // Half of the files wait for servers: two at a time on two cores.
    maxWorkers: "100%",
    // Most of a file's time was its imports, again and again. No test may change what others share: prototypes, globals, the
    // environment.
    isolate: false,
    // A busy machine takes its time: what is waited for has as long as most tests have.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
