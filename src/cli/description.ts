import { earnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { CommandContext } from "./context.ts";
import { readTextFile } from "./files.ts";
import { lineOf } from "./json-place.ts";

const bytesMax = 1_000_000;

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** As much of a schema of the contract as it takes to check a description. */
interface Schema {
  safeParse(json: Json): { readonly error?: { readonly issues: readonly Issue[] } | undefined };
}

/**
 * A description in a JSON file, as it is to be sent: the server fills in the defaults.
 *
 * @throws MALFORMED_FILE where it does not fit the schema, pointing at the first field that does not
 */
export async function readDescription<Wanted>(context: CommandContext, file: string, schema: Schema): Promise<Wanted> {
  const text = await readTextFile(context.path(file), bytesMax);
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch (cause) {
    const problem = `it is not JSON (${(cause as Error).message})`;
    throw earnestError("MALFORMED_FILE", { path: file, problem }, { cause });
  }
  const { error } = schema.safeParse(json);
  if (error === undefined) return json as Wanted;
  const [issue] = error.issues;
  throw misfit(file, text, pointerTo(issue?.path ?? []), `${issue?.message}`);
}

/**
 * Runs what is sent or read of a description that fits its schema. What is wrong in its composition, here or on the
 * server, is told by a JSON pointer: then it is shown with its line in the file.
 *
 * @throws MALFORMED_FILE
 */
export async function pointing<T>(context: CommandContext, file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, context: found } = error as { code?: string; context?: { path?: string; problem?: string } };
    const { path, problem } = found ?? {};
    if (code !== "MALFORMED_SPEC" || path?.startsWith("/") !== true) throw error;
    throw misfit(file, await readTextFile(context.path(file), bytesMax), path, `${problem}`);
  }
}

const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((name) => `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

function misfit(file: string, text: string, pointer: string, problem: string): Error {
  const at = pointer === "" ? "" : `line ${lineOf(text, pointer)}, ${pointer}: `;
  return earnestError("MALFORMED_FILE", { path: file, problem: `${at}${problem}` });
}
