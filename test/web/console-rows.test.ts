import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CsvParser,
  csvText,
  recordCharactersMax,
  separatorOf,
  shownOfLong,
} from "../../web/source/console/rows/csv.ts";
import { encodingOf } from "../../web/source/console/rows/encoding.ts";
import { badRows, checkTasks, prepareTasks, Surveyor } from "../../web/source/console/rows/survey.ts";
import { readTable, type TableRow } from "../../web/source/console/rows/table.ts";
import { guessRoles } from "../../web/source/console/rows/tasks.ts";
import { TextSet } from "../../web/source/console/rows/text-set.ts";

/** What the console reads of files, in the code that reads them. */

function parsed(text: string, cuts: readonly number[] = [], separator = ","): { records: string[][]; broken: number } {
  const records: string[][] = [];
  let broken = 0;
  const parser = new CsvParser(separator, (fields, problem) => {
    if (problem !== null) broken++;
    else records.push(fields);
  });
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    parser.feed(text.slice(from, cut));
    from = cut;
  }
  parser.feed(text.slice(from));
  parser.end();
  return { records, broken };
}

const fileOf = (content: string | Uint8Array<ArrayBuffer>, name = "rows.csv"): File => new File([content], name);

async function rowsOf(file: File): Promise<{ columns: readonly string[]; rows: TableRow[] }> {
  const rows: TableRow[] = [];
  let columns: readonly string[] = [];
  const head = (found: { readonly columns: readonly string[] }): void => {
    ({ columns } = found);
  };
  await readTable(file, head, (row) => rows.push(row));
  return { columns, rows };
}

const field = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('"', '""', ",", "a,b", 'say "hi"', "two\nlines", "cr\r\nlf", " spaced ", "=1+1", ""),
);
const table = fc
  .integer({ min: 1, max: 4 })
  .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }));

