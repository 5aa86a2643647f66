import { stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { earnestError } from "../../core/errors.ts";
import type { CommandContext } from "../context.ts";
import { readTextFile } from "../files.ts";

export interface ContentItem {
  readonly label: string;
  readonly text: string;
}

const textMax = 100_000;
const labelMax = 200;
const itemsMax = 20;

interface Given {
  /** As on the command line. */
  readonly given: string;
  readonly isFile: boolean;
  readonly text: string;
}

/** What is asked about: each argument is a file where there is one of that name, and otherwise the text itself. */
export async function readContent(context: CommandContext, args: readonly string[]): Promise<ContentItem[]> {
  if (args.length > itemsMax) throw earnestError("LIMIT_EXCEEDED", { what: "things to ask about", max: itemsMax });
  const items = await Promise.all(args.map((given) => readOne(context, given)));
  return items.map((item) => ({ label: labelOf(item, items), text: item.text }));
}

async function readOne(context: CommandContext, given: string): Promise<Given> {
  const path = context.path(given);
  const exists = given.length < 4_096 && !given.includes("\0") && (await isThere(path));
  if (!exists && looksLikeFile(given)) throw earnestError("FILE_NOT_FOUND", { path: given });
  const text = exists ? await readTextFile(path, textMax) : given;
  if (text.trim() === "") {
    throw earnestError("MALFORMED_FILE", { path: exists ? given : "An empty text", problem: "it is empty" });
  }
  return { given, isFile: exists, text };
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    // What is there and cannot be looked at is reported by reading it.
    (error: unknown) => (error as NodeJS.ErrnoException).code === "EACCES",
  );

/** A misspelt file name must not be shown to people as the thing itself. */
const looksLikeFile = (given: string): boolean =>
  !/\s/.test(given) && (/\.[a-z][a-z0-9]{0,4}$/i.test(given) || /^(\.{0,2}|~)\//.test(given));

/** The shortest name that tells an item from the others: its stem, its file name, its path. */
function labelOf(item: Given, all: readonly Given[]): string {
  const names = [stemOf, fileNameOf, (each: Given) => each.given];
  const isUnique = (name: (each: Given) => string): boolean =>
    all.every((each) => each === item || name(each) !== name(item));
  const name = names.find(isUnique);
  if (name === undefined) {
    throw earnestError("MALFORMED_COMMAND", { problem: `"${item.given.slice(0, 60)}" is there twice` });
  }
  return name(item).slice(0, labelMax);
}

const stemOf = (item: Given): string => (item.isFile ? basename(item.given, extname(item.given)) : shortText(item));
const fileNameOf = (item: Given): string => (item.isFile ? basename(item.given) : shortText(item));
const shortText = ({ given }: Given): string => given.replace(/\s+/g, " ").trim().slice(0, labelMax);
