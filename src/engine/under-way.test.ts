import { describe, expect, it } from "vitest";
import { withResolvers } from "../../test/support/with-resolvers.ts";
import { UnderWay } from "./under-way.ts";

describe("what is under way", () => {
  it("is waited for, failures and what begins meanwhile too", async () => {
    const underWay = new UnderWay();
    await underWay.over();
    const { promise: first, resolve } = withResolvers();
    const { promise: second, reject } = withResolvers();
    expect(underWay.add(first)).toBe(first);
    let isOver = false;
    const over = underWay.over().then(() => {
      isOver = true;
    });
    const failed = underWay.add(second).catch((error: unknown) => (error as Error).message);
    resolve();
    await first;
    for (let i = 0; i < 10; i++) await Promise.resolve();
    expect(isOver).toBe(false);
    reject(new Error("it went wrong"));
    await over;
    expect(await failed).toBe("it went wrong");
    await underWay.over();
  });
});
