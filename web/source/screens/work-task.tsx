import type { AnswerSchema } from "../../../src/contract/answers.ts";
import type { Json } from "../../../src/core/json.ts";
import { ContentView } from "../content/content-view.tsx";
import { partsOfChoices, shownOf } from "../content/parts.ts";
import { safeText } from "../content/safe-text.ts";
import { t } from "../i18n.ts";
import type { Draft } from "../widgets/draft.ts";
import { Widget } from "../widgets/widget.tsx";

export interface TaskProps {
  readonly content: Json;
  readonly parameters?: { readonly [name: string]: Json };
  readonly schema: AnswerSchema;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

/** A task: what is asked, what there is to look at, and the answer. */
export function TaskView({ content, parameters = {}, schema, draft, onChange }: TaskProps) {
  const shown = shownOf(content, parameters);
  const question = safeText(shown.question ?? t("work.noQuestion"), 2_000);
  const chosenFrom = partsOfChoices(shown, schema.type === "choice" ? (schema.choices ?? []) : []);
  return (
    <article class="task">
      <h1 class="task-question" dir="auto" tabIndex={-1}>
        {question}
      </h1>
      <ContentView parts={shown.parts.filter((part) => ![...chosenFrom.values()].includes(part))} />
      <Widget
        schema={schema}
        labels={shown.labels}
        parts={chosenFrom}
        draft={draft}
        onChange={onChange}
        question={question}
      />
    </article>
  );
}
