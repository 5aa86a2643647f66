import type { OpenWork } from "../../../src/contract/open-work.ts";
import { routes } from "../../../src/contract/routes.ts";
import { contributor, transport } from "../connection.ts";

/** Markets that have work now, the best paid by the hour first; for whoever has a key here, with what they lack. */
export async function openWork(pagesMax = 3): Promise<readonly OpenWork[]> {
  const token = (await contributor.value?.signIn())?.token ?? null;
  const found: OpenWork[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < pagesMax; pages++) {
    const page: { items: OpenWork[]; next: string | null } = await transport.call(routes.listWork, {
      query: { limit: 20, after },
      token,
    });
    found.push(...page.items);
    if (page.next === null) break;
    after = page.next;
  }
  return found;
}
