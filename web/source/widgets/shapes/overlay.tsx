import { useRef } from "preact/hooks";
import type { Vertex } from "../rows.ts";
import { type Grip, gripsOf, isOpen, type Mark, outlineOf } from "./marks.ts";
import type { Frame } from "./shape.ts";
import { trackPointer } from "./stage.tsx";

interface OverlayProps {
  readonly frame: Frame;
  readonly marks: readonly Mark[];
  readonly colourOf: (mark: Mark) => number;
  readonly nameOf: (mark: Mark) => string;
  readonly held: number | null;
  /** The corner of an area that arrow keys move. */
  readonly picked: number | null;
  /** Where the keyboard is, or the first corner of a box. */
  readonly cursor: Vertex | null;
  readonly corner: Vertex | null;
  readonly onPull: (grip: Grip, by: Vertex, isDone: boolean) => void;
  readonly onPick: (vertex: number) => void;
}

/** More names than this would hide the picture. */
const namesMax = 12;

/** Marks above a picture: their outlines, their names, and what the one in hand is pulled by. */
export function Overlay(props: OverlayProps) {
  const { frame, marks, colourOf, nameOf, held, picked, cursor, corner, onPull, onPick } = props;
  const heldMark = held === null ? undefined : marks[held];
  return (
    <>
      <svg
        class="outlines"
        viewBox={`0 0 ${frame.width} ${frame.height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {marks.map((mark, at) => (
          <Outline key={at} mark={mark} colour={colourOf(mark)} isHeld={at === held} />
        ))}
      </svg>
      {marks.map((mark, at) =>
        at === held || marks.length <= namesMax ? (
          <span key={at} class={`tag mark-${colourOf(mark)}`} aria-hidden="true" style={placed(frame, topOf(mark))}>
            <bdi>{nameOf(mark)}</bdi>
          </span>
        ) : null,
      )}
      {heldMark !== undefined &&
        gripsOf(heldMark).map(({ grip, place }) => (
          <GripView
            key={grip}
            frame={frame}
            place={place}
            isPicked={grip === picked}
            onPull={(by, isDone) => onPull(grip, by, isDone)}
            onTap={() => typeof grip === "number" && onPick(grip)}
          />
        ))}
      {corner !== null && <span class="spot" aria-hidden="true" style={placed(frame, corner)} />}
      {cursor !== null && <span class="cross" aria-hidden="true" style={placed(frame, cursor)} />}
    </>
  );
}

const placed = ({ width, height }: Frame, [x, y]: Vertex) => ({
  left: `${(x / width) * 100}%`,
  top: `${(y / height) * 100}%`,
});

const topOf = (mark: Mark): Vertex =>
  outlineOf(mark).reduce((best, each) =>
    each[1] < best[1] || (each[1] === best[1] && each[0] < best[0]) ? each : best,
  );

function Outline({ mark, colour, isHeld }: { readonly mark: Mark; readonly colour: number; readonly isHeld: boolean }) {
  const points = outlineOf(mark).join(" ");
  const Line = isOpen(mark) ? "polyline" : "polygon";
  return (
    <g class={`outline mark-${colour}${isHeld ? " outline-held" : ""}`}>
      <Line class="outline-edge" points={points} />
      <Line class="outline-line" points={points} />
    </g>
  );
}

interface GripProps {
  readonly frame: Frame;
  readonly place: Vertex;
  readonly isPicked: boolean;
  readonly onPull: (by: Vertex, isDone: boolean) => void;
  readonly onTap: () => void;
}

function GripView({ frame, place, isPicked, onPull, onTap }: GripProps) {
  const spot = useRef<HTMLSpanElement>(null);
  const begin = (event: PointerEvent): void => {
    const stage = spot.current?.parentElement;
    if (event.button !== 0 || stage === null || stage === undefined || spot.current === null) return;
    event.stopPropagation();
    const { width, height } = stage.getBoundingClientRect();
    const by = ({ clientX, clientY }: PointerEvent): Vertex => [
      ((clientX - event.clientX) / width) * frame.width,
      ((clientY - event.clientY) / height) * frame.height,
    ];
    trackPointer(spot.current, event, {
      onMove: (moved) => onPull(by(moved), false),
      onEnd: (ended, hasMoved) => {
        if (hasMoved) onPull(by(ended), true);
        else onTap();
      },
    });
  };
  return (
    <span
      ref={spot}
      class={isPicked ? "grip grip-picked" : "grip"}
      aria-hidden="true"
      style={placed(frame, place)}
      onPointerDown={begin}
    />
  );
}
