const watchMs = 100;
const pauseMsMax = 5_000;

interface Watched {
  readonly isAlive: () => boolean;
  /** Throws where it does not succeed; is then called again, ever more slowly. */
  readonly startAgain: () => Promise<void>;
  readonly log: (line: string) => void;
}

/** Looks after the server until it is called off. @returns calls it off and waits for a restart under way */
export function watchServer({ isAlive, startAgain, log }: Watched): () => Promise<void> {
  let restart: Promise<void> | undefined;
  let notBefore = 0;
  let pauseMs = watchMs;
  const tryAgain = async (): Promise<void> => {
    try {
      await startAgain();
      pauseMs = watchMs;
    } catch (error) {
      notBefore = Date.now() + pauseMs;
      pauseMs = Math.min(pauseMs * 2, pauseMsMax);
      log(error instanceof Error ? error.message : String(error));
    } finally {
      restart = undefined;
    }
  };
  const timer = setInterval(() => {
    if (restart === undefined && Date.now() >= notBefore && !isAlive()) restart = tryAgain();
  }, watchMs);
  // The watch alone must not keep a process from ending.
  timer.unref();
  return async () => {
    clearInterval(timer);
    await restart;
  };
}
