import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";

/** A way to make temporary folders, with a space in their name; all are removed after each test. */
export function useTempFolders(): (mode?: number) => Promise<string> {
  const made: string[] = [];
  afterEach(async () => {
    for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
  });
  return async (mode = 0o755) => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "earnest test ")));
    await chmod(folder, mode);
    made.push(folder);
    return folder;
  };
}
