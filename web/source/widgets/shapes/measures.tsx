import { t } from "../../i18n.ts";
import type { Vertex } from "../rows.ts";
import { isPolygon, type Mark } from "./marks.ts";
import type { Frame } from "./shape.ts";
import { boxBetween, placeIn, withVertex } from "./shape.ts";

interface MeasuresProps {
  readonly mark: Mark;
  readonly picked: number | null;
  readonly frame: Frame;
  readonly isInPixels: boolean;
  readonly onSet: (mark: Mark) => void;
}

/** Where a mark is, as numbers: to be read out, and to be set without pointing. */
export function Measures({ mark, picked, frame, isInPixels, onSet }: MeasuresProps) {
  const field = (name: "left" | "top" | "width" | "height", value: number, side: number, set: (to: number) => void) => (
    <label class="measure">
      <span class="faint">
        {t(`shapes.${name}`)} {isInPixels ? "px" : "%"}
      </span>
      <input
        type="number"
        inputMode="decimal"
        min={0}
        max={isInPixels ? side : 100}
        step={isInPixels ? 1 : 0.1}
        value={isInPixels ? value : Math.round((value / side) * 1_000) / 10}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.ctrlKey) return;
          event.preventDefault();
          event.currentTarget.blur();
        }}
        onChange={({ currentTarget: { valueAsNumber } }) => {
          if (Number.isFinite(valueAsNumber))
            set(Math.round(isInPixels ? valueAsNumber : (valueAsNumber / 100) * side));
        }}
      />
    </label>
  );
  const { width: across, height: down } = frame;
  if (isPolygon(mark)) {
    const vertex = picked === null ? undefined : mark.points[picked];
    if (picked === null || vertex === undefined) return null;
    const set = (to: Vertex): void => onSet({ ...mark, points: withVertex(mark.points, picked, placeIn(frame, to)) });
    return (
      <div class="measures">
        {field("left", vertex[0], across, (x) => set([x, vertex[1]]))}
        {field("top", vertex[1], down, (y) => set([vertex[0], y]))}
      </div>
    );
  }
  const { label, x, y, width, height } = mark;
  const set = (to: Partial<typeof mark>): void => {
    const next = { x, y, width, height, ...to };
    onSet({ label, ...boxBetween(frame, [next.x, next.y], [next.x + next.width, next.y + next.height]) });
  };
  return (
    <div class="measures">
      {field("left", x, across, (to) => set({ x: to }))}
      {field("top", y, down, (to) => set({ y: to }))}
      {field("width", width, across, (to) => set({ width: to }))}
      {field("height", height, down, (to) => set({ height: to }))}
    </div>
  );
}
