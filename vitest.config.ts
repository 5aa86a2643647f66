import { defineConfig } from "vitest/config";

/** `#src/…` (package.json "imports") is the source here, and the compiled file where Node runs dist/. */
const conditions = ["earnest-source", "module", "node", "development|production"];

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    include: ["src/**/*.test.ts", "scripts/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/setup/postgres.ts"],
    setupFiles: ["test/setup/properties.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
