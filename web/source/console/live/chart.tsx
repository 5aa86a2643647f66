import type { Timeline } from "../../../../src/contract/items.ts";
import { endTexts, numberText, t } from "../../i18n.ts";

const width = 600;
const height = 160;

interface ChartProps {
  readonly label: string;
  readonly timeline: Timeline;
}

/**
 * What was decided over time, summed up as it grew. However many verdicts there are, the server counts them into a few
 * hundred points, so that drawing them is a matter of a millisecond.
 */
export function GrowthChart({ label, timeline: { points: found, stepMs } }: ChartProps) {
  const [begin, last] = [found[0], found.at(-1)];
  if (begin === undefined || last === undefined) return <p class="faint">{t("live.noChart")}</p>;
  // It begins with nothing: one point alone would be no line.
  const first = { ...begin, atMs: begin.atMs - stepMs, accepted: 0, rejected: 0, settled: 0 };
  const points = [first, ...found];
  const accepted = summed(points.map((point) => point.accepted));
  const settled = summed(points.map((point) => point.settled));
  const rejected = summed(points.map((point) => point.rejected));
  const top = Math.max(accepted.at(-1) ?? 0, settled.at(-1) ?? 0, rejected.at(-1) ?? 0, 1);
  const span = Math.max(1, last.atMs - first.atMs);
  const [from, to] = endTexts(first.atMs, last.atMs);
  const line = (values: readonly number[]): string =>
    values
      .map((value, i) => {
        const x = ((points[i]?.atMs ?? first.atMs) - first.atMs) / span;
        return `${i === 0 ? "M" : "L"}${(x * width).toFixed(1)} ${(height - (value / top) * (height - 6)).toFixed(1)}`;
      })
      .join("");
  const series = [
    ["accepted", accepted],
    ["settled", settled],
    ["rejected", rejected],
  ] as const;
  return (
    <figure class="chart">
      <figcaption class="chart-legend">
        {series.map(([name, values]) => (
          <span key={name} class={`chart-key chart-${name}`}>
            <span class="chart-dot" aria-hidden="true" />
            {t(`chart.${name}`)} <strong>{numberText(values.at(-1) ?? 0)}</strong>
          </span>
        ))}
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
        <path class="chart-area" d={`${line(accepted)}L${width} ${height}L0 ${height}Z`} />
        {series.map(([name, values]) => (
          <path key={name} class={`chart-line chart-${name}`} d={line(values)} vector-effect="non-scaling-stroke" />
        ))}
      </svg>
      <p class="chart-ends faint">
        <time dateTime={new Date(first.atMs).toISOString()}>{from}</time>
        <time dateTime={new Date(last.atMs).toISOString()}>{to}</time>
      </p>
    </figure>
  );
}

function summed(values: readonly number[]): number[] {
  let sum = 0;
  return values.map((value) => {
    sum += value;
    return sum;
  });
}
