import { defaultDataFolder } from "../store/embedded/default-folder.ts";

/** Everything Earnest reads from its environment. */
export interface Environment {
  readonly dataFolder: string;
  /** An external PostgreSQL (15 to 18) instead of the embedded one. */
  readonly databaseUrl: string | null;
  readonly server: string | null;
  readonly apiKey: string | null;
  readonly profile: string | null;
  /** https://no-color.org */
  readonly isColourWanted: boolean;
}

export function readEnvironment(env: NodeJS.ProcessEnv, accountId: number | undefined): Environment {
  const value = (name: string): string | null => (env[name] === undefined || env[name] === "" ? null : env[name]);
  return {
    dataFolder: value("EARNEST_DATA") ?? defaultDataFolder({ env, isRoot: accountId === 0 }),
    databaseUrl: value("DATABASE_URL"),
    server: value("EARNEST_SERVER"),
    apiKey: value("EARNEST_API_KEY"),
    profile: value("EARNEST_PROFILE"),
    isColourWanted: value("NO_COLOR") === null && value("TERM") !== "dumb",
  };
}
