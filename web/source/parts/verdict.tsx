import type { SlotState } from "../../../src/contract/work.ts";
import { isMessageKey, type MessageKey, t } from "../i18n.ts";
import { Icon } from "./icons.tsx";

type Look = "paid" | "waiting" | "refused" | "neutral";

const looks: Readonly<Record<SlotState, Look>> = {
  assigned: "neutral",
  held: "waiting",
  review: "waiting",
  appealed: "waiting",
  appealable: "refused",
  accepted: "paid",
  rejected: "refused",
  expired: "neutral",
  void: "neutral",
};
export const lookOf = (state: SlotState): Look => looks[state];

const names: Readonly<Record<SlotState, MessageKey>> = {
  assigned: "verdict.assigned",
  held: "verdict.held",
  review: "verdict.review",
  appealed: "verdict.appealed",
  appealable: "verdict.rejected",
  accepted: "verdict.accepted",
  rejected: "verdict.rejected",
  expired: "verdict.expired",
  void: "verdict.void",
};

/** What became of an answer, in a word and a sign, never by colour alone. */
export function VerdictBadge({ state }: { readonly state: SlotState }) {
  const look = looks[state];
  return (
    <span class={`badge badge-${look}`}>
      <Icon name={look === "paid" ? "check" : look === "refused" ? "cross" : "clock"} />
      {t(names[state])}
    </span>
  );
}

/** The rule that decided, in the words of who was judged by it. */
export function reasonText(reason: string | null): string {
  const key = `reason.${reason ?? "none"}`;
  return isMessageKey(key) ? t(key) : t("reason.other", { check: reason ?? "" });
}
