import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { signerFromSeed } from "#src/client/keys";
import { announcementOf } from "#src/node/updates";
import { buildNode, versionOf } from "./node/build-node.ts";

/**
 * `npm run node:package`: one download that runs a node on a machine with neither Node nor this repository. With
 * `--key FILE --at URL` its announcement as well, for nodes that look there: signed by a keypair file of its makers.
 */
const { values } = parseArgs({ options: { key: { type: "string" }, at: { type: "string" } } });
const bytesMax = 120_000_000;

const root = fileURLToPath(new URL("../../", import.meta.url));
const version = versionOf(root);
const name = `earnest-node-${version}-${process.platform}-${process.arch}`;
const folder = join(root, "dist", "node-package");
const archiveFile = join(folder, `${name}.tar.gz`);
await buildNode(root, join(folder, name));
execFileSync("tar", ["-czf", archiveFile, "-C", folder, name]);
const { size } = statSync(archiveFile);
const sha256 = createHash("sha256").update(readFileSync(archiveFile)).digest("hex");
console.log(`${archiveFile}: ${(size / 1e6).toFixed(1)} MB, sha256 ${sha256}`);
if (values.key !== undefined && values.at !== undefined) {
  const secret = Uint8Array.from(JSON.parse(readFileSync(values.key, "utf8")) as number[]);
  const update = { version, url: new URL(`${name}.tar.gz`, values.at).href, sha256 };
  const announcement = join(folder, "announcement.json");
  writeFileSync(announcement, await announcementOf(update, await signerFromSeed(secret.subarray(0, 32))));
  console.log(`${announcement}: to be served where nodes look (--updates)`);
}
if (size > bytesMax) {
  console.error(`The download may have ${bytesMax / 1e6} MB at most.`);
  process.exitCode = 1;
}
