import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type afterAll, afterEach } from "vitest";

/** A way to make temporary folders, with a space in their name; removed after each test, or with `afterAll` at the end. */
export function useTempFolders(
  hook: typeof afterEach | typeof afterAll = afterEach,
): (mode?: number) => Promise<string> {
  const made: string[] = [];
  hook(async () => {
    for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
  });
  return async (mode = 0o755) => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "earnest test ")));
    await chmod(folder, mode);
    made.push(folder);
    return folder;
  };
}
