import { type DestinationStream, destination, pino } from "pino";
import type { ApiLog } from "../api/options.ts";

export type Log = (message: string, fields?: Readonly<Record<string, unknown>>) => void;

export interface Logs {
  readonly log: Log;
  readonly apiLog: ApiLog;
  flush(): void;
}

/** JSON lines, to a file where people look at the terminal, to standard error for a service. */
export function createLogs(path: string | null): Logs {
  const stream = destination({ dest: path ?? 2, mkdir: true, sync: path === null });
  const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream as DestinationStream);
  return {
    log: (message, fields = {}) => logger.info(fields, message),
    apiLog: (level, message, { error, ...fields }) => logger[level]({ ...fields, err: error }, message),
    flush: () => {
      // A file that never opened has nothing to flush.
      try {
        stream.flushSync();
      } catch {
        return;
      }
    },
  };
}
