import { useEffect, useState } from "preact/hooks";
import type { EarnedDay } from "../../../../src/contract/earnings.ts";
import { enter, watched } from "../../connection.ts";
import { amountText, numberText, spoken, t } from "../../i18n.ts";
import { sumOf } from "../../parts/amounts.ts";
import { saveAs } from "../../parts/download.ts";
import { Unit } from "../../parts/money.tsx";
import { Loading, Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import { OfMint } from "../../parts/tokens.tsx";
import { useStore } from "../../store.ts";
import { monthsOf } from "./months.ts";

/** So far back one can look; what is older stays in the log and in the export. */
const yearsMax = 6;

/** A year's earnings by the month, and by the day as a table for whoever asks for taxes. */
export function Years() {
  const { language } = useStore(spoken);
  const now = new Date().getUTCFullYear();
  const [year, setYear] = useState(now);
  const [days, setDays] = useState<readonly EarnedDay[] | null>(null);
  const task = useTask();
  const load = (): void => {
    setDays(null);
    task.run(async () => setDays(await watched((await enter()).earnings(year))));
  };
  useEffect(load, [year]);
  const download = useTask();
  return (
    <div class="choices">
      <label class="field">
        <span>{t("years.year")}</span>
        <select value={String(year)} onChange={({ currentTarget }) => setYear(Number(currentTarget.value))}>
          {Array.from({ length: yearsMax }, (_, i) => now - i).map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      {task.problem !== null && <Problem error={task.problem} onRetry={load} />}
      {days === null && task.problem === null && <Loading />}
      {days?.length === 0 && <p>{t("years.none", { year: String(year) })}</p>}
      {days !== null && days.length > 0 && (
        <>
          {/* Amounts of several tokens add up to nothing. */}
          {[...new Set(days.map(({ mint }) => mint))].map((mint) => (
            <OfMint key={mint} mint={mint}>
              <MonthTable days={days.filter((day) => day.mint === mint)} language={language} />
            </OfMint>
          ))}
          {download.problem !== null && <Problem error={download.problem} />}
          <button
            type="button"
            class="button"
            disabled={download.isBusy}
            onClick={() => download.run(() => downloadYear(String(year)))}
          >
            {t("years.csv", { year: String(year) })}
          </button>
          <p class="faint">{t("years.csvText")}</p>
        </>
      )}
    </div>
  );
}

function MonthTable({ days, language }: { readonly days: readonly EarnedDay[]; readonly language: string }) {
  const months = monthsOf(days);
  const name = new Intl.DateTimeFormat(language, { month: "short", timeZone: "UTC" });
  return (
    <table class="table">
      <caption class="hidden">{t("years.table")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("years.month")}</th>
          <th scope="col">{t("years.answers")}</th>
          <th scope="col">
            {t("years.bonuses")} <Unit />
          </th>
          <th scope="col">
            {t("years.earned")} <Unit />
          </th>
        </tr>
      </thead>
      <tbody>
        {months.map(({ month, answers, bonuses, earned }) => (
          <tr key={month}>
            <th scope="row">{name.format(Date.UTC(2000, month - 1, 1))}</th>
            <td>{numberText(answers)}</td>
            <td>{amountText(bonuses)}</td>
            <td>{amountText(earned)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{t("years.all")}</th>
          <td>{numberText(months.reduce((all, { answers }) => all + answers, 0))}</td>
          <td>{amountText(sumOf(months.map(({ bonuses }) => bonuses)))}</td>
          <td>{amountText(sumOf(months.map(({ earned }) => earned)))}</td>
        </tr>
      </tfoot>
    </table>
  );
}

async function downloadYear(year: string): Promise<void> {
  const response = await watched((await enter()).earningsCsv(Number(year)));
  saveAs(`earnest-${year}.csv`, await response.blob(), "text/csv");
}
