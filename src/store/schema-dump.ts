import type { Connection } from "./pool.ts";
import {
  type ColumnRow,
  columnsQuery,
  type DefinitionRow,
  definitionQueries,
  type TableRow,
  tablesQuery,
} from "./schema-dump-queries.ts";

/**
 * The schema as text, the same for the same schema whatever way it came about: sorted by name, from the catalogs (the
 * embedded server ships no pg_dump). For reading and for comparing with sql/schema.sql; the migrations are what runs.
 */
export async function dumpSchema(connection: Connection, schema = "public"): Promise<string> {
  // Definitions name objects outside of the search path in full: hold it fixed, whatever the session had.
  const { rows } = await connection.query<{ path: string }>("select current_setting('search_path') as path");
  await connection.query("select set_config('search_path', quote_ident($1), false)", [schema]);
  try {
    const parts = [await dumpKind(connection, "types", schema), await dumpKind(connection, "sequences", schema)];
    parts.push(await dumpTables(connection, schema));
    for (const kind of ["constraints", "indexes", "views", "functions", "triggers", "comments"] as const) {
      parts.push(await dumpKind(connection, kind, schema));
    }
    return parts.filter((part) => part !== "").join("\n");
  } finally {
    await connection.query("select set_config('search_path', $1, false)", [rows[0]?.path]);
  }
}

async function dumpKind(connection: Connection, kind: keyof typeof definitionQueries, schema: string): Promise<string> {
  const { rows } = await connection.query<DefinitionRow>(definitionQueries[kind], [schema]);
  return rows.map(({ definition }) => `${definition.trim().replace(/;$/, "")};\n`).join("");
}

async function dumpTables(connection: Connection, schema: string): Promise<string> {
  const tables = await connection.query<TableRow>(tablesQuery, [schema]);
  const columns = await connection.query<ColumnRow>(columnsQuery, [schema]);
  return tables.rows
    .map((table) => {
      const own = columns.rows.filter(({ oid }) => oid === table.oid).map(({ definition }) => `  ${definition}`);
      return `create ${table.unlogged ? "unlogged " : ""}table ${table.name} (\n${own.join(",\n")}\n)${table.tail};\n`;
    })
    .join("\n");
}
