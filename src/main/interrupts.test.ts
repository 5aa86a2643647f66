import { describe, expect, it, onTestFinished } from "vitest";
import { listenForInterrupts } from "./interrupts.ts";

const names = ["SIGINT", "SIGTERM"] as const;
const counts = (): number[] => names.map((name) => process.listenerCount(name));

/** Listens for this test only. */
function listen() {
  const before = names.map((name) => process.listeners(name));
  onTestFinished(() => {
    for (const [i, name] of names.entries()) {
      for (const each of process.listeners(name)) if (before[i]?.includes(each) === false) process.off(name, each);
    }
  });
  return listenForInterrupts();
}

describe("interrupts", () => {
  it.each(names)("abort at %s", (name) => {
    const { signal } = listen();
    expect(signal.aborted).toBe(false);
    process.listeners(name).at(-1)?.(name);
    expect(signal.aborted).toBe(true);
  });

  it("end the process while work keeps it from hearing of them, and only then", () => {
    const unheard = counts();
    const { whileBlocked } = listen();
    const heard = unheard.map((count) => count + 1);
    expect(counts()).toEqual(heard);
    expect(whileBlocked(counts)).toEqual(unheard);
    expect(counts()).toEqual(heard);
    const failing = (): never => {
      throw new Error("it fails");
    };
    expect(() => whileBlocked(failing)).toThrow("it fails");
    expect(counts()).toEqual(heard);
  });
});
