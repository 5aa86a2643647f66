import { t } from "../../i18n.ts";
import type { LoadedPages } from "./use-pages.ts";

/** Asks for the next page of a list, while there is one. */
export const More = ({ of: { more, isBusy } }: { readonly of: Pick<LoadedPages<unknown>, "more" | "isBusy"> }) =>
  more === null ? null : (
    <button type="button" class="button" disabled={isBusy} onClick={more}>
      {t("earnings.more")}
    </button>
  );
