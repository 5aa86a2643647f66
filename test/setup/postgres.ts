import type { TestProject } from "vitest/node";
import { startTestServer } from "../../src/store/testing-server.ts";

/** Starts the PostgreSQL of this test run, or joins the one that runs; `createTestDatabase` finds it by `inject`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startTestServer({
    databaseUrl: process.env["DATABASE_URL"],
    log: (line) => process.stderr.write(`${line}\n`),
  });
  project.provide("postgresUrl", server.url);
  return () => server.stop();
}
