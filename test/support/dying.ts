export class Crash extends Error {}

/** The steps of a process that dies at the one with this number: before or after a call that it makes. */
export function dyingAt(step: number): {
  readonly around: <T>(run: () => Promise<T>) => Promise<T>;
  readonly died: () => boolean;
} {
  let taken = 0;
  const take = (): void => {
    if (taken++ >= step) throw new Crash(`at step ${step}`);
  };
  const around = async <T>(run: () => Promise<T>): Promise<T> => {
    take();
    const result = await run();
    take();
    return result;
  };
  return { around, died: () => taken > step };
}
