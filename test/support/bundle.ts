import { build, type Rolldown } from "vite";

/** A script and all that it imports as one module, for a page. */
export async function bundled(entry: string): Promise<string> {
  const lib = { entry, formats: ["es" as const] };
  const [built] = (await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, lib, rolldownOptions: { checks: { bundlerTimings: false } } },
  })) as Rolldown.RolldownOutput[];
  return (built as Rolldown.RolldownOutput).output[0].code;
}
