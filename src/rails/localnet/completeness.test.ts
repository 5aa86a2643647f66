import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { methods } from "./dispatcher.ts";
import { subscriptionNames } from "./pubsub.ts";

/** What kit's own types list, one file a method. */
const typesOf = (name: string): string[] =>
  readdirSync(new URL("types", new URL(import.meta.resolve(name)))).filter((file) => file.endsWith(".d.ts"));

/** What a localnet has not, and why. */
const absent = {
  getAgGenesisCert: "there are no validators that vote",
  getTransactionsForAddress: "an extension of some providers, beside getSignaturesForAddress",
};
const absentSubscriptions = {
  blockSubscribe: "clusters have it turned off",
  slotsUpdatesSubscribe: "clusters have it turned off",
  voteSubscribe: "there are no validators that vote",
};

describe("a client of Solana's RPC finds", () => {
  it("every method that kit knows, or it stands in the list of those that are not there", () => {
    const known = typesOf("@solana/rpc-api")
      .map((file) => file.slice(0, -".d.ts".length))
      .filter((name) => /^(get|is|minimum|request|send|simulate)[A-Za-z]+$/.test(name));
    expect(known.length).toBeGreaterThan(50);
    expect(known.filter((name) => !Object.hasOwn(methods, name))).toEqual(Object.keys(absent));
  });

  it("every subscription", () => {
    const known = typesOf("@solana/rpc-subscriptions-api")
      .flatMap((file) => /^(.+)-notifications\.d\.ts$/.exec(file)?.[1] ?? [])
      .map((name) => `${name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())}Subscribe`);
    expect(known.length).toBeGreaterThan(5);
    expect(known.filter((name) => !subscriptionNames.includes(name))).toEqual(Object.keys(absentSubscriptions));
  });

  it("kit where this test looks for it", () => {
    expect(fileURLToPath(import.meta.resolve("@solana/rpc-api"))).toContain("node_modules");
  });
});
