import { useEffect, useState } from "preact/hooks";
import type { Message } from "../../../../src/contract/message-routes.ts";
import { contributor } from "../../connection.ts";
import { safeText } from "../../content/safe-text.ts";
import { t, timeText } from "../../i18n.ts";
import { useStore } from "../../store.ts";

/** What requesters told this contributor; nothing where there was nothing. */
export function Told() {
  const known = useStore(contributor);
  const [messages, setMessages] = useState<readonly Message[]>([]);
  useEffect(() => {
    // Nobody waits for it: without a connection it comes the next time.
    known?.messages().then(setMessages, () => undefined);
  }, [known]);
  if (messages.length === 0) return null;
  return (
    <section id="told">
      <h2>{t("told.title")}</h2>
      <ul class="rows">
        {messages.map(({ market, title, text, blocks, sentAtMs }) => (
          <li key={`${market}/${sentAtMs}`} class="row">
            <span class="row-title" dir="auto">
              {safeText(title, 80)}
            </span>
            {blocks && <span class="badge badge-refused">{t("told.blocks")}</span>}
            <p class="row-facts" dir="auto">
              {safeText(text, 2_000)}
            </p>
            <p class="row-facts faint">
              <time dateTime={new Date(sentAtMs).toISOString()}>{timeText(sentAtMs)}</time>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
