import { server } from "../../connection.ts";
import { t } from "../../i18n.ts";
import type { Account } from "../account.ts";
import { Snippet } from "../parts/snippet.tsx";
import { useLoad } from "../parts/use-load.ts";
import { Keys } from "./keys.tsx";
import { Requests } from "./requests.tsx";
import { curlCode, resultsCode, webhookCode } from "./snippets.ts";
import { WebhooksPanel } from "./webhooks.tsx";

/** For programs: keys, webhooks, what they asked, and code that runs as it stands. */
export function Developers({ account }: { readonly account: Account }) {
  const { client, owner } = account;
  const markets = useLoad(() => client.markets.list({ owner, limit: 1 }).page(null), [owner]);
  const market = markets.value?.items[0]?.id ?? "MARKET";
  return (
    <div class="wide">
      <h1 tabIndex={-1}>{t("console.developers")}</h1>
      <Keys account={account} />
      <WebhooksPanel account={account} />
      <Requests account={account} />
      <section class="panel">
        <h2>{t("dev.code")}</h2>
        <p class="faint">{t("dev.codeText")}</p>
        <h3>TypeScript</h3>
        <Snippet label="TypeScript" text={resultsCode(server, market)} />
        <h3>curl</h3>
        <Snippet label="curl" text={curlCode(server, market)} />
        <h3>{t("dev.webhooks")}</h3>
        <Snippet label={t("dev.webhooks")} text={webhookCode()} />
        <p>
          <a href="/openapi.json">{t("dev.openApi")}</a>
        </p>
      </section>
    </div>
  );
}
