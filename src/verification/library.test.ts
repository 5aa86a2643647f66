import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, dirname, join, normalize } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/support/cli.ts";
import * as library from "./library.ts";

const root = join(import.meta.dirname, "../..");
const compiled = join(root, "dist");

/** All files that a file needs, by its relative imports; what else it names goes to `others`. */
function closure(path: string, seen: Set<string>, others: Set<string>): void {
  if (seen.has(path)) return;
  seen.add(path);
  for (const [, specifier = ""] of readFileSync(path, "utf8").matchAll(
    /^(?:import|export|\} )[^;]*?from "([^"]+)"/gm,
  )) {
    if (specifier.startsWith(".")) closure(normalize(join(dirname(path), specifier)), seen, others);
    else others.add(specifier);
  }
}

describe("earnest/verify", () => {
  it("is what package.json exports", () => {
    const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      exports: Record<string, Record<string, string>>;
    };
    expect(exports["./verify"]).toEqual({
      types: "./dist/verification/library.d.ts",
      default: "./dist/verification/library.js",
    });
  });

  it("needs nothing but its own files: neither Node nor a package", () => {
    const [seen, others] = [new Set<string>(), new Set<string>()];
    closure(join(import.meta.dirname, "library.ts"), seen, others);
    expect([...others]).toEqual([]);
    expect(seen.size).toBeGreaterThan(15);
    for (const path of seen)
      expect(readFileSync(path, "utf8"), path).not.toMatch(/\b(?:process|Buffer|require)\b\s*[.(]/);
  });

  it("infers", () => {
    const { labels, confidence } = library.inferByAuto(library.createAnswers(crowd));
    expect([...labels]).toEqual([1, 0]);
    expect(confidence[0]).toBeGreaterThan(0.5);
  });

  const browser = findBrowser();
  const isCompiled = existsSync(join(compiled, "verification/library.js"));
  const missing =
    browser === null ? " (skipped: no Chromium or Chrome in PATH)" : isCompiled ? "" : " (skipped: not built)";

  it.skipIf(missing !== "")(
    `gives the same in a browser as here${missing}`,
    async () => {
      const server = createServer(({ url = "/" }, response) => {
        const isPage = url === "/";
        const path = join(compiled, normalize(url));
        if (!isPage && !existsSync(path)) return response.writeHead(404).end();
        response.setHeader("content-type", isPage ? "text/html" : "text/javascript");
        return response.end(isPage ? page : readFileSync(path));
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      try {
        const { port } = server.address() as AddressInfo;
        const { stdout } = await promisify(execFile)(browser as string, [
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--virtual-time-budget=10000",
          "--dump-dom",
          `--user-data-dir=${temporaryFolder()}`,
          `http://127.0.0.1:${port}/`,
        ]);
        const { labels, confidence } = library.inferByAuto(library.createAnswers(crowd));
        expect(/<p>(.*)<\/p>/.exec(stdout)?.[1]).toBe(JSON.stringify([[...labels], [...confidence]]));
      } finally {
        server.close();
      }
    },
    60_000,
  );
});

const crowd = {
  tasks: 2,
  contributors: 3,
  classes: 2,
  task: [0, 0, 0, 1, 1, 1],
  contributor: [0, 1, 2, 0, 1, 2],
  label: [1, 1, 0, 0, 0, 0],
};

const page = `<!doctype html><p></p><script type="module">
import { createAnswers, inferByAuto } from "/verification/library.js";
const { labels, confidence } = inferByAuto(createAnswers(${JSON.stringify(crowd)}));
document.querySelector("p").textContent = JSON.stringify([[...labels], [...confidence]]);
</script>`;

function findBrowser(): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => isExecutable(path)) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
