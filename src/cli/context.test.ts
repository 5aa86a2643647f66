import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/support/cli.ts";
import { CommandContext, type GlobalOptions, serverUrl } from "./context.ts";
import { type Profile, writeProfile } from "./credentials.ts";
import type { CliSettings } from "./options.ts";

const session = { token: "earnest_session_x", key: "k", expiresAtMs: 2_000 };
const profile = (server: string): Profile => ({ server, apiKey: "earnest_test_profile", session, network: null });

async function contextWith(
  options: GlobalOptions,
  settings: Partial<CliSettings> = {},
  profiles: Readonly<Record<string, Profile>> = {},
): Promise<CommandContext> {
  const folder = temporaryFolder();
  for (const [name, each] of Object.entries(profiles)) await writeProfile(folder, name, each);
  return new CommandContext(
    {
      io: { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() },
      settings: { dataFolder: folder, server: null, apiKey: null, profile: null, isColourWanted: true, ...settings },
      version: "0",
      workingFolder: "/some/folder",
      clock: () => 1_000,
      interrupted: new AbortController().signal,
    },
    options,
  );
}

describe("the server", () => {
  const profiles = { default: profile("http://profile.example/"), other: profile("http://other.example") };

  it("is that of the option, the environment, the profile, and at last the usual one", async () => {
    const settings = { server: "http://environment.example" };
    const option = await contextWith({ server: "http://option.example" }, settings, profiles);
    expect(await option.server()).toBe("http://option.example");
    expect(await (await contextWith({}, settings, profiles)).server()).toBe("http://environment.example");
    expect(await (await contextWith({}, {}, profiles)).server()).toBe("http://profile.example");
    expect(await (await contextWith({}, {})).server()).toBe("http://127.0.0.1:4500");
  });

  it("of a profile is that of the option or the environment, in this order", async () => {
    expect(await (await contextWith({ profile: "other" }, {}, profiles)).server()).toBe("http://other.example");
    expect(await (await contextWith({}, { profile: "other" }, profiles)).server()).toBe("http://other.example");
  });

  it.each([
    ["http://a.example/", "http://a.example"],
    ["https://A.example:443/earnest/", "https://a.example/earnest"],
    ["http://[::1]:4500", "http://[::1]:4500"],
  ])("%s is %s", (given, url) => {
    expect(serverUrl(given)).toBe(url);
  });

  it.each(["a.example", "ftp://a.example", "javascript:alert(1)", "", "http://"])("%j is none", (given) => {
    expect(() => serverUrl(given)).toThrow("not the address of a server");
  });
});

describe("credentials", () => {
  const profiles = { default: profile("http://profile.example") };

  it("of the environment come first, those of the profile go to its own server only", async () => {
    const environment = await contextWith({}, { apiKey: "earnest_live_environment" }, profiles);
    expect(await environment.apiKey()).toBe("earnest_live_environment");
    const own = await contextWith({ server: "http://profile.example/" }, {}, profiles);
    expect([await own.apiKey(), await own.sessionToken()]).toEqual(["earnest_test_profile", "earnest_session_x"]);
    const foreign = await contextWith({ server: "http://profile.example:81" }, {}, profiles);
    expect([await foreign.apiKey(), await foreign.sessionToken()]).toEqual([null, null]);
  });

  it("end with their session", async () => {
    const over = { ...profile("http://profile.example"), session: { ...session, expiresAtMs: 1_000 } };
    expect(await (await contextWith({}, {}, { default: over })).sessionToken()).toBeNull();
  });

  it("are none where no profile was ever written", async () => {
    const context = await contextWith({});
    expect([await context.apiKey(), await context.sessionToken(), await context.profile()]).toEqual([null, null, null]);
  });

  it("a named profile that is not there is an error for whatever asks a server", async () => {
    const context = await contextWith({ profile: "nobody" }, {}, profiles);
    await expect(context.client()).rejects.toThrow('no profile "nobody"');
    const odd = await contextWith({ profile: "toString" }, {}, profiles);
    await expect(odd.client()).rejects.toThrow('no profile "toString"');
  });
});

describe("paths", () => {
  it("begin in the working folder", async () => {
    const context = await contextWith({ data: "data" });
    expect(context.path("a/b")).toBe("/some/folder/a/b");
    expect(context.path("/a")).toBe("/a");
    expect(context.dataFolder).toBe(join("/some/folder", "data"));
  });
});
