import { useRef, useState } from "preact/hooks";
import { readPredictions } from "../../../../src/client/predictions.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import { PageFault } from "../../fault.ts";
import { numberText, t } from "../../i18n.ts";
import { Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import { walletSigner } from "../account.ts";
import { Glyph } from "../parts/glyph.tsx";
import { type Brought, bringIn } from "./machine.ts";

const bytesMax = 64 * 1_048_576;

/** What a model said of the tasks before comes in as a machine's answers. */
export function PredictionsPanel({ market: { id, status } }: { readonly market: Market }) {
  const input = useRef<HTMLInputElement>(null);
  const [brought, setBrought] = useState<Brought | null>(null);
  const task = useTask();
  if (status !== "open") return null;
  const bring = (file: File): void =>
    task.run(async () => {
      if (file.size > bytesMax) throw new PageFault("FILE_TOO_LARGE", "live.predictionsLarge");
      setBrought(await bringIn(await walletSigner(), id, readPredictions(await file.text()), setBrought));
    });
  return (
    <section class="panel" id="predictions">
      <h2>{t("live.predictions")}</h2>
      <p class="faint">{t("live.predictionsText")}</p>
      {task.problem !== null && <Problem error={task.problem} />}
      {brought !== null && (
        <p role="status">
          {t("live.brought", { answers: numberText(brought.answers), left: numberText(brought.left) })}
        </p>
      )}
      <input
        ref={input}
        type="file"
        class="hidden"
        tabIndex={-1}
        aria-label={t("create.choose")}
        accept=".json,.jsonl,.ndjson"
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file !== undefined) bring(file);
          currentTarget.value = "";
        }}
      />
      <button type="button" class="button" disabled={task.isBusy} onClick={() => input.current?.click()}>
        <Glyph name="machine" />
        {t(task.isBusy ? "common.loading" : "create.choose")}
      </button>
    </section>
  );
}
