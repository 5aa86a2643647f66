import { useState } from "preact/hooks";
import type { ApiKey, CreatedApiKey } from "../../../../src/contract/api-keys.ts";
import { watched } from "../../connection.ts";
import { safeText } from "../../content/safe-text.ts";
import { t, timeText } from "../../i18n.ts";
import { Loading, Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import type { Account } from "../account.ts";
import { firstPages } from "../parts/first-pages.ts";
import { More } from "../parts/more.tsx";
import { NewLine } from "../parts/new-line.tsx";
import { Once } from "../parts/once.tsx";
import { useLoad } from "../parts/use-load.ts";

export function Keys({ account: { client, owner } }: { readonly account: Account }) {
  const [pages, setPages] = useState(1);
  const keys = useLoad(() => firstPages(client.apiKeys.list(), pages), [owner, pages]);
  const hasMore = keys.value !== null && keys.value.next !== null;
  const [made, setMade] = useState<CreatedApiKey | null>(null);
  const task = useTask();
  return (
    <section class="panel">
      <h2>{t("dev.keys")}</h2>
      <p class="faint">{t("dev.keysText")}</p>
      {keys.problem !== null && <Problem error={keys.problem} onRetry={keys.reload} />}
      {task.problem !== null && <Problem error={task.problem} />}
      {keys.value === null && keys.problem === null && <Loading />}
      {made !== null && <Once secret={made.secret} />}
      <ul class="rows">
        {keys.value?.items.map((key) => (
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
      <More of={{ more: hasMore ? () => setPages(pages + 1) : null, isBusy: false }} />
      <NewLine
        label={t("dev.keyName")}
        act={t("dev.create")}
        isBusy={task.isBusy}
        onCreate={(name) =>
          task.run(async () => {
            setMade(await watched(client.apiKeys.create({ name })));
            keys.reload();
          })
        }
      />
    </section>
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
