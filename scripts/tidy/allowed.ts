import type { Allowance } from "./rules.ts";

export const allowed: readonly Allowance[] = [
  {
    rule: "homes",
    path: "src/store/migrate.ts",
    found: "starting a database transaction",
    why: "A migration and its row belong together, and it runs before there is an engine.",
  },
];
