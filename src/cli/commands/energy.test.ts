import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCli } from "../../../test/support/cli.ts";
import { nercHolidays } from "../energy/nerc-holidays.ts";

const root = join(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "earnest-energy-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const guide = readFileSync(join(root, "docs/energy.md"), "utf8");
const [sample = ""] = guide.match(/^ {4}earnest energy .*$/m) ?? [];
const [, shown = ""] = guide.match(/```\n(CAISO[^`]*)```/) ?? [];
const args = sample.trim().split(" ").slice(1);

const readings = readFileSync(join(root, "examples/energy/meter.csv"), "utf8").trim().split("\n");
const events = readFileSync(join(root, "examples/energy/season.csv"), "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split(",").map((each) => each.trim()) as [string, string]);

/** The example's meter with another use in its events, and in the three hours that end an hour before them. */
function changed(inEvents: number, before: number): string {
  const lines = readings.map((line) => {
    const [time = "", value = ""] = line.split(",");
    const isIn = events.some(([begin, end]) => time >= begin && time < end);
    const hour = time.slice(11, 13);
    const isBefore = events.some(([begin]) => time.startsWith(begin.slice(0, 10))) && hour >= "10" && hour < "13";
    return `${time},${isIn ? Number(value) * inEvents : isBefore ? Number(value) * before : value}`;
  });
  const name = `${inEvents} ${before}.csv`;
  writeFileSync(join(folder, name), lines.join("\n"));
  return join(folder, name);
}

const run = async (file: string, ...more: readonly string[]) =>
  (await runCli([args[0] as string, file, ...args.slice(2), ...more, "--json"], { folder: root })).json;
const payable = async (file: string, ...more: readonly string[]): Promise<string> =>
  ((await run(file, ...more)).units / 1_000_000).toFixed(2);

describe("earnest energy", () => {
  it("gives what docs/energy.md shows", async () => {
    const { stdout, exitCode } = await runCli(args, { folder: root });
    expect(exitCode).toBe(0);
    expect(stdout.split("\n").map((line) => line.trimEnd())).toEqual(shown.split("\n"));
  });

  it("pays a third less as the guide says, and nothing for a bump where notice came first", async () => {
    const [third, bumped] = [changed(2 / 3, 1), changed(2 / 3, 1.1)];
    const told = [await payable(third), await payable(bumped)];
    const late = [await payable(third, "--notice-minutes", "30"), await payable(bumped, "--notice-minutes", "30")];
    expect([...told, ...late]).toEqual(["48.79", "48.79", "53.73", "67.98"]);
    for (const number of new Set([...told, ...late])) expect(guide).toContain(number);
  });

  it("says which methods are not eligible on this meter", async () => {
    const [file = ""] = args.slice(1);
    const codes = ["aemo10of10AllDays", "pge5in10"].map(
      async (method) => (await run(file, "--method", method)).reasons[0].code,
    );
    expect(await Promise.all(codes)).toEqual(["BASELINE_UNRELIABLE", "BASELINE_BIASED"]);
  });

  it("draws a panel an event, as an SVG that is closed", async () => {
    await run(args[1] as string, "--plot", join(folder, "plot.svg"));
    const svg = readFileSync(join(folder, "plot.svg"), "utf8");
    expect(svg.match(/kWh count</g)).toHaveLength(5);
    expect(svg.match(/<(text|tspan|svg)/g)?.length).toBe(svg.match(/<\/(text|tspan|svg)>/g)?.length);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("reads a load in JSON as its CSV", async () => {
    const values = readings.map((line) => Number(line.split(",")[1])).map((each) => (Number.isNaN(each) ? null : each));
    const load = { unit: "kW", startMs: Date.parse("2013-08-01T08:00:00Z"), intervalMs: 900_000, values };
    writeFileSync(join(folder, "load.json"), JSON.stringify(load));
    expect(await run(join(folder, "load.json"))).toEqual(await run(args[1] as string));
  });

  it.each([
    ["a.csv", "time,kW\nyesterday,5\n", "line 2"],
    ["b.csv", "2013-08-01 00:00:00,5\n2013-08-01 00:07:00,5\n", "15 minutes apart"],
    ["c.csv", "\n", "no readings"],
    ["d.csv", "1913-08-01 00:00:00,5\n2013-08-01 00:00:00,5\n", "more than"],
    ["e.json", '{"unit":"kWh","startMs":0,"intervalMs":900000,"values":[]}', "load.unit must be kW"],
    ["f.json", "[", "not JSON"],
  ])("refuses readings it would have to guess: %s", async (name, text, problem) => {
    writeFileSync(join(folder, name), text);
    const { stderr, exitCode } = await runCli([args[0] as string, join(folder, name), ...args.slice(2)], {
      folder: root,
    });
    expect([exitCode === 0, stderr]).toEqual([false, expect.stringContaining(problem)]);
  });
});

describe("kinds import energy", () => {
  it("makes seasons of the example that are never paid", async () => {
    const out = join(folder, "seasons.json");
    const { json } = await runCli(["kinds", "import", "energy", join(root, "examples/energy"), "--out", out, "--json"]);
    expect(json).toMatchObject({ ok: true, kind: "energy", cases: 31, agreeing: 31, differing: [] });
    const tested = await runCli(["kinds", "test", "energy", "--vectors", out, "--json"]);
    expect(tested.json).toMatchObject({ ok: true, cases: 31, attacks: 15, failed: 0 });
  });

  it("says what a folder lacks", async () => {
    const { stderr } = await runCli(["kinds", "import", "energy", join(folder, "nothing")]);
    expect(stderr).toContain("neither test_kw.csv nor meter.csv");
  });

  it("knows the off-peak days of a year", () => {
    expect(nercHolidays(2013)).toEqual([
      "2013-01-01",
      "2013-05-27",
      "2013-07-04",
      "2013-09-02",
      "2013-11-28",
      "2013-12-25",
    ]);
    expect(nercHolidays(2021)[2]).toBe("2021-07-05");
  });
});
