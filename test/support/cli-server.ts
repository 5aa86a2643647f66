import { onTestFinished } from "vitest";
import { startTestApi } from "../../src/api/testing.ts";
import { apiKeyOfOwner, type Calls, fakeEngine } from "../../src/api/testing-engine.ts";
import type { CliSettings } from "../../src/cli/options.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { type CliParts, type CliRun, runCli } from "./cli.ts";

export interface CliServer extends Calls {
  readonly url: string;
  /** The settings of the owner whom the server knows. */
  readonly settings: Pick<CliSettings, "server" | "apiKey">;
  /** Runs a command as that owner. */
  readonly run: (args: readonly string[], parts?: CliParts) => Promise<CliRun>;
}

/** The real API over a scripted engine, gone after the test. */
export async function cliServer(changes: Partial<Engine> = {}): Promise<CliServer> {
  const engine = fakeEngine(changes);
  const api = await startTestApi(engine);
  onTestFinished(() => api.close());
  const settings = { server: api.url, apiKey: apiKeyOfOwner };
  return {
    url: api.url,
    settings,
    calls: engine.calls,
    imported: engine.imported,
    run: (args, parts = {}) => runCli(args, { ...parts, settings: { ...settings, ...parts.settings } }),
  };
}
