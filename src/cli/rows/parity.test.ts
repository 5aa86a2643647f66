import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/cli.ts";
import { csvRows } from "../../api/rows/csv-rows.ts";
import { jsonLines } from "../../api/rows/json-lines.ts";
import { mappingOf as mappingOfQuery } from "../../api/rows/mapping.ts";
import { type RowFields, type RowFormat, taskOfFields } from "../../contract/row-mapping.ts";
import type { Json } from "../../core/json.ts";
import { type MappingOptions, mappingOf } from "./mapping.ts";
import { readTaskRows } from "./read-task-rows.ts";

/** `earnest check` promises what the server's import will do: both read the same rows here. */

const names = fc.constantFrom("id", "control", "q", "text", "content", "nr", "__proto__", "terms");
const values: fc.Arbitrary<Json> = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom("", " ", "yes", 1, -0.5, null, true, 2 ** 53 - 1),
  fc.constantFrom({ text: "x" }, [1, "2"], {}),
);
const fieldsArbitrary: fc.Arbitrary<RowFields> = fc
  .uniqueArray(fc.tuple(names, values), { selector: ([name]) => name, maxLength: 6 })
  .map((entries) => Object.fromEntries(entries));

const optionsArbitrary: fc.Arbitrary<MappingOptions> = fc.record(
  {
    id: fc.constantFrom("nr", "id", "q"),
    control: fc.constantFrom("control", "text"),
    map: fc.constantFrom<Record<string, string>>({ text: "q" }, { a: "q", b: "text" }, { content: "content" }),
  },
  { requiredKeys: [] },
);

const queryOf = ({ map, ...rest }: MappingOptions) => ({
  ...rest,
  ...(map !== undefined && {
    map: Object.entries(map)
      .map((pair) => pair.join("="))
      .join(","),
  }),
});

describe("a row becomes the same task here and on the server", () => {
  it("whatever its fields are and however they are mapped", () => {
    fc.assert(
      fc.property(
        fieldsArbitrary,
        optionsArbitrary,
        fc.constantFrom<RowFormat>("csv", "jsonl"),
        (fields, options, format) => {
          const theirs = taskOfFields(mappingOfQuery(queryOf(options), format), fields);
          expect(taskOfFields(mappingOf(options, format), fields)).toEqual(theirs);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

interface Read {
  readonly row: number;
  readonly fields: RowFields | null;
}

async function ourRows(path: string, format: RowFormat): Promise<Read[]> {
  const rows: Read[] = [];
  for await (const { row, content } of readTaskRows(path, format)) {
    rows.push({ row, fields: "fields" in content ? content.fields : null });
  }
  return rows;
}

async function theirRows(content: Buffer, format: RowFormat): Promise<Read[]> {
  const source = (async function* () {
    yield content;
  })();
  const rows: Read[] = [];
  for await (const portion of format === "csv" ? csvRows(source, 1_048_576) : jsonLines(source, 1_048_576)) {
    for (const { row, content: read } of portion) rows.push({ row, fields: "fields" in read ? read.fields : null });
  }
  return rows;
}

async function expectSame(content: string, format: RowFormat): Promise<void> {
  const path = join(temporaryFolder(), `x.${format}`);
  writeFileSync(path, content);
  expect(await ourRows(path, format)).toEqual(await theirRows(Buffer.from(content), format));
}

describe("a file has the same rows here and on the server", () => {
  it.each([
    ["quotes, commas and ends of lines in fields", 'id,text\r\n1,"a, ""b""\nc"\r\n2,d\r\n'],
    ["a mark, blank lines, no end of line", "\uFEFFid,text\n\n1,a\n\n2,b"],
    ["too many and too few fields", "id,text\n1,a,b\n2\n3,c\n"],
    ["a single column", "id\n1\n2\n"],
    ["fields that look like JSON", 'id,text\n1,"{""a"":1}"\n2,null\n'],
  ])("CSV with %s", (_, content) => expectSame(content, "csv"));

  it.each([
    ["blank lines and lines of spaces", '{"id":1}\n\n  \n{"id":2}\n'],
    ["ends of lines of two characters", '{"id":1}\r\n{"id":2}\r\n'],
    ["things that are no objects", '1\n"a"\nnull\n[]\n{}\n'],
    ["numbers beyond what can be kept", '{"id":9007199254740993}\n{"id":1e400}\n{"id":"9007199254740993"}\n'],
    ["what is not JSON", '{"id":1\n{id:1}\n{"id":1}}\n{"id":1}\n'],
  ])("JSON lines with %s", (_, content) => expectSame(content, "jsonl"));

  it("JSON lines of any values", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fieldsArbitrary, { minLength: 1, maxLength: 10 }), async (rows) => {
        const plain = rows.filter((row) => !Object.hasOwn(row, "__proto__"));
        await expectSame(plain.map((row) => `${JSON.stringify(row)}\n`).join(""), "jsonl");
      }),
      { numRuns: 50 },
    );
  });
});
