import pg from "pg";

const betweenMs = 40;

/** Of the backends that had something to do, the share that was found at each of these; "runs" is no wait. */
export type Waits = Readonly<Record<string, number>>;

/** Looks at what the backends of a database wait for, until the function that it returns is called. */
export async function watchWaits(databaseUrl: string): Promise<() => Promise<Waits>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const found = new Map<string, number>();
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const { rows } = await client.query<{ what: string; count: string }>(
        `select coalesce(wait_event_type || ' ' || wait_event, 'runs') as what, count(*) from pg_stat_activity
         where backend_type = 'client backend' and pid <> pg_backend_pid()
           and (state = 'active' or wait_event_type = 'Lock') group by 1`,
      );
      for (const { what, count } of rows) found.set(what, (found.get(what) ?? 0) + Number(count));
      await new Promise((resolve) => setTimeout(resolve, betweenMs));
    }
  })();
  return async () => {
    isOver = true;
    await watching;
    await client.end();
    const total = [...found.values()].reduce((sum, count) => sum + count, 0);
    const shares = [...found].sort(([, a], [, b]) => b - a).slice(0, 6);
    return Object.fromEntries(shares.map(([what, count]) => [what, Number((count / total).toFixed(2))]));
  };
}
