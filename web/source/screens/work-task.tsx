import type { ComponentChildren } from "preact";
import type { AnswerSchema } from "../../../src/contract/answers.ts";
import type { Json } from "../../../src/core/json.ts";
import { ContentView } from "../content/content-view.tsx";
import { type Part, partsOfChoices, shownOf, subjectOf } from "../content/parts.ts";
import { safeText } from "../content/safe-text.ts";
import { t } from "../i18n.ts";
import type { Draft } from "../widgets/draft.ts";
import type { Way } from "../widgets/way.ts";
import { Widget } from "../widgets/widget.tsx";

export interface TaskProps {
  readonly content: Json;
  readonly parameters?: { readonly [name: string]: Json };
  readonly schema: AnswerSchema;
  readonly way?: Way;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  /** What is asked for beside the answer. */
  readonly beside?: ComponentChildren;
}

/** A task: what is asked, what there is to look at, and the answer. */
export function TaskView({ content, parameters = {}, schema, way = schema.type, draft, onChange, beside }: TaskProps) {
  const shown = shownOf(content, parameters);
  const question = safeText(shown.question ?? t("work.noQuestion"), 2_000);
  const chosenFrom = partsOfChoices(shown, chosenBetween(schema));
  const subject = subjectOf(shown, schema, parameters);
  const isAbove = (part: Part): boolean => part !== subject && ![...chosenFrom.values()].some((each) => each === part);
  return (
    <article class={way === "code" ? "task task-code" : "task"}>
      <h1 class="task-question" dir="auto" tabIndex={-1}>
        {question}
      </h1>
      <ContentView parts={shown.parts.filter(isAbove)} />
      {beside}
      <Widget
        schema={schema}
        way={way}
        parameters={parameters}
        labels={shown.labels}
        parts={chosenFrom}
        subject={subject}
        draft={draft}
        onChange={onChange}
        question={question}
      />
    </article>
  );
}

/** What may have a picture of its own to be tapped. */
function chosenBetween({ type, choices = [], items = [] }: AnswerSchema): readonly string[] {
  if (type === "ranking") return items;
  return type === "choice" || type === "choices" ? choices : [];
}
