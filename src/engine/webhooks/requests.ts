import type { Bytes32 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { insertRequests, listRequests, type RequestPlace, type RequestRow } from "../../store/identity/requests.ts";
import type { EngineContext } from "../context.ts";
import type { Page } from "../types.ts";

/** What a program asked with an API key. */
export type LoggedRequest = RequestRow;
export type RequestView = Omit<RequestRow, "owner">;

export interface Requests {
  logRequests(requests: readonly LoggedRequest[]): Promise<void>;
  /** The newest first. */
  listRequests(owner: Bytes32, failedOnly: boolean, after: string | null, limit: number): Promise<Page<RequestView>>;
}

export const createRequests = ({ pool }: EngineContext): Requests => ({
  logRequests: (requests) => insertRequests(pool, requests),
  async listRequests(owner, failedOnly, after, limit) {
    const rows = await listRequests(pool, owner, failedOnly, after === null ? null : readPlace(after), limit + 1);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const next = rows.length > limit && last !== undefined ? `${last.atMs}.${last.id}` : null;
    return { items: shown.map(({ owner: _, ...request }) => request), next };
  },
});

function readPlace(text: string): RequestPlace {
  const match = /^(\d{1,15})\.(.+)$/.exec(text);
  if (match === null) throw earnestError("MALFORMED_REQUEST", { where: "after", problem: "is no cursor of this list" });
  return { atMs: Number(match[1]), id: match[2] as string };
}
