import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { lightSource } from "../../scripts/web/light-routes.ts";
import { routes } from "../../src/contract/routes.ts";
import { webFolder } from "../../src/main/web-files.ts";

const gzBytesMax = 90_000;
const isBuilt = existsSync(join(webFolder, "index.html"));
if (!isBuilt) console.warn("The pages are not built, so their size is not looked at: `npm run build`.");

const assets = isBuilt ? readdirSync(join(webFolder, "assets")) : [];
const read = (name: string): string => readFileSync(join(webFolder, name), "utf8");

describe.skipIf(!isBuilt)("the bundle", () => {
  it("has few scripts that everybody loads", () => {
    const page = read("index.html");
    const loaded = assets.filter((name) => name.endsWith(".js") && page.includes(name));
    const bytes = loaded.reduce((sum, name) => sum + gzipSync(read(`assets/${name}`), { level: 9 }).length, 0);
    expect(loaded.length).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(gzBytesMax);
  });

  it("has each language, and the key code without WebCrypto, in a file that is loaded when wanted", () => {
    const page = read("index.html");
    for (const name of ["messages-es-", "messages-ar-", "messages-zh-", "pure-"]) {
      const file = assets.find((each) => each.startsWith(name) && each.endsWith(".js"));
      expect(file, name).toBeDefined();
      expect(page).not.toContain(file);
    }
  });

  it("has no schemas, no markup within scripts, and names no other host", () => {
    for (const name of assets.filter((each) => each.endsWith(".js"))) {
      const text = read(`assets/${name}`);
      expect(/ZodError|new Function\(/.test(text), name).toBe(false);
      const hosts = new Set(Array.from(text.matchAll(/https?:\/\/([\w.-]+)/g), ([, host]) => host));
      // A namespace is a name and no address.
      hosts.delete("www.w3.org");
      // The node of the same computer, on a screen of its own.
      if (name.startsWith("node-")) hosts.delete("127.0.0.1");
      expect([...hosts], name).toEqual([]);
    }
    expect(read("index.html")).not.toMatch(/<script(?![^>]*src)|<style|style=/);
  });

  it("tells its service worker every file that it starts with, and no language", () => {
    const worker = read("service-worker.js");
    const index = assets.find((name) => /^index-.*\.js$/.test(name)) ?? "?";
    expect(worker).toContain(`/assets/${index}`);
    expect(worker).not.toContain("__PRECACHE__");
    expect(worker).not.toMatch(/messages-|pure-/);
  });
});

describe("the light table of operations", () => {
  it("has method and path of each operation, and no schema", () => {
    const source = lightSource();
    for (const { id, path } of Object.values(routes)) {
      expect(source).toContain(`"id":"${id}"`);
      expect(source).toContain(`"path":"${path}"`);
    }
    expect(source).not.toContain("summary");
  });
});
