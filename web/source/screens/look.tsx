import { useState } from "preact/hooks";
import { t } from "../i18n.ts";
import { Money } from "../parts/money.tsx";
import type { Draft } from "../widgets/draft.ts";
import { lookOfHash } from "../work/look.ts";
import { TaskView } from "./work-task.tsx";

/** A task that somebody is describing, on the device that it will be done on. Nothing is sent. */
export function LookAtTask() {
  const [look] = useState(() => lookOfHash(location.hash));
  const [draft, setDraft] = useState<Draft>(undefined);
  if (look === null) {
    return (
      <section class="notice">
        <h1 tabIndex={-1}>{t("unknown.title")}</h1>
      </section>
    );
  }
  const { question, content, schema, reward } = look;
  return (
    <>
      <p class="warning">{t("look.text")}</p>
      <div class="paper">
        <p class="paper-pay">
          {t("landing.pays")} <Money amount={reward} />
        </p>
        <TaskView content={content} parameters={{ question }} schema={schema} draft={draft} onChange={setDraft} />
      </div>
    </>
  );
}
