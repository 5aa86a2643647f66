import progressBars from "cli-progress";
import type { OutputStream } from "./options.ts";

export interface Progress {
  /** So much is done now. */
  readonly set: (done: number) => void;
  readonly end: () => void;
}

const silent: Progress = { set: () => {}, end: () => {} };

/** A bar for a person who looks on; nothing where nobody does. */
export function progressOn(stream: OutputStream | null, label: string, total: number): Progress {
  if (stream === null || total <= 0) return silent;
  const bar = new progressBars.SingleBar(
    { stream, format: `${label} {bar} {percentage}%`, hideCursor: true, clearOnComplete: true, fps: 10 },
    progressBars.Presets.shades_classic,
  );
  bar.start(total, 0);
  return { set: (done) => bar.update(Math.min(done, total)), end: () => bar.stop() };
}
