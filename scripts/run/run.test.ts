import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, makeClone, program, type Running, start } from "./clone.ts";

let root = "";
beforeAll(() => {
  root = makeClone();
});
afterAll(() => rmSync(dirname(root), { recursive: true, force: true }));

const at = (path: string): string => join(root, path);
const begin = (args: readonly string[], env?: NodeJS.ProcessEnv): Running =>
  start(root, process.execPath, ["scripts/run.mjs", ...args], env);
const run = (...args: string[]): Promise<Ended> => begin(args).ended;
const builds = (): number => readFileSync(at("builds.log"), "utf8").split("\n").length - 1;

describe("npm scripts on a fresh clone", () => {
  it("install, build and become the program, whose output and exit code stay its own", async () => {
    const first = await run("earnest", "exit", "3");
    expect(first.stderr).toContain("installing packages");
    expect(first.stderr).toContain("output of the compiler");
    expect(first).toMatchObject({ code: 3, stdout: '["exit","3"]\n' });
  });

  it("do nothing twice", async () => {
    expect(await run("earnest", "exit", "0")).toEqual({ code: 0, signal: null, stdout: '["exit","0"]\n', stderr: "" });
    expect(builds()).toBe(1);
  });

  it("build again when a source changed, and say so when it does not compile", async () => {
    writeFileSync(at("src/main/earnest.ts"), "broken");
    const broken = await run("earnest");
    expect(broken).toMatchObject({ code: 2, stdout: "" });
    expect(broken.stderr).toContain("do not compile");
    writeFileSync(at("src/main/earnest.ts"), program);
    expect((await run("earnest", "exit", "0")).code).toBe(0);
  });

  it("prepare once when several start together", async () => {
    for (const path of ["node_modules", "dist", "builds.log"]) rmSync(at(path), { recursive: true });
    const all = await Promise.all(["1", "2", "3"].map((code) => run("earnest", "exit", code)));
    expect(all.map((each) => each.code)).toEqual([1, 2, 3]);
    expect(builds()).toBe(1);
    const installs = all.filter((each) => each.stderr.includes("installing packages"));
    expect(installs).toHaveLength(1);
  });

  it("take over from a start that died while preparing", async () => {
    const dead = begin(["earnest", "exit", "0"]);
    await dead.ended;
    mkdirSync(at(".stamp"), { recursive: true });
    writeFileSync(at(".stamp/preparing.lock"), JSON.stringify({ pid: dead.child.pid, host: hostname(), since: 0 }));
    rmSync(at("dist"), { recursive: true });
    expect((await run("earnest", "exit", "0")).code).toBe(0);
    expect(existsSync(at(".stamp/preparing.lock"))).toBe(false);
  });

  it("install again after an interrupted install, not after one made by hand", async () => {
    rmSync(at("node_modules/.earnest-installed"));
    expect((await run("earnest", "exit", "0")).stderr).toBe("");
    rmSync(at("node_modules/.package-lock.json"));
    expect((await run("earnest", "exit", "0")).stderr).toContain("installing packages");
  });
});

describe("signals", () => {
  it("reach the program through npm", async () => {
    const running = start(root, "npm", ["run", "earnest", "--", "wait"]);
    await running.said('["wait"]');
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 7 });
  });

  it("reach a tool, and are passed on", async () => {
    const running = begin(["typecheck"], { HANG: "1" });
    const pid = Number(/hanging (\d+)/.exec(await running.said("\n"))?.[1]);
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: null, signal: "SIGINT" });
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  it("end the program when npm was killed outright", async () => {
    const running = start(root, "npm", ["run", "earnest", "--", "wait"]);
    await running.said('["wait"]');
    running.child.kill("SIGKILL");
    // The program holds the pipe: it closes when the program has ended too.
    await running.ended;
  });
});

describe("what cannot work", () => {
  it("is said on an old Node", async () => {
    const preload = at("old.cjs");
    writeFileSync(preload, 'Object.defineProperty(process, "versions", { value: { node: "18.20.1" } });');
    const { code, stderr } = await start(root, process.execPath, ["-r", preload, "scripts/run.mjs", "earnest"]).ended;
    expect(code).toBe(1);
    expect(stderr).toContain("needs Node.js 20.19 or newer; this is 18.20.1");
    expect(stderr).toContain("nvm install");
  });

  it("is said of an unknown script", async () => {
    expect(await run("gone")).toMatchObject({ code: 2, stdout: "" });
  });
});
