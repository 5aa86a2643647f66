import type { Registry } from "prom-client";
import type { Engine } from "../engine/engine.ts";
import type { Archives } from "../engine/gateway/archives.ts";
import type { IdempotencyStore } from "./idempotency.ts";

export type LogLevel = "info" | "warn" | "error";
export type ApiLog = (level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void;

/** What the API is given: it has no settings, store or logger of its own. */
export interface ApiOptions {
  readonly engine: Engine;
  readonly idempotency: IdempotencyStore;
  readonly log: ApiLog;
  /** What gateways keep. Default: nothing. */
  readonly archives?: Archives;
  readonly version?: string;
  /** Origins that browsers may call from, or "*". Default: none. */
  readonly corsOrigins?: readonly string[];
  /** Where metrics are kept; the caller may add its own. */
  readonly registry?: Registry;
  readonly limits?: Partial<ApiLimits>;
  /** Trust X-Forwarded-For of a balancer in front. */
  readonly trustProxy?: boolean;
}

export interface ApiLimits {
  /** Of a JSON body. Requests with tasks may have eight times as much. */
  readonly bodyBytesMax: number;
  /** For a whole JSON body to arrive. */
  readonly bodySeconds: number;
  /** For any request to arrive, a streamed import too. */
  readonly requestSeconds: number;
  readonly headersSeconds: number;
  /** A connection on which nothing moves is closed. */
  readonly idleSeconds: number;
  /** For requests in flight to finish when the server stops. */
  readonly closeSeconds: number;
  /** More requests are turned away where the middle one would wait longer for its answer. */
  readonly waitMsMax: number;
  /** Under way at a time: each holds a connection to the database. */
  readonly importsMax: number;
  readonly openStreamsMax: number;
  readonly openStreamsPerAddressMax: number;
  readonly heartbeatSeconds: number;
  /** Of one row of an import. */
  readonly rowBytesMax: number;
  /** Bad rows that an import's error lists. */
  readonly badRowsMax: number;
}

export const defaultLimits: ApiLimits = {
  bodyBytesMax: 1_048_576,
  bodySeconds: 30,
  requestSeconds: 3_600,
  headersSeconds: 15,
  idleSeconds: 75,
  closeSeconds: 30,
  waitMsMax: 30,
  importsMax: 3,
  openStreamsMax: 10_000,
  openStreamsPerAddressMax: 200,
  heartbeatSeconds: 15,
  rowBytesMax: 1_048_576,
  badRowsMax: 1_000,
};
