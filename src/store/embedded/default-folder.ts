import { join } from "node:path";
import { earnestError } from "../../core/errors.ts";

interface Surroundings {
  readonly env: { readonly XDG_DATA_HOME?: string | undefined; readonly HOME?: string | undefined };
  readonly isRoot: boolean;
}

/**
 * Where the data lie when nobody says otherwise. PostgreSQL refuses to run as root, and the account it runs as then
 * cannot look into root's home (usually mode 700): so root gets a folder outside of it.
 */
export function defaultDataFolder({ env, isRoot }: Surroundings): string {
  if (isRoot) return "/var/lib/earnest";
  // The XDG specification: a relative value is to be ignored.
  if (env.XDG_DATA_HOME?.startsWith("/")) return join(env.XDG_DATA_HOME, "earnest");
  if (env.HOME) return join(env.HOME, ".local", "share", "earnest");
  throw earnestError("DATA_FOLDER_UNAVAILABLE", {
    path: "$XDG_DATA_HOME/earnest",
    problem: "neither XDG_DATA_HOME nor HOME is set",
    mend: "Name a folder with --data.",
  });
}
