import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../test/support/market-hash.ts";
import { toUtf8 } from "./bytes.ts";
import { LogNodes } from "./log-nodes.ts";
import { logLeaf, logPath, logRoot, logTreeOf, verifyPath } from "./log-tree.ts";

const leaves = Array.from({ length: 70 }, (_, i) => logLeaf(sha256, toUtf8(`entry ${i}`)));

function nodesOf(count: number): LogNodes {
  const nodes = new LogNodes(sha256);
  for (const leaf of leaves.slice(0, count)) nodes.append(leaf);
  return nodes;
}

describe("the nodes of a log", () => {
  it("prove every entry under the root of every size that the log had", () => {
    const nodes = nodesOf(leaves.length);
    expect(nodes.size).toBe(leaves.length);
    for (let size = 1; size <= leaves.length; size++) {
      const some = leaves.slice(0, size);
      for (let index = 0; index < size; index++) {
        expect(nodes.path(index, size)).toEqual(logPath(sha256, some, index));
      }
    }
  });

  it("go on where they were: paths given before stay what they were", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 69 }), fc.nat(), fc.integer({ min: 1, max: 69 }), (size, at, more) => {
        const nodes = nodesOf(size);
        const index = at % size;
        const path = nodes.path(index);
        for (const leaf of leaves.slice(size, size + more)) nodes.append(leaf);
        expect(path).toEqual(nodes.path(index, size));
        const now = leaves.slice(0, nodes.size);
        const root = logRoot(sha256, logTreeOf(sha256, now));
        expect(verifyPath(sha256, now[index] as (typeof leaves)[0], nodes.path(index), root)).toBe(true);
      }),
    );
  });

  it.each([
    [3, 3],
    [0, 4],
    [-1, 3],
    [0.5, 3],
    [0, 0],
  ])("have no path of entry %d in a log of %d, of which there are 3", (index, size) => {
    expect(() => nodesOf(3).path(index, size)).toThrow(/is not in this log/);
  });
});
