import { describe, expect, it } from "vitest";
import { defaultDataFolder } from "./default-folder.ts";

describe("the default data folder", () => {
  const HOME = "/people/ada";

  it.each([
    [{ HOME }, "/people/ada/.local/share/earnest"],
    [{ HOME, XDG_DATA_HOME: "/big/disk" }, "/big/disk/earnest"],
    [{ XDG_DATA_HOME: "/big/disk" }, "/big/disk/earnest"],
    [{ HOME, XDG_DATA_HOME: "relative" }, "/people/ada/.local/share/earnest"],
    [{ HOME, XDG_DATA_HOME: "" }, "/people/ada/.local/share/earnest"],
    [{ HOME: "/people/a b" }, "/people/a b/.local/share/earnest"],
  ])("of an ordinary user with %o is %s", (env, expected) => {
    expect(defaultDataFolder({ env, isRoot: false })).toBe(expected);
  });

  it("of root is outside of root's home, which the database's account cannot enter", () => {
    expect(defaultDataFolder({ env: { HOME, XDG_DATA_HOME: "/elsewhere" }, isRoot: true })).toBe("/var/lib/earnest");
  });

  it("cannot be found without a home", () => {
    expect(() => defaultDataFolder({ env: {}, isRoot: false })).toThrow(/neither XDG_DATA_HOME nor HOME/);
  });
});
