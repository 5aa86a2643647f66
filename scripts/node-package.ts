import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildNode, versionOf } from "./node/build-node.ts";

/** `npm run node:package`: one download that runs a node on a machine with neither Node nor this repository. */
const bytesMax = 120_000_000;

const root = fileURLToPath(new URL("../../", import.meta.url));
const name = `earnest-node-${versionOf(root)}-${process.platform}-${process.arch}`;
const folder = join(root, "dist", "node-package");
const archiveFile = join(folder, `${name}.tar.gz`);
await buildNode(root, join(folder, name));
execFileSync("tar", ["-czf", archiveFile, "-C", folder, name]);
const { size } = statSync(archiveFile);
const sha256 = createHash("sha256").update(readFileSync(archiveFile)).digest("hex");
console.log(`${archiveFile}: ${(size / 1e6).toFixed(1)} MB, sha256 ${sha256}`);
if (size > bytesMax) {
  console.error(`The download may have ${bytesMax / 1e6} MB at most.`);
  process.exitCode = 1;
}
