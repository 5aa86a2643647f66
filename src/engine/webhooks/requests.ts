import type { Bytes32 } from "../../core/bytes.ts";
import { insertRequests, listRequests, type RequestRow } from "../../store/identity/requests.ts";
import type { EngineContext } from "../context.ts";

/** What a program asked with an API key. */
export type LoggedRequest = RequestRow;
export type RequestView = Omit<RequestRow, "owner">;

export interface Requests {
  logRequests(requests: readonly LoggedRequest[]): Promise<void>;
  /** The newest first. */
  listRequests(owner: Bytes32, failedOnly: boolean, limit: number): Promise<readonly RequestView[]>;
}

export const createRequests = ({ pool }: EngineContext): Requests => ({
  logRequests: (requests) => insertRequests(pool, requests),
  listRequests: async (owner, failedOnly, limit) =>
    (await listRequests(pool, owner, failedOnly, limit)).map(({ owner: _, ...request }) => request),
});
