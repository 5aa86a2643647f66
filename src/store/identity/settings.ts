import type { Queryable } from "../pool.ts";
import { runStatement, statement } from "../pool-statement.ts";

const put = statement<[name: string, value: string], { value: string }>(
  "settings.put",
  `insert into settings (name, value) values ($1, $2)
   on conflict (name) do update set value = settings.value returning value`,
);

/** Sets a fact of the deployment unless it is set; returns what stands, also where another process was first. */
export async function putSetting(on: Queryable, name: string, value: string): Promise<string> {
  const [row] = await runStatement(on, put, [name, value]);
  return row?.value ?? value;
}
