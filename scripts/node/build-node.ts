import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { nodeFlags } from "#src/main/node-flags";

export const versionOf = (root: string): string =>
  (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version;

const launcher = `#!/bin/sh
here=$(CDPATH= cd -- "\${0%/*}" && pwd)
exec "$here/node" ${nodeFlags.join(" ")} "$here/earnest-node.mjs" "$@"
`;

const readme = (version: string): string => `Earnest node ${version}

    ./earnest-node node start --help

A program and the Node.js that runs it; nothing else is needed. Node.js is under its own licence: https://nodejs.org/
`;

/** The node alone, in a folder: its program and the sandbox's thread, the Node that runs this very script, and a word on how to begin. */
export async function buildNode(root: string, folder: string): Promise<void> {
  const version = versionOf(root);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const bundle = (source: string, name: string) =>
    build({
      root,
      configFile: false,
      logLevel: "error",
      define: { EARNEST_VERSION: JSON.stringify(version) },
      ssr: { noExternal: true },
      build: {
        ssr: join(root, "dist", source),
        outDir: folder,
        emptyOutDir: false,
        target: "node20",
        rolldownOptions: { output: { entryFileNames: name, codeSplitting: false } },
      },
    });
  await bundle("main/node-program.js", "earnest-node.mjs");
  // Where the sandbox looks for it: beside the program.
  await bundle("sandbox/thread-program.js", "thread-program.js");
  copyQuickJs(root, folder);
  copyFileSync(process.execPath, join(folder, "node"));
  for (const [name, text] of [
    ["earnest-node", launcher],
    ["README.txt", readme(version)],
  ] as const)
    writeFileSync(join(folder, name), text);
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  for (const name of ["node", "earnest-node"]) chmodSync(join(folder, name), 0o755);
}

/** The engine of the sandbox, which is found by its package's name. */
function copyQuickJs(root: string, folder: string): void {
  const from = join(root, "node_modules", "quickjs-wasi");
  const to = join(folder, "node_modules", "quickjs-wasi");
  mkdirSync(to, { recursive: true });
  for (const name of ["package.json", "quickjs.wasm", "LICENSE"]) copyFileSync(join(from, name), join(to, name));
  // The program and its thread are modules.
  writeFileSync(join(folder, "package.json"), '{ "type": "module", "private": true }\n');
}
