import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { defineBench, describeOptions, OptionError, readOptions } from "../../bench/options.ts";

const options = {
  rows: { type: "count", about: "rows" },
  nodes: { type: "count", default: 50, about: "nodes" },
  part: { type: "share", default: 0.05, about: "a part" },
  seeds: { type: "numbers", default: [1, 2], about: "seeds" },
  only: { type: "text", about: "names" },
  short: { type: "flag", about: "measures little" },
} as const;

describe("options of a bench", () => {
  it("have the values that were given, and their defaults otherwise", () => {
    const given = ["--rows", "10", "--part", "0.5", "--seeds", "3,4.5", "--only=a,b", "--short"];
    expect(readOptions(given, options)).toEqual({
      rows: 10,
      nodes: 50,
      part: 0.5,
      seeds: [3, 4.5],
      only: "a,b",
      short: true,
    });
    const usual = { rows: undefined, nodes: 50, part: 0.05, seeds: [1, 2], only: undefined, short: false };
    expect(readOptions([], options)).toEqual(usual);
  });

  it.each([
    [["--rows", "many"], '--rows is a whole number from 1 on, not "many"'],
    [["--rows", "0"], '--rows is a whole number from 1 on, not "0"'],
    [["--rows", "1e6"], '--rows is a whole number from 1 on, not "1e6"'],
    [["--rows", ""], '--rows is a whole number from 1 on, not ""'],
    [["--part", "1.5"], '--part is a number from 0 to 1, not "1.5"'],
    [["--seeds", "1,,2"], '--seeds is numbers with commas between them, not "1,,2"'],
    [["--nope"], "Unknown option '--nope'"],
    [["--rows"], "Option '--rows <value>' argument missing"],
    [["--short=yes"], "Option '--short' does not take an argument"],
    [["more"], "Unexpected argument 'more'"],
  ])("that it does not have, or not so, are said in a sentence: %j", (args, message) => {
    expect(() => readOptions(args, options)).toThrow(new OptionError(message));
  });

  it("are told with their defaults", () => {
    expect(describeOptions(options)).toEqual([
      "  --rows COUNT         rows",
      "  --nodes COUNT        nodes (50)",
      "  --part SHARE         a part (0.05)",
      "  --seeds NUMBERS      seeds (1,2)",
      "  --only TEXT          names",
      "  --short              measures little",
      "  --json               the figures as one object in the last line",
    ]);
  });

  it("are looked at before anything is measured", async () => {
    let isMeasured = false;
    const bench = defineBench(options, () => {
      isMeasured = true;
      return Promise.resolve(null);
    });
    await expect(bench.run(["--json", "--rows", "x"])).rejects.toThrow(OptionError);
    expect(isMeasured).toBe(false);
    await bench.run(["--rows", "2"]);
    expect(isMeasured).toBe(true);
  });

  it("end with one object where JSON is asked for, and say the rest elsewhere", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const bench = defineBench({}, (_, say) => {
      say("a line");
      return Promise.resolve({ figure: 1 });
    });
    await bench.run([]);
    expect(log.mock.calls).toEqual([["a line"]]);
    log.mockClear();
    await bench.run(["--json"]);
    expect({ log: log.mock.calls, error: error.mock.calls }).toEqual({ log: [['{"figure":1}']], error: [["a line"]] });
    vi.restoreAllMocks();
  });
});

describe("what a bench measured", () => {
  it("is as it must be, unless its figures say that it is not", async () => {
    const figures = [null, { figure: 1 }, { ok: true }, { ok: false }];
    const found = await Promise.all(figures.map((each) => defineBench({}, async () => each).run([])));
    expect(found).toEqual([true, true, true, false]);
  });
});

describe("npm run bench", () => {
  const program = fileURLToPath(new URL("../../dist/bench/bench.js", import.meta.url));
  const run = (...args: readonly string[]) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
        resolve({ code: error?.code ?? 0, stdout, stderr });
      });
    });

  it("tells what there is", async () => {
    const { code, stdout } = await run("--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}turn {7}\S.*naive/m);
    const nameless = await run();
    expect(nameless).toMatchObject({ code: 2, stdout: "", stderr: stdout });
  });

  it("tells what a bench takes", async () => {
    const { code, stdout } = await run("scale", "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}--rows COUNT +\S/m);
  });

  it("says what is wrong with its arguments, and measures nothing", async () => {
    expect((await run("nope")).stderr).toMatch(/^There is no bench "nope"\.\nUsage: /);
    const { code, stdout, stderr } = await run("root", "--leaves", "7", "--json");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^Unknown option '--leaves'\n {2}--json /);
  });
});
