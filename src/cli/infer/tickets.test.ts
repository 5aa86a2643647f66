import { describe, expect, it } from "vitest";
import { Tickets } from "./tickets.ts";

const ticketsOf = (chunks: number): readonly [Tickets, Tickets] => {
  const signals = Tickets.signals();
  return [new Tickets(signals, chunks), new Tickets(signals, chunks)];
};

describe("tickets", () => {
  it("give nothing before the first round", () => {
    const [one] = ticketsOf(3);
    expect(one.take()).toBeNull();
  });

  it("give each chunk once a round, whoever asks", () => {
    const [one, two] = ticketsOf(3);
    for (let round = 0; round < 4; round++) {
      one.open();
      const taken = [one.take(), two.take(), one.take(), two.take(), one.take()];
      expect(taken.map((each) => each?.chunk)).toEqual([0, 1, 2, undefined, undefined]);
      expect(new Set(taken.slice(0, 3).map((each) => each?.round)).size).toBe(1);
      for (let chunk = 0; chunk < 3; chunk++) two.finish();
      expect(one.waitForAll(1_000)).toBe(true);
    }
  });

  it("are lost where somebody says so, or is silent for too long", () => {
    const [one, two] = ticketsOf(2);
    one.open();
    one.take();
    one.finish();
    expect(one.waitForAll(1)).toBe(false);
    two.take();
    two.lose();
    expect(one.waitForAll(1_000)).toBe(false);
    two.finish();
    expect(one.waitForAll(1_000)).toBe(false);
  });

  it("tell rounds apart", () => {
    const [one, two] = ticketsOf(1);
    one.open();
    const first = two.take();
    two.finish();
    one.open();
    expect(two.take()?.round).not.toBe(first?.round);
  });

  it("say whether more will come", () => {
    const [one, two] = ticketsOf(1);
    one.open();
    expect(two.waitForMore()).toBe(true);
    one.take();
    one.finish();
    one.close();
    expect(two.waitForMore()).toBe(false);
    expect(two.take()).toBeNull();
  });
});
