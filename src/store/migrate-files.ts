import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { earnestError } from "../core/errors.ts";

export interface Migration {
  readonly id: number;
  /** The file's name without its ending. */
  readonly name: string;
  /** Code from before it cannot use the database after it. */
  readonly breaking: boolean;
  readonly sha256: string;
  readonly text: string;
}

const namePattern = /^(\d{6})_[a-z0-9_]+\.sql$/;
const breakingMark = "--! breaking";

/** The migrations of a folder in order: numbered from 1 without gaps, a breaking one marked so in its first line. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d+.*\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name, at) => {
      const id = Number(namePattern.exec(name)?.[1]);
      if (id !== at + 1) {
        const problem = `${join(folder, name)} should be ${String(at + 1).padStart(6, "0")}_some_name.sql`;
        throw earnestError("MIGRATION_MISMATCH", { problem });
      }
      const text = await readFile(join(folder, name), "utf8");
      const sha256 = createHash("sha256").update(text).digest("hex");
      const breaking = text.split("\n", 1)[0]?.trim() === breakingMark;
      return { id, name: name.replace(/\.sql$/, ""), breaking, sha256, text };
    }),
  );
}
