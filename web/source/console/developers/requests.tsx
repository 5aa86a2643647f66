import { useState } from "preact/hooks";
import { numberText, t, timeText } from "../../i18n.ts";
import type { Account } from "../account.ts";
import { LoadedView } from "../parts/loaded-view.tsx";
import { More } from "../parts/more.tsx";
import { Table } from "../parts/table.tsx";
import { usePages } from "../parts/use-pages.ts";

const shownOnce = 100;

/** What programs asked with this owner's keys, and what they were told. */
export function Requests({ account: { client, owner } }: { readonly account: Account }) {
  const [isFailed, setFailed] = useState(false);
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
      <RequestRows key={`${owner} ${isFailed}`} client={client} isFailed={isFailed} />
    </section>
  );
}

interface RowsProps {
  readonly client: Account["client"];
  readonly isFailed: boolean;
}

/** All that are kept, a page at a time. */
function RequestRows({ client, isFailed }: RowsProps) {
  const list = client.webhooks.requests({ limit: shownOnce, ...(isFailed && { only: "failed" as const }) });
  const pages = usePages((after) => list.page(after));
  return (
    <>
      <LoadedView of={pages} empty={{ text: t("dev.noRequests"), is: (requests) => requests.length === 0 }}>
        {(requests) => (
          <Table
            label={t("dev.requests")}
            heads={[t("dev.operation"), t("dev.status"), t("dev.time"), t("dev.request")]}
          >
            {requests.map(({ id, atMs, operation, method, path, status, durationMs, code }) => (
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
      </LoadedView>
      <More of={pages} />
    </>
  );
}
