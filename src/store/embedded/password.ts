import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { folderError } from "./failures.ts";
import type { Layout } from "./layout.ts";

export const newPassword = (): string => randomBytes(24).toString("base64url");

/** Undefined where there is none yet. */
export async function readPassword(layout: Layout): Promise<string | undefined> {
  try {
    return (await readFile(layout.password, "utf8")).trim() || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw folderError(error, layout.folder);
  }
}

/** Whole or not at all, and readable by nobody else. */
export async function writePassword(layout: Layout, password: string): Promise<void> {
  const draft = `${layout.password}.draft`;
  try {
    await rm(draft, { force: true });
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(`${password}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, layout.password);
  } catch (error) {
    throw folderError(error, layout.folder);
  }
}
