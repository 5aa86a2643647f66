import type { Engine } from "../engine/engine.ts";
import type { Archives } from "../engine/gateway/archives.ts";
import type { OnceByKey } from "./idempotency.ts";
import type { Metrics } from "./metrics.ts";
import type { Moneys } from "./moneys.ts";
import type { ApiLimits, ApiLog } from "./options.ts";
import type { RequestLog } from "./request-log.ts";
import type { Streams } from "./streams.ts";

/** What every handler works with. */
export interface ApiContext {
  readonly engine: Engine;
  readonly archives: Archives;
  readonly once: OnceByKey;
  readonly moneys: Moneys;
  readonly limits: ApiLimits;
  readonly log: ApiLog;
  readonly streams: Streams;
  readonly metrics: Metrics;
  readonly requests: RequestLog;
  readonly version: string;
}
