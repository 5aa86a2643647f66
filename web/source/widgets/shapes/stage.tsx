import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { usePicture } from "../../content/drawing.tsx";
import type { PicturePart } from "../../content/parts.ts";
import { safeText } from "../../content/safe-text.ts";
import { t } from "../../i18n.ts";
import type { Vertex } from "../rows.ts";
import { type Frame, placeIn } from "./shape.ts";

/** Beyond this a picture would be a line. */
const ratioMax = 8;
const movedPixels = 6;

interface StageProps {
  readonly part: PicturePart;
  readonly frame: Frame;
  readonly onTap: (place: Vertex, reach: number) => void;
  readonly onDrag: (from: Vertex, to: Vertex, isDone: boolean) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly children: ComponentChildren;
}

/**
 * The picture, with room for marks above it. One finger draws; two enlarge the page as everywhere, so that small things
 * can be met.
 */
export function Stage({ part, frame, onTap, onDrag, onKeyDown, children }: StageProps) {
  const { address, isBroken } = usePicture(part);
  const [ratio, setRatio] = useState<number | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  if (isBroken || hasFailed) return <p class="notice">{t("content.broken")}</p>;
  const onPointerDown = (event: PointerEvent): void => {
    const stage = box.current;
    if (event.button !== 0 || !event.isPrimary || stage === null) return;
    const place = (at: PointerEvent): Vertex => placeUnder(stage, frame, at);
    const from = place(event);
    trackPointer(stage, event, {
      onMove: (moved) => onDrag(from, place(moved), false),
      onEnd: (ended, hasMoved) => {
        // What a finger covers, in units of the frame.
        const reach = (22 * frame.width) / Math.max(1, stage.clientWidth);
        if (hasMoved) onDrag(from, place(ended), true);
        else onTap(from, reach);
      },
    });
  };
  return (
    <div class="stage-frame">
      <div
        ref={box}
        class="stage"
        role="application"
        aria-label={t("shapes.picture")}
        aria-describedby="shapes-how"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys, and says so in its description.
        tabIndex={0}
        style={{ "--ratio": String(ratio ?? 1) }}
        onPointerDown={onPointerDown}
        onKeyDown={onKeyDown}
      >
        {address !== null && (
          <img
            class="stage-picture"
            src={address}
            alt={safeText(part.alt, 1_000)}
            decoding="async"
            draggable={false}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setRatio(Math.max(1 / ratioMax, Math.min(ratioMax, naturalWidth / Math.max(1, naturalHeight))))
            }
            onError={() => setFailed(true)}
          />
        )}
        {ratio !== null && children}
      </div>
    </div>
  );
}

function placeUnder(stage: HTMLElement, frame: Frame, { clientX, clientY }: PointerEvent): Vertex {
  const { left, top, width, height } = stage.getBoundingClientRect();
  return placeIn(frame, [((clientX - left) / width) * frame.width, ((clientY - top) / height) * frame.height]);
}

interface Tracked {
  readonly onMove: (moved: PointerEvent) => void;
  readonly onEnd: (ended: PointerEvent, hasMoved: boolean) => void;
}

/** Follows a pointer until it is let go. One that the browser takes away, to enlarge the page, ends with nothing. */
export function trackPointer(target: HTMLElement, begun: PointerEvent, { onMove, onEnd }: Tracked): void {
  let hasMoved = false;
  target.setPointerCapture(begun.pointerId);
  const move = (moved: PointerEvent): void => {
    if (moved.pointerId !== begun.pointerId) return;
    hasMoved ||= Math.hypot(moved.clientX - begun.clientX, moved.clientY - begun.clientY) > movedPixels;
    if (hasMoved) onMove(moved);
  };
  const end = (ended: PointerEvent): void => {
    if (ended.pointerId !== begun.pointerId) return;
    for (const type of ["pointerup", "pointercancel"] as const) target.removeEventListener(type, end);
    target.removeEventListener("pointermove", move);
    if (ended.type === "pointerup") onEnd(ended, hasMoved);
    else if (hasMoved) onMove(begun);
  };
  target.addEventListener("pointermove", move);
  target.addEventListener("pointerup", end);
  target.addEventListener("pointercancel", end);
}
