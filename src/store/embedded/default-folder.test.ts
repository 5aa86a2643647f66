import { describe, expect, it } from "vitest";
import { defaultDataFolder } from "./default-folder.ts";

describe("the default data folder", () => {
  const HOME = "/home/ada";

  it.each([
    [{ HOME }, "/home/ada/.local/share/earnest"],
    [{ HOME, XDG_DATA_HOME: "/big/disk" }, "/big/disk/earnest"],
    [{ XDG_DATA_HOME: "/big/disk" }, "/big/disk/earnest"],
    [{ HOME, XDG_DATA_HOME: "relative" }, "/home/ada/.local/share/earnest"],
    [{ HOME, XDG_DATA_HOME: "" }, "/home/ada/.local/share/earnest"],
    [{ HOME: "/home/a b" }, "/home/a b/.local/share/earnest"],
  ])("of an ordinary user with %o is %s", (env, expected) => {
    expect(defaultDataFolder({ env, isRoot: false })).toBe(expected);
  });

  it("of root is outside of root's home, which the database's account cannot enter", () => {
    expect(defaultDataFolder({ env: { HOME: "/root", XDG_DATA_HOME: "/root/data" }, isRoot: true })).toBe(
      "/var/lib/earnest",
    );
  });

  it("cannot be found without a home", () => {
    expect(() => defaultDataFolder({ env: {}, isRoot: false })).toThrow(/neither XDG_DATA_HOME nor HOME/);
  });
});
