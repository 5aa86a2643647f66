import type { Reduced, Reduction } from "../../verification/baseline/reduction.ts";

const hourMs = 3_600_000;
const panel = { width: 640, height: 190, left: 56, right: 16, top: 34, bottom: 30 } as const;

export interface Plot {
  readonly title: string;
  readonly intervalMs: number;
  readonly utcOffsetMinutes: number;
}

/** Baseline and actual of each event, one below the other, in kilowatts: an SVG that needs nothing else. */
export function plotOf(reduction: Reduction, plot: Plot): string {
  const { events } = reduction;
  const height = 40 + events.length * panel.height;
  const panels = events.map((event, i) => panelOf(event, plot, 40 + i * panel.height));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${panel.width} ${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${panel.left}" y="22" font-size="15" font-weight="bold">${escaped(plot.title)}</text>
${panels.join("\n")}
</svg>
`;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function panelOf(reduced: Reduced, { intervalMs, utcOffsetMinutes }: Plot, y: number): string {
  const { event, actual, baseline } = reduced;
  const kilowatts = (value: number): number => (value * hourMs) / intervalMs / 1_000_000;
  const most = Math.max(1, ...[...actual, ...baseline.quantities].map((value) => kilowatts(value ?? 0)));
  const width = panel.width - panel.left - panel.right;
  const height = panel.height - panel.top - panel.bottom;
  const xOf = (i: number): string => (panel.left + (i * width) / actual.length).toFixed(1);
  const yOf = (value: number): string =>
    (y + panel.top + height - (kilowatts(value) / (most * 1.1)) * height).toFixed(1);
  const bottom = y + panel.top + height;
  const labels = ticksOf(event.startMs, event.endMs, utcOffsetMinutes).map(({ share, text }) => {
    const x = (panel.left + share * width).toFixed(1);
    return `<text x="${x}" y="${bottom + 16}" text-anchor="middle" fill="#555">${text}</text>`;
  });
  const saved = (reduced.saved / 1_000_000).toFixed(2);
  return [
    `<text x="${panel.left}" y="${y + 22}">${localDate(event.startMs, utcOffsetMinutes)}: ${saved} kWh count</text>`,
    `<path d="M${panel.left} ${y + panel.top}V${bottom}H${panel.left + width}" fill="none" stroke="#999"/>`,
    `<text x="${panel.left - 6}" y="${y + panel.top + 10}" text-anchor="end" fill="#555">${(most * 1.1).toFixed(1)} kW</text>`,
    `<text x="${panel.left - 6}" y="${bottom}" text-anchor="end" fill="#555">0</text>`,
    ...labels,
    `<path d="${stepsOf(baseline.quantities, xOf, yOf)}" fill="none" stroke="#888" stroke-width="2" stroke-dasharray="5 4"/>`,
    `<path d="${stepsOf(actual, xOf, yOf)}" fill="none" stroke="#0a6ebd" stroke-width="2"/>`,
    `<text x="${panel.width - panel.right}" y="${y + 22}" text-anchor="end"><tspan fill="#777">– – baseline</tspan> <tspan fill="#0a6ebd">— actual</tspan></text>`,
  ].join("\n");
}

/** Steps of intervals; a gap is a gap in the line. */
function stepsOf(
  values: readonly (number | null)[],
  xOf: (i: number) => string,
  yOf: (value: number) => string,
): string {
  return values.map((value, i) => (value === null ? "" : `M${xOf(i)} ${yOf(value)}H${xOf(i + 1)}`)).join("");
}

function ticksOf(startMs: number, endMs: number, utcOffsetMinutes: number) {
  const ticks: { readonly share: number; readonly text: string }[] = [];
  for (let ms = Math.ceil(startMs / hourMs) * hourMs; ms <= endMs; ms += hourMs)
    ticks.push({ share: (ms - startMs) / (endMs - startMs), text: localText(ms, utcOffsetMinutes).slice(11, 16) });
  return ticks;
}

const localText = (ms: number, utcOffsetMinutes: number): string =>
  new Date(ms + utcOffsetMinutes * 60_000).toISOString();

export const localDate = (ms: number, utcOffsetMinutes: number): string => localText(ms, utcOffsetMinutes).slice(0, 10);
