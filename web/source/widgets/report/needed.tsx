import { t } from "../../i18n.ts";

/** Whether something has to be there. */
export const Needed = ({ isNeeded }: { readonly isNeeded: boolean }) => (
  <span class="faint">{t(isNeeded ? "report.needed" : "report.optional")}</span>
);
