import { t } from "../../i18n.ts";
import { Link } from "../../parts/link.tsx";
import { Markets } from "./markets.tsx";

/** What the numbers of a requester rest on: its markets. */
export const OneRequester = ({ owner }: { readonly owner: string }) => (
  <div class="wide">
    <header class="heading">
      <div class="heading-text">
        <h1 tabIndex={-1}>{t("explore.requester")}</h1>
        <p class="faint">
          <Link to="/explorer">{t("explore.title")}</Link>
        </p>
        <p>
          <code class="hash" dir="ltr">
            {owner}
          </code>
        </p>
      </div>
    </header>
    <Markets key={owner} owner={owner} />
  </div>
);
