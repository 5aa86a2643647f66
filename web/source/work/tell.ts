import { amountText, t } from "../i18n.ts";
import { nameOfMint } from "../parts/tokens.tsx";
import { lookOf, reasonText } from "../parts/verdict.tsx";
import { settings } from "../settings.ts";
import { news } from "./news.ts";

/**
 * Tells by the device's own notifications what happens while this page is not looked at. It can as long as the page is
 * open somewhere, if only behind others.
 */
export const isTelling = (): boolean =>
  settings.value.notify && typeof Notification !== "undefined" && Notification.permission === "granted";

export function tellVerdicts(): void {
  news.subscribe(() => {
    const latest = news.value;
    if (latest === null || !document.hidden) return;
    const { submission, question } = latest.outcome;
    const look = lookOf(submission.state);
    if (look !== "paid" && look !== "refused") return;
    const title =
      look === "paid"
        ? t("tell.paid", { amount: amountText(submission.reward), token: nameOfMint(latest.outcome.mint) })
        : t("tell.refused", { reason: reasonText(submission.reason) });
    tell(title, question, "verdict");
  });
}

/** One of a sort takes the place of the one before. */
export function tell(title: string, body: string, tag: string): void {
  if (!isTelling()) return;
  navigator.serviceWorker.ready
    .then((registration) =>
      registration.showNotification(title, { body: body.slice(0, 200), tag, icon: "/icon-192.png" }),
    )
    .catch(() => undefined);
}
