import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { startEmbedded } from "#src/store/embedded";
import { schema } from "./schema.ts";
import { createNaive } from "./service.ts";

/** The naive service as a process of its own, over a durable PostgreSQL in the folder it is given; ends on SIGTERM. */
const [, , folder = ""] = process.argv;
await mkdir(folder, { recursive: true });
const database = await startEmbedded({ folder: join(folder, "postgres"), log: (line) => console.error(line) });
const client = new pg.Client({ connectionString: database.url });
await client.connect();
await client.query(schema);
await client.end();
const app = createNaive(database.url);
const url = await app.listen({ host: "127.0.0.1", port: 0 });
process.once("SIGTERM", () => {
  app
    .close()
    .then(() => database.stop())
    .then(() => process.exit(0))
    .catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
});
console.log(JSON.stringify({ url, databaseUrl: database.url }));
