import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** What the API counts. Everything is labelled by the operation's id, never by a path that callers choose. */
export interface Metrics {
  readonly registry: Registry;
  readonly requestSeconds: Histogram<"operation" | "status">;
  readonly requestsInFlight: Gauge;
  readonly turnedAway: Counter<"operation">;
  readonly openStreams: Gauge<"operation">;
  readonly submissions: Counter;
  readonly importedTasks: Counter;
}

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function createMetrics(registry: Registry = new Registry()): Metrics {
  const registers = [registry];
  return {
    registry,
    requestSeconds: new Histogram({
      name: "earnest_http_request_seconds",
      help: "From the first byte of a request to the end of its answer",
      labelNames: ["operation", "status"],
      buckets: secondsBuckets,
      registers,
    }),
    requestsInFlight: new Gauge({ name: "earnest_http_requests_in_flight", help: "Requests being served", registers }),
    turnedAway: new Counter({
      name: "earnest_http_turned_away_total",
      help: "Requests answered 429",
      labelNames: ["operation"],
      registers,
    }),
    openStreams: new Gauge({
      name: "earnest_http_open_streams",
      help: "Event streams being served",
      labelNames: ["operation"],
      registers,
    }),
    submissions: new Counter({ name: "earnest_submissions_total", help: "Submissions acknowledged", registers }),
    importedTasks: new Counter({ name: "earnest_imported_tasks_total", help: "Tasks added by imports", registers }),
  };
}
