import { useState } from "preact/hooks";
import type { Earnest } from "../../../../src/client/earnest.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import { resultMediaTypes } from "../../../../src/contract/results.ts";
import { server, watched } from "../../connection.ts";
import { t } from "../../i18n.ts";
import { saveAs } from "../../parts/download.ts";
import { Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import { Glyph } from "../parts/glyph.tsx";
import { Snippet } from "../parts/snippet.tsx";

interface ExportProps {
  readonly client: Earnest;
  readonly market: Market;
}

const formats = ["jsonl", "csv", "parquet", "labelstudio"] as const;
type Format = (typeof formats)[number];

const endings: Readonly<Record<Format, string>> = {
  jsonl: "jsonl",
  csv: "csv",
  parquet: "parquet",
  labelstudio: "json",
};

/** What was bought, to take away: every row with its confidence and its receipt. */
export function ExportTab({ client, market: { id } }: ExportProps) {
  const [format, setFormat] = useState<Format | null>(null);
  const task = useTask();
  const save = (wanted: Format): void =>
    task.run(async () => {
      setFormat(wanted);
      const stream = await watched(client.markets.resultBytes(id, wanted));
      const blob = await new Response(stream).blob();
      saveAs(`earnest-${id.slice(0, 8)}.${endings[wanted]}`, blob, resultMediaTypes[wanted]);
    });
  return (
    <section class="panel">
      <h2>{t("live.export")}</h2>
      <p class="faint">{t("live.exportText")}</p>
      {task.problem !== null && <Problem error={task.problem} />}
      <ul class="exports">
        {formats.map((each) => (
          <li key={each}>
            <button type="button" class="button export" disabled={task.isBusy} onClick={() => save(each)}>
              <Glyph name="download" />
              <span>
                <strong>{t(`format.${each}`)}</strong>
                <span class="faint">{t(task.isBusy && format === each ? "common.loading" : `format.${each}Text`)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <h3>{t("live.exportCode")}</h3>
      <Snippet
        text={`earnest results ${id} -o results.jsonl --server ${server}\nearnest receipts verify results.jsonl`}
      />
    </section>
  );
}
