import { useState } from "preact/hooks";
import type { ApiKey, CreatedApiKey } from "../../../src/contract/api-keys.ts";
import { server, watched } from "../connection.ts";
import { safeText } from "../content/safe-text.ts";
import { t, timeText } from "../i18n.ts";
import { Loading, Problem } from "../parts/problem.tsx";
import { useTask } from "../parts/task.ts";
import type { Account } from "./account.ts";
import { Snippet } from "./parts/snippet.tsx";
import { useLoad } from "./parts/use-load.ts";

/** For programs: keys, and code that runs as it stands, with the ids of what is here. */
export function Developers({ account }: { readonly account: Account }) {
  const { client, owner } = account;
  const keys = useLoad(() => client.apiKeys.list(), [owner]);
  const markets = useLoad(() => client.markets.list({ owner, limit: 1 }).page(null), [owner]);
  const [made, setMade] = useState<CreatedApiKey | null>(null);
  const task = useTask();
  const market = markets.value?.items[0]?.id ?? null;
  return (
    <div class="wide">
      <h1 tabIndex={-1}>{t("console.developers")}</h1>
      <section class="panel">
        <h2>{t("dev.keys")}</h2>
        <p class="faint">{t("dev.keysText")}</p>
        {keys.problem !== null && <Problem error={keys.problem} onRetry={keys.reload} />}
        {task.problem !== null && <Problem error={task.problem} />}
        {keys.value === null && keys.problem === null && <Loading />}
        {made !== null && (
          <div class="notice notice-go">
            <p>{t("dev.once")}</p>
            <Snippet label={t("dev.once")} text={made.secret} />
          </div>
        )}
        <ul class="rows">
          {keys.value?.map((key) => (
            <li key={key.id} class="row">
              <KeyRow
                apiKey={key}
                isBusy={task.isBusy}
                onRevoke={() =>
                  task.run(async () => {
                    await watched(client.apiKeys.revoke(key.id));
                    keys.reload();
                  })
                }
              />
            </li>
          ))}
        </ul>
        <NewKey
          isBusy={task.isBusy}
          onCreate={(name) =>
            task.run(async () => {
              setMade(await watched(client.apiKeys.create({ name })));
              keys.reload();
            })
          }
        />
      </section>
      <section class="panel">
        <h2>{t("dev.code")}</h2>
        <p class="faint">{t("dev.codeText")}</p>
        <h3>TypeScript</h3>
        <Snippet label="TypeScript" text={typescript(market)} />
        <h3>curl</h3>
        <Snippet label="curl" text={curl(market)} />
        <p>
          <a href="/openapi.json">{t("dev.openApi")}</a>
        </p>
      </section>
    </div>
  );
}

interface KeyRowProps {
  readonly apiKey: ApiKey;
  readonly isBusy: boolean;
  readonly onRevoke: () => void;
}

function KeyRow({ apiKey: { name, mode, id, createdAtMs, revokedAtMs }, isBusy, onRevoke }: KeyRowProps) {
  return (
    <>
      <span class="row-title" dir="auto">
        {safeText(name, 100)}
      </span>
      {revokedAtMs === null ? (
        <button type="button" class="button button-danger" disabled={isBusy} onClick={onRevoke}>
          {t("dev.revoke")}
        </button>
      ) : (
        <span class="badge">{t("dev.revoked")}</span>
      )}
      <p class="row-facts faint">
        <span class="badge">{mode}</span>
        <code>{id}</code>
        <time dateTime={new Date(createdAtMs).toISOString()}>{timeText(createdAtMs)}</time>
      </p>
    </>
  );
}

function NewKey({ isBusy, onCreate }: { readonly isBusy: boolean; readonly onCreate: (name: string) => void }) {
  const [name, setName] = useState("");
  return (
    <form
      class="field-line"
      onSubmit={(event) => {
        event.preventDefault();
        onCreate(name.trim());
        setName("");
      }}
    >
      <input
        class="input"
        dir="auto"
        maxLength={100}
        aria-label={t("dev.keyName")}
        placeholder={t("dev.keyName")}
        value={name}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      <button type="submit" class="button" disabled={isBusy || name.trim() === ""}>
        {t("dev.create")}
      </button>
    </form>
  );
}

const typescript = (market: string | null): string => `import { Earnest } from "earnest/client";

const earnest = new Earnest({ server: "${server}", apiKey: process.env.EARNEST_KEY });
const market = await earnest.markets.get("${market ?? "MARKET"}");
for await (const { id, label, confidence } of earnest.markets.results(market.id)) {
  console.log(id, label, confidence);
}`;

const curl = (market: string | null): string => `curl -H "Authorization: Bearer $EARNEST_KEY" \\
  ${server}/v1/markets/${market ?? "MARKET"}/results?format=csv`;
