import type { DriveOrder } from "./drive.ts";

/** One of the two services that a turn is measured on, with a market of tasks and contributors signed in. */
export interface Side {
  readonly name: string;
  readonly order: Pick<DriveOrder, "url" | "market" | "contributors">;
  readonly serverPid: number;
  readonly databaseUrl: string;
  /** Of the database, as a running server names it. */
  readonly databaseFolder: string;
  readonly questions: Questions;
  close(): Promise<void>;
}

/** What the tables are asked; each is one row with one column `found`. */
export interface Questions {
  /** Paid submissions whose verdicts became durable between two times. */
  readonly completions: string;
  /** All submissions, and those without a verdict. */
  readonly submissions: string;
  readonly held: string;
  /** Database transactions that made submissions durable. */
  readonly commits: string;
  /** Whether what was paid, what contributors have and what the market's books say are one amount. */
  readonly agrees: string;
}
