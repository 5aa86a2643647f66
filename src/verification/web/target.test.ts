import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostileTargets } from "../../../test/support/hostile-targets.ts";
import { isWebHere, readUrlVectors } from "../../../test/support/shared-web.ts";
import { householdOfAddress, isPublicAddress, networkOfAddress, readIpv4, readIpv6 } from "./address.ts";
import { readHost } from "./host.ts";
import { isListed, refusalOf } from "./target.ts";

const refusal = (url: string): string | null => (URL.canParse(url) ? refusalOf(new URL(url)) : "no URL");

/** As a URL shows it. */
function shown(text: string): string | null {
  const host = readHost(text);
  if (host === null) return null;
  if (host.type === "name") return host.name;
  if (host.type === "ipv4") return [24, 16, 8, 0].map((shift) => (host.address / 2 ** shift) & 255).join(".");
  return new URL(`http://[${host.address.map((piece) => piece.toString(16)).join(":")}]`).hostname;
}

describe.skipIf(!isWebHere)("hosts of the web platform's tests", () => {
  it("are read as browsers read them", () => {
    const hosts = readUrlVectors().flatMap((vector) => {
      // Only what is a host by itself: tabs, line ends, backslashes and the like are the URL parser's, and so are other letters than ASCII's.
      const [, host] = /^https?:\/\/([\x21-\x7e]+?)\/?$/.exec(vector.input) ?? [];
      if (host === undefined || /[@\\/?#]|:\d*$|xn--|%[89a-f]/i.test(host)) return [];
      return [{ host, expected: vector.failure === true ? null : (vector.hostname ?? null) }];
    });
    expect(hosts.length).toBeGreaterThanOrEqual(150);
    expect(hosts.filter(({ host, expected }) => shown(host) !== expected)).toEqual([]);
  });
});

describe("targets", () => {
  it("that are hostile are refused, in whatever notation", () => {
    expect(hostileTargets.length).toBeGreaterThanOrEqual(200);
    expect(hostileTargets.filter((url) => refusal(url) === null)).toEqual([]);
  });

  it("of the public web are not", () => {
    for (const url of [
      "https://www.wikipedia.org/wiki/Robots?x=1",
      "http://93.184.216.34/",
      "https://[2606:2800:220:1:248:1893:25c8:1946]/",
      "https://münchen.de/",
      "https://a.co.uk:443/",
    ])
      expect(refusal(url)).toBeNull();
  });

  it("are on an allow-list by host, by what is below it, and by path", () => {
    const list = ["a.com", "*.b.com", "c.com/news"];
    expect(isListed(list, "a.com", "/x")).toBe(true);
    expect(isListed(list, "www.a.com", "/x")).toBe(false);
    expect(isListed(list, "www.b.com", "/")).toBe(true);
    expect(isListed(list, "b.com", "/")).toBe(false);
    expect(isListed(list, "evilb.com", "/")).toBe(false);
    expect(isListed(list, "c.com", "/news/1")).toBe(true);
    expect(isListed(list, "c.com", "/about")).toBe(false);
    expect(isListed([], "a.com", "/")).toBe(false);
  });
});

const ipv4 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const dotted = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");

describe("addresses", () => {
  it("that carry another one within are never public", () => {
    fc.assert(
      fc.property(ipv4, (address) => {
        const [high, low] = [(address >>> 16).toString(16), (address & 0xffff).toString(16)];
        for (const text of [
          `::${dotted(address)}`,
          `::ffff:${dotted(address)}`,
          `::ffff:${high}:${low}`,
          `64:ff9b::${dotted(address)}`,
          `64:ff9b:1::${dotted(address)}`,
          `2002:${high}:${low}::1`,
          `2001:0:${high}:${low}::`,
        ])
          expect(isPublicAddress(text)).toBe(false);
      }),
    );
  });

  it("are read as the system reads them", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ unit: fc.constantFrom("0", ":", "f", ".", "1", "x", "%") })),
        (text) => {
          const known = text.includes("%") ? 0 : isIP(text);
          expect(readIpv4(text) !== null).toBe(known === 4);
          expect(readIpv6(text) !== null).toBe(known === 6);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("read in any notation are the same address", () => {
    fc.assert(
      fc.property(ipv4, (address) => {
        for (const text of [
          `${address}`,
          `0x${address.toString(16)}`,
          `0${address.toString(8)}`,
          `${dotted(address)}.`,
        ]) {
          expect(readHost(text)).toEqual({ type: "ipv4", address });
          expect(refusal(`http://${text}/`)).toBe(isPublicAddress(dotted(address)) ? null : "private");
        }
      }),
    );
  });

  it("know their household", () => {
    expect(householdOfAddress("81.2.3.4")).toBe("81.2.3.4");
    expect(householdOfAddress("::ffff:81.2.3.4")).toBe("81.2.3.4");
    expect(householdOfAddress("2606:2800:220:1234::5")).toBe("2606:2800:220:1200::/56");
  });

  it("know their network", () => {
    expect(networkOfAddress("81.2.3.4")).toBe("81.2.3.0/24");
    expect(networkOfAddress("::ffff:81.2.3.4")).toBe("81.2.3.0/24");
    expect(networkOfAddress("2606:2800:220:1::5")).toBe("2606:2800:220::/48");
  });
});
