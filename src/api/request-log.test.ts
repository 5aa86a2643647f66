import { describe, expect, it } from "vitest";
import { bytes32 } from "../core/bytes.ts";
import type { LoggedRequest } from "../engine/webhooks/requests.ts";
import { RequestLog } from "./request-log.ts";

const request = (id: string): LoggedRequest => ({
  owner: bytes32(new Uint8Array(32)),
  atMs: 1,
  id,
  apiKey: "k1",
  operation: "getMarket",
  method: "GET",
  path: "/v1/markets/x",
  status: 200,
  durationMs: 3,
  code: null,
});

describe("the log of requests", () => {
  it("is written in portions, of a flood only the beginning, and never fails a request", async () => {
    const written: string[][] = [];
    const log = new RequestLog({
      logRequests: async (rows) => {
        written.push(rows.map(({ id }) => id));
        if (written.length === 1) throw new Error("the database is away");
      },
    });
    log.add(request("a"));
    await log.flush();
    for (let each = 0; each < 800; each++) log.add(request(`${each}`));
    await log.flush();
    await log.flush();
    expect(written.map((rows) => rows.length)).toEqual([1, 500]);
  });
});
