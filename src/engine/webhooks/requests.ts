import type { Bytes32 } from "../../core/bytes.ts";
import { insertRequests, listRequests, type RequestRow } from "../../store/identity/requests.ts";
import type { EngineContext } from "../context.ts";
import { pageOf, readTimeCursor, timeCursor } from "../page.ts";
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
    const rows = await listRequests(pool, owner, failedOnly, after === null ? null : readTimeCursor(after), limit + 1);
    const { items, next } = pageOf(rows, limit, timeCursor);
    return { items: items.map(({ owner: _, ...request }) => request), next };
  },
});
