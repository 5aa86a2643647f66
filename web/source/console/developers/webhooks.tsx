import { useEffect, useState } from "preact/hooks";
import type { Webhook, WebhookMessage } from "../../../../src/contract/webhook-routes.ts";
import { watched } from "../../connection.ts";
import { numberText, t, timeText } from "../../i18n.ts";
import { Loading, Problem } from "../../parts/problem.tsx";
import { type Task, useTask } from "../../parts/task.ts";
import type { Account } from "../account.ts";
import { firstPages } from "../parts/first-pages.ts";
import { More } from "../parts/more.tsx";
import { NewLine } from "../parts/new-line.tsx";
import { Once } from "../parts/once.tsx";
import { Table } from "../parts/table.tsx";
import { useLoad } from "../parts/use-load.ts";

/** What was sent comes to be seen by itself, while somebody looks. */
const lookEveryMs = 2_000;
const shownOnce = 50;

/** Where this owner is told of its markets, and what became of each message. */
export function WebhooksPanel({ account: { client, owner } }: { readonly account: Account }) {
  const webhooks = useLoad(() => client.webhooks.list(), [owner]);
  const [secret, setSecret] = useState<string | null>(null);
  const task = useTask();
  useEffect(() => {
    const timer = setInterval(webhooks.reload, lookEveryMs);
    return () => clearInterval(timer);
  }, []);
  const act = (work: () => Promise<unknown>): void =>
    task.run(async () => {
      await watched(work());
      webhooks.reload();
    });
  return (
    <section class="panel" id="webhooks">
      <h2>{t("dev.webhooks")}</h2>
      <p class="faint">{t("dev.webhooksText")}</p>
      {webhooks.problem !== null && <Problem error={webhooks.problem} onRetry={webhooks.reload} />}
      {task.problem !== null && <Problem error={task.problem} />}
      {webhooks.value === null && webhooks.problem === null && <Loading />}
      {secret !== null && <Once secret={secret} />}
      <ul class="rows">
        {webhooks.value?.map((webhook) => (
          <li key={webhook.id} class="row">
            <WebhookRow client={client} webhook={webhook} task={task} onAct={act} />
          </li>
        ))}
      </ul>
      <NewLine
        label={t("dev.webhookUrl")}
        act={t("dev.add")}
        type="url"
        isBusy={task.isBusy}
        onCreate={(url) => act(async () => setSecret((await client.webhooks.create({ url })).secret))}
      />
    </section>
  );
}

interface RowProps {
  readonly client: Account["client"];
  readonly webhook: Webhook;
  readonly task: Task;
  readonly onAct: (work: () => Promise<unknown>) => void;
}

function WebhookRow({ client, webhook, task, onAct }: RowProps) {
  const [isOpen, setOpen] = useState(false);
  const { id, url, kinds, failures } = webhook;
  const button = (text: string, work: () => Promise<unknown>, look = "") => (
    <button type="button" class={`button ${look}`} disabled={task.isBusy} onClick={() => onAct(work)}>
      {text}
    </button>
  );
  return (
    <>
      <code class="row-title hash" dir="ltr">
        {url}
      </code>
      <State webhook={webhook} />
      <p class="row-facts faint">{kinds.join(", ")}</p>
      <div class="row-facts buttons">
        <button type="button" class="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t("dev.messages")}
        </button>
        {button(t("dev.trial"), () => client.webhooks.try(id))}
        {failures > 0 && button(t("dev.resume"), () => client.webhooks.resume(id))}
        {button(t("dev.remove"), () => client.webhooks.remove(id), "button-danger")}
      </div>
      {isOpen && <Messages client={client} webhook={webhook} task={task} onAct={onAct} />}
    </>
  );
}

function State({ webhook: { failures, nextTryAtMs, stoppedAtMs } }: { readonly webhook: Webhook }) {
  if (stoppedAtMs !== null) return <span class="badge badge-refused">{t("dev.stopped")}</span>;
  if (failures === 0 || nextTryAtMs === null) return <span class="badge badge-paid">{t("dev.delivering")}</span>;
  return <span class="badge badge-waiting">{t("dev.failing", { time: timeText(nextTryAtMs) })}</span>;
}

function Messages({ client, webhook: { id }, task, onAct }: RowProps) {
  const [pages, setPages] = useState(1);
  const { value, problem, reload } = useLoad(
    () => firstPages(client.webhooks.messages(id, { limit: shownOnce }), pages),
    [id, pages],
  );
  useEffect(() => {
    const timer = setInterval(reload, lookEveryMs);
    return () => clearInterval(timer);
  }, []);
  if (value === null) return problem === null ? <Loading /> : <Problem error={problem} onRetry={reload} />;
  if (value.items.length === 0) return <p class="row-facts faint">{t("dev.noMessages")}</p>;
  return (
    <div class="row-facts messages">
      <Table label={t("dev.messages")} heads={[t("dev.message"), t("dev.tellsOf"), t("dev.tries"), t("dev.time")]}>
        {value.items.map((message) => (
          <tr key={message.id}>
            <th scope="row">
              <code title={message.id}>{message.id.slice(0, 12)}</code>{" "}
              <button
                type="button"
                class="button-text"
                disabled={task.isBusy}
                onClick={() =>
                  onAct(async () => {
                    await client.webhooks.repeat(id, message.id);
                    reload();
                  })
                }
              >
                {t("dev.repeat")}
              </button>
            </th>
            <td>{subjectOf(message)}</td>
            <td>
              <Tries message={message} />
            </td>
            <td>
              <time dateTime={new Date(message.createdAtMs).toISOString()}>{timeText(message.createdAtMs)}</time>
            </td>
          </tr>
        ))}
      </Table>
      <More of={{ more: value.next === null ? null : () => setPages(pages + 1), isBusy: false }} />
    </div>
  );
}

const subjectOf = ({ range }: WebhookMessage): string =>
  range === null
    ? t("dev.isTrial")
    : `${range.market.slice(0, 8)}: ${t("dev.range", { first: numberText(range.first), last: numberText(range.last) })}`;

function Tries({ message: { tries, takenAtMs } }: { readonly message: WebhookMessage }) {
  return (
    <span class="tries">
      {takenAtMs === null && <span class="badge badge-waiting">{t("dev.waits")}</span>}
      {tries.map(({ atMs, status, problem, durationMs }) => (
        <span
          key={atMs}
          class={`badge ${status !== null && status >= 200 && status < 300 ? "badge-paid" : "badge-refused"}`}
          title={`${timeText(atMs)} · ${t("live.ms", { value: numberText(durationMs) })}${problem === null ? "" : ` · ${problem}`}`}
        >
          {status ?? problem}
        </span>
      ))}
    </span>
  );
}
