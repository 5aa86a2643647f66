import { useState } from "preact/hooks";
import { numberText, t, timeText } from "../../i18n.ts";
import { Loading, Problem } from "../../parts/problem.tsx";
import type { Account } from "../account.ts";
import { Table } from "../parts/table.tsx";
import { useLoad } from "../parts/use-load.ts";

const shownMax = 100;

/** What programs asked with this owner's keys, and what they were told. */
export function Requests({ account: { client, owner } }: { readonly account: Account }) {
  const [isFailed, setFailed] = useState(false);
  const { value, problem, reload } = useLoad(
    () => client.webhooks.requests({ limit: shownMax, ...(isFailed && { only: "failed" as const }) }),
    [owner, isFailed],
  );
  return (
    <section class="panel" id="requests">
      <header class="panel-header">
        <h2>{t("dev.requests")}</h2>
        <label class="switch">
          <input
            type="checkbox"
            checked={isFailed}
            onChange={({ currentTarget }) => setFailed(currentTarget.checked)}
          />
          <span>{t("dev.failedOnly")}</span>
        </label>
      </header>
      <p class="faint">{t("dev.requestsText")}</p>
      {problem !== null && <Problem error={problem} onRetry={reload} />}
      {value === null && problem === null && <Loading />}
      {value?.length === 0 && <p class="faint">{t("dev.noRequests")}</p>}
      {value !== null && value.length > 0 && (
        <Table label={t("dev.requests")} heads={[t("dev.operation"), t("dev.status"), t("dev.time"), t("dev.request")]}>
          {value.map(({ id, atMs, operation, method, path, status, durationMs, code }) => (
            <tr key={id}>
              <th scope="row">
                <span title={`${method} ${path}`}>{operation}</span>
              </th>
              <td>
                <span class={`badge ${status < 400 ? "badge-paid" : "badge-refused"}`}>{status}</span>
                {code !== null && <code>{code}</code>}
              </td>
              <td>
                <time dateTime={new Date(atMs).toISOString()}>{timeText(atMs)}</time>{" "}
                <span class="faint">{t("live.ms", { value: numberText(durationMs) })}</span>
              </td>
              <td>
                <code title={id}>{id.slice(0, 13)}</code>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}
