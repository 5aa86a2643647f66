import { cellToBoundary, getHexagonEdgeLengthAvg } from "h3-js";
import { useState } from "preact/hooks";
import type { CellOfWork } from "../../../../src/contract/reputation-routes.ts";
import { numberText, t } from "../../i18n.ts";
import { More } from "../parts/more.tsx";
import { Table } from "../parts/table.tsx";
import { type Cells, mergedCells } from "./merged-cells.ts";
import { outlineOf } from "./outline.ts";

const shownOnce = 20;

/** Cells with work, drawn here: no tile of anybody's map is fetched, and nobody learns who looks where. */
export function PlacesMap({ pages }: { readonly pages: readonly Cells[] }) {
  const { items: cells, resolution } = mergedCells(pages);
  const { shapes, lines, width, height } = outlineOf(cells.map(({ cell }) => cellToBoundary(cell)));
  const most = Math.max(...cells.map(({ tasks }) => tasks));
  const textOf = ({ cell, tasks, markets }: CellOfWork): string =>
    `${cell}: ${t("console.taskCount", { tasks: numberText(tasks) })}, ${t("explore.markets")}: ${numberText(markets)}`;
  const [shown, setShown] = useState(shownOnce);
  const widthKm = 2 * getHexagonEdgeLengthAvg(resolution, "km");
  return (
    <>
      <p class="faint">
        {t("explore.placesShown", { cells: numberText(cells.length), width: numberText(Math.round(widthKm)) })}
      </p>
      <svg class="map" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t("explore.places")}>
        {lines.map(({ path, label, x, y }) => (
          <g key={path}>
            <path class="map-line" d={path} />
            <text class="map-label" x={x} y={y}>
              {label}
            </text>
          </g>
        ))}
        {cells.map((each, i) => (
          <path key={each.cell} class="map-cell" fill-opacity={0.25 + (0.75 * each.tasks) / most} d={shapes[i]}>
            <title>{textOf(each)}</title>
          </path>
        ))}
      </svg>
      <Table label={t("explore.places")} heads={[t("explore.cell"), t("live.tasks"), t("explore.markets")]}>
        {cells.slice(0, shown).map(({ cell, tasks, markets }) => (
          <tr key={cell}>
            <th scope="row">
              <code>{cell}</code>
            </th>
            <td>{numberText(tasks)}</td>
            <td>{numberText(markets)}</td>
          </tr>
        ))}
      </Table>
      <More of={{ more: cells.length > shown ? () => setShown(shown + shownOnce) : null, isBusy: false }} />
    </>
  );
}
