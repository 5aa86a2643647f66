import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { startEmbedded } from "./embedded.ts";

/**
 * Folders whose server ran before, made by copying: setting one up takes a second of a core, a copy a tenth of it.
 * @param tempFolder makes (and later removes) an empty folder
 */
export function useUsedFolders(tempFolder: () => Promise<string>): () => Promise<string> {
  let model = "";
  beforeAll(async () => {
    model = await mkdtemp(join(tmpdir(), "earnest-model-"));
    await chmod(model, 0o755);
    await (await startEmbedded({ folder: model, log: () => undefined })).stop();
  });
  afterAll(() => rm(model, { recursive: true, force: true }));
  return async () => {
    const folder = await tempFolder();
    execFileSync("cp", ["-a", `${model}/.`, folder]);
    return folder;
  };
}
