import { type RowFormat, type RowMapping, rowMapping } from "../../contract/row-mapping.ts";
import { earnestError } from "../../core/errors.ts";

interface Query {
  readonly id?: string | undefined;
  readonly control?: string | undefined;
  readonly map?: string | undefined;
}

/** What the query says of the rows: which fields are a task's id, its known answer, and what contributors see. */
export function mappingOf({ id, control, map }: Query, format: RowFormat): RowMapping {
  return rowMapping({ id, control, content: map === undefined ? undefined : pairsOf(map) }, format);
}

/** "prompt=q,a=r1,b=r2" */
function pairsOf(map: string): [string, string][] {
  const refuse = (problem: string): never => {
    throw earnestError("MALFORMED_REQUEST", { where: "query.map", problem });
  };
  const pairs = map.split(",").map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return at < 1 || at === pair.length - 1
      ? refuse(`must be field=column,…; "${pair.slice(0, 80)}" is not`)
      : [pair.slice(0, at), pair.slice(at + 1)];
  });
  const fields = pairs.map(([field]) => field);
  if (new Set(fields).size !== fields.length) refuse("names a field twice");
  if (fields.includes("__proto__")) refuse("has a forbidden name");
  return pairs;
}
