import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Result } from "../../contract/results.ts";

/** Rows that are held at a time: with their receipts some megabytes. */
const groupRows = 2_000;

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];
type Column = Omit<SchemaElement, "repetition_type"> & { readonly name: keyof Result };

const json = { type: "BYTE_ARRAY", converted_type: "JSON" } as const;
const text = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;

/** As in the other formats; amounts stay decimal texts, since no number of a reader's need hold them. */
const columns: readonly Column[] = [
  { name: "id", ...text },
  { name: "task", type: "INT32" },
  { name: "lane", type: "INT32" },
  { name: "label", ...json },
  { name: "confidence", type: "DOUBLE" },
  { name: "decided", type: "BOOLEAN" },
  { name: "control", type: "BOOLEAN" },
  { name: "votes", ...json },
  { name: "cost", ...text },
  { name: "paid", ...json },
  { name: "receipt", ...json },
];

/** A Parquet file, a group of rows after the other. */
export async function* parquetBytes(rows: AsyncIterable<Result>): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const file = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: "root", num_children: columns.length },
      ...columns.map((column) => ({ ...column, repetition_type: "REQUIRED" as const })),
    ],
    // Bounds of columns of JSON say nothing, and would be kept until the end.
    statistics: false,
    createdBy: "Earnest",
  });
  const taken = (): Uint8Array => {
    const written = new Uint8Array(bytes.getBuffer());
    bytes.index = 0;
    return written;
  };
  let group: Result[] = [];
  const write = async (): Promise<void> => {
    await file.write({
      columnData: columns.map(({ name }) => ({ name, data: group.map((row) => row[name]) })),
      rowGroupSize: groupRows,
    });
    group = [];
  };
  for await (const row of rows) {
    group.push(row);
    if (group.length < groupRows) continue;
    await write();
    yield taken();
  }
  if (group.length > 0) await write();
  await file.finish();
  yield taken();
}
