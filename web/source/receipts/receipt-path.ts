import type { Submission } from "../../../src/contract/work.ts";
import { isDecided } from "../work/answers.ts";

/** Where the receipt of an answer is shown. Before there is a verdict, it is the proof that the answer is in the log. */
export const receiptPath = ({
  market,
  submission,
}: {
  readonly market: string;
  readonly submission: Pick<Submission, "slot" | "state" | "sequence">;
}): string =>
  isDecided(submission) ? `/receipts/${market}/${submission.slot}` : `/receipts/${market}/0/${submission.sequence}`;
