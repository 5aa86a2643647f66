import { numberText, t } from "../i18n.ts";

export const percent = (share: number): string => `${numberText(100 * share, 1)}%`;

const minuteMs = 60_000;

/** About how long, in the largest unit that says it. */
export function spanText(ms: number): string {
  if (ms < minuteMs) return t("span.minute");
  if (ms < 90 * minuteMs) return t("span.minutes", { value: numberText(Math.round(ms / minuteMs)) });
  const hours = ms / (60 * minuteMs);
  return hours < 48
    ? t("span.hours", { value: numberText(hours, 1) })
    : t("span.days", { value: numberText(hours / 24, 1) });
}
