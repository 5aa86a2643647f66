import type { Entry } from "../../../src/market/entries.ts";
import { t } from "../i18n.ts";
import { reasonText } from "../parts/verdict.tsx";

/** What an entry of the log says, in a sentence. */
export function entryText(entry: Entry): string {
  switch (entry.kind) {
    case "created":
      return t("entry.created");
    case "batchAdded":
      return t("entry.batchAdded");
    case "joined":
      return t("entry.joined", { contributor: entry.contributor });
    case "submitted":
      return t("entry.submitted", { task: entry.task, contributor: entry.contributor });
    case "judged":
    case "verified":
      return `${t(entry.verdict === "accepted" ? "entry.accepted" : "entry.notAccepted", {
        slot: `${entry.task}.${entry.ordinal}`,
      })} ${reasonText(entry.reason)}`;
    case "settled":
      return t("entry.settled", { task: entry.task, confidence: Math.round(entry.confidencePpm / 10_000) });
    case "appealSettled":
      return t(entry.won ? "entry.appealWon" : "entry.appealLost", { slot: `${entry.task}.${entry.ordinal}` });
    default:
      return t("entry.other", { kind: entry.kind });
  }
}