describe("CSV", () => {
  it("reads back what another library wrote, wherever the pieces are cut", () => {
    fc.assert(
      fc.property(table, fc.array(fc.nat(400), { maxLength: 6 }), fc.constantFrom("\n", "\r\n"), (rows, cuts, ends) => {
        const text = stringify(rows, { record_delimiter: ends, quoted_match: /["\r\n,]/ });
        const within = cuts.map((cut) => Math.min(cut, text.length));
        // An empty line says nothing, in both.
        const wanted = rows.filter((row) => row.length > 1 || row[0] !== "");
        expect(parsed(text, within)).toEqual({ records: wanted, broken: 0 });
      }),
    );
  });

  it("reads back what it wrote itself", () => {
    fc.assert(
      fc.property(table, (rows) => {
        const wanted = rows.filter((row) => row.length > 1 || row[0] !== "");
        expect(parsed(rows.map(csvText).join("")).records).toEqual(wanted);
      }),
    );
  });

  it("loses a record with a quote out of place, and no other", () => {
    expect(parsed('a,b\n"x" y,1\nc,d\n"open,2\ne,f')).toEqual({
      records: [
        ["a", "b"],
        ["c", "d"],
        ["e", "f"],
      ],
      broken: 2,
    });
  });

  it("waits for no more than a record can be, whatever is open", () => {
    const good = "a,b\n".repeat(3);
    const bottomless = "x".repeat(recordCharactersMax + 5);
    for (const [text, lost] of [
      // A quote that nobody closes: its line is lost, what follows is read again.
      [`"open,2\n${"c,d\n".repeat(recordCharactersMax / 4)}`, 1],
      [`${bottomless}${bottomless}\n`, 1],
      [`"${bottomless}${bottomless}\nthe rest",1\n`, 1],
    ] as const) {
      const seen: [fields: string[], problem: string | null][] = [];
      const parser = new CsvParser(",", (...record) => seen.push(record));
      const whole = `${good}${text}${good}`;
      for (let at = 0; at < whole.length; at += 65_536) parser.feed(whole.slice(at, at + 65_536));
      parser.end();
      const bad = seen.filter(([, problem]) => problem !== null);
      expect(bad).toHaveLength(lost);
      for (const [[line = ""]] of bad) expect(line.length).toBeLessThanOrEqual(shownOfLong);
      expect(seen.slice(-3).every(([fields, problem]) => fields.join() === "a,b" && problem === null)).toBe(true);
    }
  });

  it("goes by the separator that the header has most of", () => {
    expect(separatorOf("a;b;c\n1,2;3;4")).toBe(";");
    expect(separatorOf("a\tb\n")).toBe("\t");
    expect(separatorOf('"x;y;z",b\n')).toBe(",");
    expect(separatorOf("one\n")).toBe(",");
  });
});

describe("a file", () => {
  it("is read in the encoding that it has", async () => {
    const text = "id,text\n1,Grüße\n";
    const latin = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const wide = new Uint8Array([
      0xff,
      0xfe,
      ...new Uint8Array(new Uint16Array(Array.from(text, (character) => character.charCodeAt(0))).buffer),
    ]);
    for (const bytes of [new TextEncoder().encode(text), new TextEncoder().encode(`\ufeff${text}`), latin, wide]) {
      const { columns, rows } = await rowsOf(fileOf(bytes));
      expect(columns).toEqual(["id", "text"]);
      expect(rows.map(({ fields }) => fields)).toEqual([["1", "Grüße"]]);
    }
    expect(encodingOf(latin)).toBe("windows-1252");
    // A letter that is cut in two at the end of what is looked at says nothing.
    expect(encodingOf(new TextEncoder().encode("ü").slice(0, 1))).toBe("utf-8");
  });

  it("names columns that have no name, or one that is taken", async () => {
    expect((await rowsOf(fileOf("a,,a\n1,2,3\n"))).columns).toEqual(["a", "column 2", "a 3"]);
  });

  it("has its problems in groups, with the first rows of each, and its formulas counted", async () => {
    const late = new TextEncoder().encode(`id,text\n${"x".repeat(70_000)},ok\n`);
    const bad = new Uint8Array([
      ...late,
      0x35,
      0x2c,
      0xff,
      0x0a,
      ...new TextEncoder().encode('1\n2,=SUM(A1)\n"3,x\n4,y,z\n'),
    ]);
    const { problems, rows, columns } = await new Surveyor().read(
      fileOf(bad),
      () => undefined,
      () => undefined,
    );
    expect(rows).toBe(6);
    expect(problems).toEqual([
      { problem: "ENCODING", count: 1, numbers: [2] },
      { problem: "FIELD_COUNT", count: 2, numbers: [3, 6] },
      { problem: "QUOTES", count: 1, numbers: [5] },
    ]);
    expect(columns[1]).toMatchObject({ formulas: 1 });
  });

  it("becomes tasks of its good rows, and a file of its bad ones", async () => {
    const file = fileOf("id,text,gold\na,one,yes\nb,two,perhaps\na,again,\n,none,\nc,three\nd,four,\n");
    const answer = { type: "choice" as const, choices: ["yes", "no"] };
    const mapping = { roles: guessRoles(["id", "text", "gold"]), answer, own: new Map([[6, "no"]]) };
    const made = await prepareTasks(file, mapping, 1);
    expect(made).toMatchObject({ tasks: 2, controls: 2, sampled: 1 });
    expect(JSON.parse(await made.sample.text())).toEqual({ id: "a", content: { text: "one" }, control: "yes" });
    expect(JSON.parse(await made.rest.text())).toEqual({ id: "d", content: { text: "four" }, control: "no" });
    const { tasks, controls, problems } = made;
    expect(await checkTasks(file, mapping)).toEqual({ tasks, controls, problems });
    const { rows } = await rowsOf(new File([await badRows(file, mapping)], "bad.csv"));
    expect(rows.map(({ fields }) => fields.slice(0, 2))).toEqual([
      ["ANSWER_UNKNOWN", "2"],
      ["ID_REPEATED", "3"],
      ["ID_MISSING", "4"],
      ["FIELD_COUNT", "5"],
    ]);
  });

  it("is JSON lines where its name or its first line says so", async () => {
    const lines = '{"id":7,"text":"a","parts":["x"]}\nnot json\n{"id":8}\n';
    const { columns, rows } = await rowsOf(fileOf(lines, "rows.txt"));
    expect(columns).toEqual(["id", "text", "parts"]);
    expect(rows.map(({ fields, problem }) => [fields.length, problem])).toEqual([
      [3, null],
      [1, "NOT_JSON"],
      [3, null],
    ]);
    expect(rows[0]?.fields).toEqual(["7", "a", '["x"]']);
  });

  it("of a gigabyte takes no more memory than what is looked at, and loses no row", async () => {
    const rows = 1_000;
    const part = new Blob([`${"word ".repeat(200)},x\n`.repeat(rows - 1), "ragged\n"]);
    const parts = Math.ceil(2 ** 30 / part.size);
    const file = new File(["text,other\n", ...Array.from({ length: parts }, () => part)], "large.csv");
    const before = process.memoryUsage().rss;
    let [most, seen, bad] = [before, 0, 0];
    const look = ({ problem }: TableRow): void => {
      if (problem === "FIELD_COUNT") bad++;
      if (++seen % 10_000 === 0) most = Math.max(most, process.memoryUsage().rss);
    };
    expect(await readTable(file, () => undefined, look)).toBe(parts * rows);
    expect([seen, bad]).toEqual([parts * rows, parts]);
    expect((most - before) / 2 ** 20).toBeLessThan(256);
  });

  it("of JSON lines without an end keeps no more than is shown", async () => {
    const bottomless = "x".repeat(recordCharactersMax);
    const lines = `{"text":"a"}\n${bottomless}${bottomless}${bottomless}\n{"text":"b"}\n`;
    const { rows } = await rowsOf(fileOf(lines, "rows.jsonl"));
    expect(rows.map(({ fields: [text = ""], problem }) => [text.length, problem])).toEqual([
      [1, null],
      [shownOfLong, "TOO_LONG"],
      [1, null],
    ]);
  });

  it("is given up where another check follows", async () => {
    const file = new File(["id,text\n", ...Array.from({ length: 40 }, () => "1,x\n".repeat(50_000))], "large.csv");
    const mapping = { roles: guessRoles(["id", "text"]), answer: { type: "text" as const }, own: new Map() };
    const giving = new AbortController();
    const check = checkTasks(file, mapping, giving.signal);
    giving.abort();
    await expect(check).rejects.toThrow();
  });

  it("knows its ids again as a set of texts does", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ maxLength: 6 }), fc.nat(3_000).map(String)), { maxLength: 5_000 }),
        (ids) => {
          const [found, wanted] = [new TextSet(), new Set<string>()];
          for (const id of ids) {
            expect(found.has(id)).toBe(wanted.has(id));
            found.add(id);
            wanted.add(id);
          }
        },
      ),
      { numRuns: 20 },
    );
    const many = new TextSet();
    for (let i = 0; i < 200_000; i++) many.add(`row ${i}`);
    expect(Array.from({ length: 1_000 }, (_, i) => many.has(`row ${i * 200}`)).every(Boolean)).toBe(true);
    expect(Array.from({ length: 1_000 }, (_, i) => many.has(`none ${i}`)).some(Boolean)).toBe(false);
  });

  it("guesses which columns are ids and known answers", () => {
    expect(guessRoles(["ID", "text", "Gold_Label"])).toEqual(["id", "show", "control"]);
    expect(guessRoles(["id", "answer"])).toEqual(["show", "show"]);
    expect(guessRoles(["question", "left", "right"])).toEqual(["show", "show", "show"]);
  });
});
