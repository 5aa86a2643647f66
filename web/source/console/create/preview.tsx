import { useEffect, useState } from "preact/hooks";
import type { Json } from "../../../../src/core/json.ts";
import { server } from "../../connection.ts";
import { t } from "../../i18n.ts";
import { Code, isReachable } from "../../parts/code.tsx";
import { Money } from "../../parts/money.tsx";
import { TaskView } from "../../screens/work-task.tsx";
import { bodyOf, type Draft, isComplete } from "../../widgets/draft.ts";
import { addressOfLook, type Look } from "../../work/look.ts";
import type { TableRow } from "../rows/table.ts";
import { contentOf } from "../rows/tasks.ts";
import { answerOf, type MarketDraft, missingIn } from "./draft.ts";
import { kinds } from "./kinds.ts";

interface PreviewProps {
  readonly draft: MarketDraft;
  readonly columns: readonly string[];
  readonly row: TableRow | null;
  readonly isControl: boolean;
  readonly onControl: (row: number, answer: Json | null) => void;
  readonly onStep: (by: number) => void;
}

/** What the task looks like does not hang on its pay. */
const anyDecimals = 18;

/** The task as a contributor will see it on a phone, by the same code. What is answered here may become a known answer. */
export function Preview({ draft, columns, row, isControl, onControl, onStep }: PreviewProps) {
  const [answer, setAnswer] = useState<Draft>(undefined);
  const schema = answerOf(draft);
  useEffect(() => setAnswer(undefined), [row?.number, draft.type, draft.names]);
  const missing = missingIn(draft, anyDecimals);
  const isReady = missing !== "names" && missing !== "range" && row !== null;
  const isWhole = isReady && isComplete(schema, answer);
  return (
    <section class="phone" aria-labelledby="preview-title">
      <header class="phone-header">
        <h2 id="preview-title">{t("create.preview")}</h2>
        <span class="phone-steps">
          <button type="button" class="button-icon" aria-label={t("create.before")} onClick={() => onStep(-1)}>
            ‹
          </button>
          <button type="button" class="button-icon" aria-label={t("create.after")} onClick={() => onStep(1)}>
            ›
          </button>
        </span>
      </header>
      <div class="paper phone-screen">
        <p class="paper-pay">
          {t("landing.pays")} <Money amount={/^\d+(\.\d+)?$/.test(draft.reward) ? draft.reward : "0"} />
        </p>
        {isReady ? (
          <TaskView
            key={`${row.number} ${draft.type}`}
            content={contentOf(columns, draft.roles, row.fields)}
            parameters={{ question: draft.question.trim() === "" ? t("create.questionHint") : draft.question }}
            schema={schema}
            draft={answer}
            onChange={setAnswer}
          />
        ) : (
          <p class="faint">{t(row === null ? "create.noRow" : "missing.names")}</p>
        )}
      </div>
      {isReady && (
        <OnPhone
          look={{
            question: draft.question.trim(),
            content: contentOf(columns, draft.roles, row.fields),
            schema,
            reward: draft.reward,
          }}
        />
      )}
      {isReady && kinds[draft.kind].hasControls && (
        <div class="phone-control">
          {isControl ? (
            <button type="button" class="button" onClick={() => onControl(row.number, null)}>
              {t("create.controlOff")}
            </button>
          ) : (
            <button
              type="button"
              class="button"
              disabled={!isWhole}
              onClick={() => {
                onControl(row.number, bodyOf(schema.type, answer as Json)["answer"] ?? null);
                onStep(1);
              }}
            >
              {t("create.controlOn")}
            </button>
          )}
          <p class="faint">{t("create.controlText")}</p>
        </div>
      )}
    </section>
  );
}

/** As much as a camera still reads off a screen. */
const codeCharactersMax = 1_200;

/** The same on another device: whoever sees it there needs no account, and the server hears nothing of it. */
function OnPhone({ look }: { readonly look: Look }) {
  const address = addressOfLook(server, look);
  return (
    <div class="phone-look">
      <a id="look" href={address} target="_blank" rel="noreferrer">
        {t("create.look")}
      </a>
      {isReachable && address.length <= codeCharactersMax && <Code text={address} label={t("create.lookCode")} />}
    </div>
  );
}
