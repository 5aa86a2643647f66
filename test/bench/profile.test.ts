import { describe, expect, it } from "vitest";
import { partsOf, startProfile } from "../../bench/load/profile.ts";

const frame = (functionName: string, url: string) => ({
  functionName,
  url,
  scriptId: "0",
  lineNumber: 0,
  columnNumber: 0,
});

describe("a profile by parts", () => {
  it("gives the time of whatever lies nowhere to its caller, and leaves waiting and its own beginning out", () => {
    const nodes = [
      { id: 1, callFrame: frame("(root)", ""), children: [2, 4, 6, 8] },
      { id: 2, callFrame: frame("query", "file:///x/node_modules/pg/lib/client.js"), children: [3] },
      { id: 3, callFrame: frame("writev", ""), children: [] },
      { id: 4, callFrame: frame("end", "node:_http_outgoing"), children: [5, 7] },
      { id: 5, callFrame: frame("Socket.write", "node:net") },
      { id: 6, callFrame: frame("(idle)", "") },
      { id: 7, callFrame: frame("toString", "") },
      { id: 8, callFrame: frame("dispatch", "node:inspector") },
    ];
    const parts = partsOf({
      nodes,
      startTime: 0,
      endTime: 60,
      samples: [8, 2, 3, 5, 6, 3, 7],
      timeDeltas: [64, 1, 2, 4, 8, 16, 32],
    });
    expect(parts).toEqual({ "rows for PostgreSQL, its driver": 19, "HTTP of Node": 36 });
  });

  it("is taken of the running process", async () => {
    const end = await startProfile();
    const until = performance.now() + 20;
    while (performance.now() < until);
    const parts = await end();
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeGreaterThan(0);
  });
});
