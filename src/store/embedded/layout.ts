import { join } from "node:path";

/** Where everything of an embedded server lies inside a data folder. */
export interface Layout {
  readonly folder: string;
  /** Belongs to the account PostgreSQL runs as, mode 700; the rest belongs to whoever runs Earnest. */
  readonly home: string;
  readonly data: string;
  readonly serverLog: string;
  readonly socketFolder: string;
  /** Names the socket folder where the one above would make too long a socket path. */
  readonly socketPointer: string;
  readonly password: string;
  readonly lock: string;
  readonly users: string;
  readonly binaries: string;
}

export function layoutOf(folder: string): Layout {
  const home = join(folder, "postgres");
  return {
    folder,
    home,
    data: join(home, "data"),
    serverLog: join(home, "server.log"),
    socketFolder: home,
    socketPointer: join(folder, "postgres.socket"),
    password: join(folder, "postgres.password"),
    lock: join(folder, "postgres.lock"),
    users: join(folder, "postgres.users"),
    binaries: join(folder, "binaries"),
  };
}
