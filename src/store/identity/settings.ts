import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const put = statement<[name: string, value: string], { value: string }>(
  "settings.put",
  `with inserted as (
     insert into settings (name, value) values ($1, $2) on conflict (name) do nothing returning value
   )
   select value from inserted union all select value from settings where name = $1 limit 1`,
);

/** Sets a fact of the deployment unless it is set; returns what stands. */
export async function putSetting(on: Queryable, name: string, value: string): Promise<string> {
  const [row] = await runStatement(on, put, [name, value]);
  return row?.value ?? value;
}
