import type { MarketStatus } from "../../../../src/contract/markets.ts";
import { t } from "../../i18n.ts";

const looks: Readonly<Record<MarketStatus, string>> = {
  draft: "badge",
  open: "badge badge-paid",
  paused: "badge badge-waiting",
  closing: "badge badge-waiting",
  closed: "badge",
};

export const StatusBadge = ({ status }: { readonly status: MarketStatus }) => (
  <span class={`${looks[status]} badge-status`}>{t(`status.${status}`)}</span>
);
