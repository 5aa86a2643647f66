import { useRef, useState } from "preact/hooks";
import { numberText, t } from "../../i18n.ts";
import { saveAs } from "../../parts/download.ts";
import { Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import { Glyph } from "../parts/glyph.tsx";
import { Meter } from "../parts/meter.tsx";
import type { Reader } from "../rows/reader.ts";
import type { ProblemGroup } from "../rows/survey.ts";
import type { ColumnRole } from "../rows/tasks.ts";
import { RowsTable } from "./rows-table.tsx";
import type { Source } from "./source.ts";

interface DropProps {
  readonly onFile: (file: File) => void;
}

/** Where the data come in: dropped, chosen, or a few of ours to try it with. */
export function Drop({ onFile }: DropProps) {
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: whoever cannot drag has the button in it
    <section
      class={`drop${isOver ? " drop-over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file !== undefined) onFile(file);
      }}
    >
      <Glyph name="file" />
      <h2>{t("create.drop")}</h2>
      <p class="faint">{t("create.dropText")}</p>
      <input
        ref={input}
        type="file"
        class="hidden"
        id="data-file"
        tabIndex={-1}
        aria-label={t("create.choose")}
        accept=".csv,.tsv,.txt,.jsonl,.ndjson,.json,text/csv"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file !== undefined) onFile(file);
        }}
      />
      <div class="buttons">
        <button type="button" class="button button-go" onClick={() => input.current?.click()}>
          {t("create.choose")}
        </button>
        <button type="button" class="button" onClick={() => onFile(exampleFile())}>
          {t("create.example")}
        </button>
      </div>
    </section>
  );
}

/** Something to try it with, where the first rows have known answers. */
function exampleFile(): File {
  const said = [
    ["The parcel came a day early and everything was in it.", "good"],
    ["Third time the lamp broke within a week.", "bad"],
    ["Friendly people, and the soup was hot.", "good"],
    ["They never answered any of my letters.", "bad"],
    ["The blue one is a little lighter than in the picture.", ""],
    ["Would buy again, even at that price.", ""],
    ["It does what it says, no more.", ""],
    ["The left shoe is larger than the right one.", ""],
    ["Great sound for so small a box.", ""],
    ["I waited for two hours and then went home.", ""],
    ["The app forgets me every morning.", ""],
    ["My daughter will not let go of it.", ""],
  ];
  const text = ["review,answer", ...said.map(([review, answer]) => `"${review}",${answer}`)].join("\n");
  return new File([text], "reviews.csv", { type: "text/csv" });
}

interface DataProps {
  readonly reader: Reader;
  readonly source: Source;
  readonly roles: readonly ColumnRole[];
  readonly offered: readonly ColumnRole[];
  readonly shown: number;
  readonly known: ReadonlySet<number>;
  readonly problems: readonly ProblemGroup[];
  readonly onRole: (column: number, role: ColumnRole) => void;
  readonly onShow: (index: number) => void;
  readonly onBad: () => Promise<Blob>;
  readonly onOther: () => void;
}

/** What was read of the file: its columns, its rows, and what is wrong with some. */
export function Data({
  reader,
  source,
  roles,
  offered,
  shown,
  known,
  problems,
  onRole,
  onShow,
  onBad,
  onOther,
}: DataProps) {
  const { file, head, survey, first, share, kept } = source;
  const formulas = survey?.columns.reduce((sum, each) => sum + each.formulas, 0) ?? 0;
  return (
    <section class="panel" aria-labelledby="data-title">
      <header class="panel-header">
        <h2 id="data-title" dir="auto">
          {file.name}
        </h2>
        <button type="button" class="button-text" onClick={onOther}>
          {t("create.other")}
        </button>
      </header>
      <p class="faint" role="status">
        {survey === null
          ? t("create.reading", { share: `${Math.round(share * 100)}%` })
          : t("create.read", { rows: numberText(survey.rows), encoding: head.encoding })}
      </p>
      {survey === null && <Meter label={t("create.rows")} value={share} max={1} />}
      <RowsTable
        key={file.name + file.size}
        reader={reader}
        columns={head.columns}
        roles={roles}
        offered={offered}
        first={first}
        count={survey === null ? first.length : kept}
        shown={shown}
        known={known}
        onRole={onRole}
        onShow={onShow}
      />
      {survey !== null && kept < survey.rows && <p class="faint">{t("create.keptOnly", { kept: numberText(kept) })}</p>}
      {formulas > 0 && <p class="faint">{t("create.formulas", { cells: numberText(formulas) })}</p>}
      {problems.length > 0 && <Problems problems={problems} name={file.name} onBad={onBad} />}
    </section>
  );
}

interface ProblemsProps {
  readonly problems: readonly ProblemGroup[];
  readonly name: string;
  readonly onBad: () => Promise<Blob>;
}

function Problems({ problems, name, onBad }: ProblemsProps) {
  const task = useTask();
  const save = async (): Promise<void> => saveAs(`${name.replace(/\.\w+$/, "")}.bad.csv`, await onBad(), "text/csv");
  return (
    <div class="notice notice-waiting problems" role="status">
      <h3>{t("create.problems")}</h3>
      <ul>
        {problems.map(({ problem, count, numbers }) => (
          <li key={problem}>
            <strong>{numberText(count)}</strong> {t(`problem.${problem}`)}{" "}
            <span class="faint">
              {t("create.firstRows", { rows: numbers.map((each) => numberText(each)).join(", ") })}
            </span>
          </li>
        ))}
      </ul>
      <p class="faint">{t("create.leftOut")}</p>
      {task.problem !== null && <Problem error={task.problem} />}
      <button type="button" class="button" disabled={task.isBusy} onClick={() => task.run(save)}>
        <Glyph name="download" />
        {t(task.isBusy ? "common.loading" : "create.badRows")}
      </button>
    </div>
  );
}
