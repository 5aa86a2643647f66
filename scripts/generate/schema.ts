import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startEmbedded } from "#src/store/embedded";
import { migrate } from "#src/store/migrate";
import { createPool, withConnection } from "#src/store/pool";
import { dumpSchema } from "#src/store/schema-dump";

const silent = (): void => undefined;

/** What the migrations add up to, read back from a real PostgreSQL. */
export async function schemaDump(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "earnest-schema-"));
  // As root, the server runs as another account, which must be able to pass through.
  await chmod(folder, 0o755);
  const embedded = await startEmbedded({ folder: join(folder, "postgres"), log: silent, durable: false });
  const pool = createPool({ url: embedded.url, log: silent, connectionsMax: 1 });
  try {
    await migrate({ url: embedded.url, folder: resolve("sql"), log: silent });
    const header = "-- Made by `npm run generate` from the migrations beside it. Never edit it.\n\n";
    return header + (await withConnection(pool, (connection) => dumpSchema(connection)));
  } finally {
    await pool.end();
    await embedded.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
