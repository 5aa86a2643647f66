import pg from "pg";

/** One statement on a connection of its own. */
export async function queryOnce<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<Row>(text);
    return rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export async function mayConnect(url: string): Promise<boolean> {
  return queryOnce(url, "select 1").then(
    () => true,
    () => false,
  );
}
