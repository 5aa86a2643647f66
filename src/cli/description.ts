import { earnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { CommandContext } from "./context.ts";
import { readTextFile } from "./files.ts";

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
 * @throws MALFORMED_FILE where it does not fit the schema, naming the first field that does not
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
  const at = issue?.path.length === 0 ? "" : `${issue?.path.map(String).join(".")}: `;
  throw earnestError("MALFORMED_FILE", { path: file, problem: `${at}${issue?.message}` });
}
