import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/cli.ts";
import { keypairFile, noKey, signedInFolder } from "../../../test/support/cli-contributor.ts";
import { cliServer } from "../../../test/support/cli-server.ts";
import { earnedDayOf, openWorkOf, ownRecordOf, testMarket } from "../../api/testing-engine.ts";
import { testToken } from "../../api/testing-token.ts";
import type { Engine } from "../../engine/engine.ts";

const missing = [{ what: "It asks for\u001b[31m a test.", next: "Take it.", requirement: null, test: "reading" }];

/** One market to a page, three in all; whether one may is told to who asks for himself. */
const openWork: Engine["openWork"] = async (session, after) => {
  const place = Number(after ?? 0);
  const may = session === null ? {} : { qualifies: place === 0, missing: place === 0 ? [] : missing };
  const unknown = place === 2 ? { payPerHour: null, secondsPerAnswer: null, rejected: null } : {};
  return { items: [openWorkOf({ ...unknown, ...may })], next: place === 2 ? null : `${place + 1}` };
};

describe("work list", () => {
  it("shows where there is work to anybody, best paid first", async () => {
    const server = await cliServer({ openWork });
    const { stdout, exitCode } = await server.run(["work", "list"], { settings: noKey });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^market +title +an answer +an hour/);
    expect(stdout).toMatch(new RegExp(`${testMarket} +Which is better\\? +0\\.02 +6 +12\\.0 +5\\.0% +30\\n`));
    expect(stdout).toMatch(/0\.02 +\? +\? +30\n/);
    expect(stdout).not.toMatch(/yes|no\n/);
    expect((await server.run(["work", "list", "--json", "--limit", "2"], { settings: noKey })).json.work).toHaveLength(
      2,
    );
  });

  it("says to whom is signed in whether they may, and what is missing", async () => {
    const server = await cliServer({ openWork });
    const { stdout } = await server.run(["work", "list"], { folder: signedInFolder(server), settings: noKey });
    expect(stdout).toMatch(/30 +yes\n/);
    expect(stdout).toContain(`${testMarket}  It asks for [31m a test. Take it.`);
    expect(stdout).not.toContain("\u001b");
    const folder = temporaryFolder();
    const args = ["work", "list", "--json", "--keypair", await keypairFile(folder)];
    const { exitCode } = await server.run(args, { folder, settings: noKey });
    expect(exitCode).toBeLessThan(4);
  });

  it("says that there is none", async () => {
    const server = await cliServer({ openWork: async () => ({ items: [], next: null }) });
    expect((await server.run(["work", "list"], { settings: noKey })).stdout).toBe("There is no work now.\n");
  });
});

describe("work record", () => {
  it("shows one's own, and what an hour brought", async () => {
    const server = await cliServer();
    const parts = { folder: signedInFolder(server), settings: noKey };
    const { stdout } = await server.run(["work", "record", testMarket], parts);
    for (const text of ["6: 3 accepted, 2 rejected, 1 held", "1 met, 1 missed", "0.06, of which 0", "2.4", "proven"]) {
      expect(stdout).toContain(text);
    }
    expect(stdout).toContain("They are compared.");
    expect((await server.run(["work", "record", testMarket, "--json"], parts)).json.record.pace.perHour).toBe("2.4");
  });

  it("says less before there is more", async () => {
    const server = await cliServer({
      ownRecord: async () =>
        ownRecordOf({
          standing: null,
          pace: { answers: 1, activeSeconds: 20, earned: 0n as never, perHour: null },
          lastAtMs: null,
        }),
    });
    const { stdout } = await server.run(["work", "record", testMarket], {
      folder: signedInFolder(server),
      settings: noKey,
    });
    expect(stdout).toContain("too short to say: 20 s");
    expect(stdout).toContain("not known yet");
    expect(stdout).not.toContain("last answer");
  });
});

describe("work earnings", () => {
  it("is a table for the tax office, on standard output", async () => {
    const years: number[] = [];
    const server = await cliServer({
      earnings: async (_session, year) => {
        years.push(year);
        return [earnedDayOf(), earnedDayOf({ day: "2026-11-22", answers: 0 })];
      },
    });
    const parts = { folder: signedInFolder(server), settings: noKey };
    const { stdout, stderr } = await server.run(["work", "earnings", "--year", "2026"], parts);
    const { mint } = testToken;
    expect(stdout.replaceAll("\r", "")).toBe(
      `day,answers,rewards,bonuses,earned,mint\n2026-11-21,3,0.06,0.005,0.065,${mint}\n2026-11-22,0,0.06,0.005,0.065,${mint}\n`,
    );
    expect(stderr).toContain("2 days");
    expect(years).toEqual([2026]);
    expect((await server.run(["work", "earnings", "--year", "26"], parts)).exitCode).not.toBe(0);
  });

  it("is a contributor's own", async () => {
    const server = await cliServer();
    expect((await server.run(["work", "earnings"], { settings: noKey })).exitCode).toBe(3);
  });
});
