import { Command } from "commander";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CommandContext } from "../cli/context.ts";
import { toBase58 } from "../core/bytes.ts";
import { checkOptions, type StartOptions, startOptions, wordsOf } from "./node-options.ts";

const read = (words: readonly string[]): StartOptions =>
  startOptions(new Command().exitOverride().configureOutput({ writeErr: () => undefined }))
    .parse([...words], { from: "user" })
    .opts<StartOptions>();
const context = { path: (path: string) => path } as CommandContext;

const minute = fc.integer({ min: 0, max: 1_439 });
const timeOf = (at: number): string => `${Math.floor(at / 60)}:${`${at % 60}`.padStart(2, "0")}`;
const size = fc.oneof(
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map(String),
  fc
    .tuple(fc.integer({ min: 1, max: 9_000 }), fc.constantFrom("kB", "MB", "GB", "TB", "k"))
    .map((each) => each.join("")),
);
const given = fc.record(
  {
    "--gateway": fc.constantFrom("gateway.example:4600", "[2001:db8::1]:4600"),
    "--bytes-per-day": size,
    "--rate": size,
    "--cpu": fc.integer({ min: 1, max: 100 }).map(String),
    "--hours": fc.tuple(minute, minute).map(([from, to]) => `${timeOf(from)}-${timeOf(to)}`),
    "--meter-id": fc.constant("1f8e4c57".repeat(8)),
    "--meter-interval": fc.integer({ min: 1, max: 60 }).map(String),
    "--meter-utc-offset": fc.integer({ min: -720, max: 840 }).map(String),
    "--country": fc.constantFrom("DE", "fr"),
    "--place": fc.constant("891e"),
    "--status-port": fc.integer({ min: 0, max: 65_535 }).map(String),
    "--update-key": fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toBase58),
    "--updates": fc.constant("https://earnest.example/announcement.json"),
  },
  { requiredKeys: [] },
);

describe("the words of a node's options", () => {
  it("are read as what they were written for: a unit starts the node that was installed", () => {
    fc.assert(
      fc.property(given, fc.boolean(), (named, isFlagged) => {
        const flags = isFlagged ? ["--on-metered", "--meter-part"] : [];
        const options = read([
          "--kinds",
          "bandwidth,energy",
          "--keypair",
          "k.json",
          ...Object.entries(named).flat(),
          ...flags,
        ]);
        expect(read(wordsOf(options, context))).toEqual(options);
      }),
    );
  });

  it.each(["0", "-5", "1e9", "5 GB", "99999999999TB"])("a size of %j is none", (text) => {
    expect(() => read(["--kinds", "bandwidth", "--keypair", "k", "--rate", text])).toThrow("size such as");
  });
});

describe("options that do not go together", () => {
  it("are refused before anything begins, with what to add", () => {
    const refusal =
      (...words: string[]) =>
      () =>
        checkOptions(read(["--keypair", "node.json", ...words]));
    expect(refusal("--kinds", "compute")).not.toThrow();
    expect(refusal("--kinds", "bandwidth")).toThrow(
      expect.objectContaining({ message: "Lending bandwidth needs --gateway.", next: "Add --gateway." }),
    );
    expect(refusal("--kinds", "energy")).toThrow(
      expect.objectContaining({ next: expect.stringMatching(/^Add --meter and --meter-id/) }),
    );
    expect(refusal("--kinds", "compute", "--updates", "https://earnest.example/a.json")).toThrow(
      expect.objectContaining({ next: "Give both --updates and --update-key, or neither." }),
    );
  });
});
