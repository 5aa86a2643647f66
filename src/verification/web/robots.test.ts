import { describe, expect, it } from "vitest";
import { isWebHere, readRobotsVectors } from "../../../test/support/shared-web.ts";
import { toUtf8 } from "../../core/bytes.ts";
import { isAllowed, nothingAllowed, readRobots, robotsBytesMax } from "./robots.ts";

const targetOf = (url: string): string => url.replace(/^[a-z]+:\/\/[^/?]*/, "").replace(/#.*$/s, "");
const may = (file: string, agent: string, target: string): boolean =>
  isAllowed(readRobots(toUtf8(file), agent), target);

describe.skipIf(!isWebHere)("Google's vectors", () => {
  it("are all kept", () => {
    const vectors = readRobotsVectors();
    expect(vectors).toHaveLength(100);
    expect(vectors.filter(({ robots, agent, url, allowed }) => may(robots, agent, targetOf(url)) !== allowed)).toEqual(
      [],
    );
  });
});

describe("a robots.txt", () => {
  it("may be in any line endings, begin with a byte order mark, and have bytes that are no UTF-8", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      expect(may(`\ufeffuser-agent: Bot${end}disallow: /x${end}`, "Bot", "/x")).toBe(false);
    }
    const odd = new Uint8Array([...toUtf8("user-agent: Bot\ndisallow: /"), 0xff, 0xfe, 10]);
    expect(isAllowed(readRobots(odd, "Bot"), "/%FF%FE")).toBe(false);
    expect(isAllowed(readRobots(odd, "Bot"), "/")).toBe(true);
  });

  it("lets another group begin after rules only", () => {
    const file = "user-agent: A\nuser-agent: B\ndisallow: /x\nuser-agent: C\ndisallow: /y\n";
    expect([may(file, "A", "/x"), may(file, "B", "/x"), may(file, "C", "/x")]).toEqual([false, false, true]);
    expect(may("user-agent: A\nsitemap: https://a.com/s.xml\nuser-agent: B\ndisallow: /\n", "A", "/")).toBe(false);
  });

  it("says where the sitemaps are, and how long to wait", () => {
    const file = "user-agent: *\ncrawl-delay: 2.5\nSitemap: https://a.com/s.xml\nuser-agent: Bot\ncrawl-delay: soon\n";
    expect(readRobots(toUtf8(file), "Other")).toEqual({ rules: [], delayMs: 2_500, sitemaps: ["https://a.com/s.xml"] });
    expect(readRobots(toUtf8(file), "Bot").delayMs).toBeNull();
  });

  it("is read to its bound, and costs little whatever stars it has", () => {
    const padding = "#".repeat(robotsBytesMax - 20);
    expect(may(`${padding}\nuser-agent: *\ndisallow: /\n`, "Bot", "/")).toBe(true);
    const stars = `user-agent: *\ndisallow: /${"*a".repeat(5_000)}b$\n`;
    expect(may(stars, "Bot", `/${"a".repeat(100_000)}`)).toBe(true);
    expect(may(`user-agent: *\ndisallow: ${"x".repeat(20_000)}\n`, "Bot", "/y")).toBe(true);
  });

  it.each([
    ["/a*b", "/ab", true],
    ["/a*b$", "/axbb", true],
    ["/a*b$", "/axbc", false],
    ["/a$b", "/a$b", true],
    ["/a*", "/a", true],
    ["/*a$", "/a", true],
    ["/a*a$", "/a", false],
    ["$", "/", false],
    ["*", "/anything", true],
  ])("the pattern %s and the path %s", (pattern, path, isMatch) => {
    expect(may(`user-agent: *\ndisallow: ${pattern}\n`, "Bot", path)).toBe(!isMatch);
  });

  it("that cannot be had forbids all", () => {
    expect(isAllowed(nothingAllowed, "/")).toBe(false);
    expect(isAllowed(nothingAllowed, "/a?b")).toBe(false);
  });
});
