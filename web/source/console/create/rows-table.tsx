import { useEffect, useRef, useState } from "preact/hooks";
import { safeText } from "../../content/safe-text.ts";
import { numberText, t } from "../../i18n.ts";
import { Scroll } from "../parts/scroll.tsx";
import type { Reader } from "../rows/reader.ts";
import type { TableRow } from "../rows/table.ts";
import type { ColumnRole } from "../rows/tasks.ts";

interface RowsTableProps {
  readonly reader: Reader;
  readonly columns: readonly string[];
  readonly roles: readonly ColumnRole[];
  /** What may become of a column. */
  readonly offered: readonly ColumnRole[];
  readonly first: readonly TableRow[];
  /** How many can be scrolled through. */
  readonly count: number;
  readonly shown: number;
  readonly known: ReadonlySet<number>;
  readonly onRole: (column: number, role: ColumnRole) => void;
  readonly onShow: (index: number) => void;
}

const rowHeight = 44;
const portion = 60;

/** All rows of a file, of which only those in sight are drawn; and over each column what becomes of it. */
export function RowsTable({
  reader,
  columns,
  roles,
  offered,
  first,
  count,
  shown,
  known,
  onRole,
  onShow,
}: RowsTableProps) {
  const [from, setFrom] = useState(0);
  const [rows, setRows] = useState<{ readonly from: number; readonly rows: readonly TableRow[] }>({
    from: 0,
    rows: first,
  });
  const asked = useRef(-1);
  const onScroll = ({ currentTarget }: { readonly currentTarget: HTMLElement }): void => {
    const next = Math.max(0, Math.floor(currentTarget.scrollTop / rowHeight) - 10);
    if (Math.abs(next - from) > 5 || next === 0) setFrom(next);
  };
  useEffect(() => {
    const isThere = from >= rows.from && from + portion <= rows.from + rows.rows.length;
    if (isThere || asked.current === from || count <= first.length) return;
    asked.current = from;
    const start = Math.max(0, from - portion);
    reader.rows(start, start + 3 * portion).then(
      (found) => setRows({ from: start, rows: found }),
      () => undefined,
    );
  }, [from, count]);
  const seen = rows.rows.slice(Math.max(0, from - rows.from), Math.max(0, from - rows.from) + portion);
  const start = Math.max(from, rows.from);
  return (
    <Scroll class="rows-table" label={t("create.rows")} onScroll={onScroll}>
      <table aria-rowcount={count + 1}>
        <thead>
          <tr>
            <th scope="col">
              <span class="hidden">{t("create.row")}</span>
            </th>
            {columns.map((name, i) => (
              <th key={name} scope="col" class={`role-${roles[i]}`}>
                <span dir="auto" class="column-name">
                  {safeText(name, 60)}
                </span>
                <select
                  aria-label={t("create.roleOf", { column: safeText(name, 60) })}
                  value={roles[i]}
                  onChange={({ currentTarget }) => onRole(i, currentTarget.value as ColumnRole)}
                >
                  {offered.map((role) => (
                    <option key={role} value={role}>
                      {t(`role.${role}`)}
                    </option>
                  ))}
                </select>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap height={start * rowHeight} />
          {seen.map((row, i) => (
            <tr
              key={row.number}
              aria-rowindex={start + i + 2}
              class={`${row.problem === null ? "" : "row-bad"}${start + i === shown ? " row-shown" : ""}`}
            >
              <th scope="row">
                <button
                  type="button"
                  class="row-number"
                  aria-pressed={start + i === shown}
                  title={t("create.look")}
                  onClick={() => onShow(start + i)}
                >
                  {known.has(row.number) ? "★" : ""}
                  {numberText(row.number)}
                </button>
              </th>
              {columns.map((name, c) => (
                <td key={name} dir="auto" class={`role-${roles[c]}`}>
                  {safeText(row.fields[c] ?? "", 120)}
                </td>
              ))}
            </tr>
          ))}
          <Gap height={Math.max(0, count - start - seen.length) * rowHeight} />
        </tbody>
      </table>
    </Scroll>
  );
}

/** Stands for the rows that are not drawn. Its height is a number of the table's own, which needs no style in the page. */
const Gap = ({ height }: { readonly height: number }) =>
  height === 0 ? null : (
    <tr>
      <td height={height} colSpan={999} />
    </tr>
  );
