import { networkFound } from "../connection.ts";
import { safeText } from "../content/safe-text.ts";
import { amountText, t } from "../i18n.ts";
import { nameOfToken } from "../parts/tokens.tsx";
import { openWork } from "./open-work.ts";
import { isTelling, tell } from "./tell.ts";

/** Nobody waits for it, and it costs a request. */
const lookMs = 60_000;

/** Looks now and then whether a market has work that had none before, for whoever wants to be told. */
export function tellNewWork(): void {
  let known: ReadonlySet<string> | null = null;
  const look = async (): Promise<void> => {
    if (!document.hidden || !isTelling()) return;
    const open = (await openWork()).filter(({ missing, tasksLeft }) => missing.length === 0 && tasksLeft > 0);
    const before = known;
    known = new Set(open.map(({ market }) => market));
    const fresh = open.find(({ market }) => before !== null && !before.has(market));
    if (fresh === undefined) return;
    tell(
      t("tell.work", { amount: amountText(fresh.reward), token: nameOfToken(fresh.token, networkFound.value) }),
      safeText(fresh.title, 160),
      "work",
    );
  };
  setInterval(() => void look().catch(() => undefined), lookMs);
}
