import { describe, expect, it } from "vitest";
import { domainOf, Hosts } from "./hosts.ts";

const dayMs = 86_400_000;
const politeness = { connectionsMax: 2, pauseMs: 0, domainPagesPerDayMax: 3 };

describe("a domain", () => {
  it.each([
    ["www.example.co.uk", "example.co.uk"],
    ["example.co.uk", "example.co.uk"],
    ["a.b.example.com", "example.com"],
    ["name.github.io", "name.github.io"],
    ["deep.name.github.io", "name.github.io"],
    ["xn--mnchen-3ya.de", "xn--mnchen-3ya.de"],
    ["192.0.2.7", "192.0.2.7"],
    ["[2001:db8::7]", "[2001:db8::7]"],
    ["localhost", "localhost"],
    ["co.uk", "co.uk"],
  ])("of %s is %s", (host, domain) => {
    expect(domainOf(host)).toBe(domain);
  });
});

describe("turns", () => {
  it("are so many a day for all hosts of a domain together, and others have their own", async () => {
    let now = 5 * dayMs;
    const hosts = new Hosts(politeness, () => now);
    const taken = async (name: string): Promise<boolean> => {
      const end = await hosts.turn(name, null);
      end?.();
      return end !== null;
    };
    expect(await taken("example.com")).toBe(true);
    expect(await taken("www.example.com")).toBe(true);
    expect(await taken("images.example.com")).toBe(true);
    expect(await taken("example.com")).toBe(false);
    expect(await taken("fresh.example.com")).toBe(false);
    expect(await taken("example.org")).toBe(true);
    now += dayMs - 1;
    expect(await taken("www.example.com")).toBe(false);
    now += 1;
    expect(await taken("www.example.com")).toBe(true);
  });

  it("are so many at a time of one host, in the order in which they were asked for", async () => {
    const hosts = new Hosts({ ...politeness, domainPagesPerDayMax: 10 }, () => 0);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const asked = [0, 1, 2, 3].map(async (number) => {
      const end = await hosts.turn("example.com", null);
      begun.push(number);
      if (end !== null) ends.push(end);
    });
    await Promise.all(asked.slice(0, 2));
    expect(begun).toEqual([0, 1]);
    ends.shift()?.();
    await asked[2];
    expect(begun).toEqual([0, 1, 2]);
    ends.shift()?.();
    await asked[3];
    expect(begun).toEqual([0, 1, 2, 3]);
  });
});
