import type { Problem } from "../contract/problems.ts";
import type { Json } from "../core/json.ts";

/** What the server refused, in its own words. `code` is stable; `next` says what to do about it. */
export class EarnestApiError extends Error {
  override readonly name = "EarnestApiError";
  readonly status: number;
  readonly code: string;
  readonly next: string;
  readonly requestId: string;
  readonly context: { readonly [name: string]: Json };
  /** The server's clock when it answered, in milliseconds; null where it did not say. */
  readonly serverTimeMs: number | null;

  constructor(problem: Problem, serverTimeMs: number | null = null) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.next = problem.next;
    this.requestId = problem.requestId;
    this.context = (problem.context ?? {}) as { readonly [name: string]: Json };
    this.serverTimeMs = serverTimeMs;
  }
}

/** The server did not answer, or the answer did not arrive whole. */
export class EarnestConnectionError extends Error {
  override readonly name = "EarnestConnectionError";
  readonly code = "SERVER_UNAVAILABLE";
  readonly url: string;

  constructor(url: string, cause: unknown) {
    super(`The server at ${url} does not answer: ${reasonOf(cause)}.`, { cause });
    this.url = url;
  }
}

/** fetch says "fetch failed" and keeps the reason one level down. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return (cause as { code?: string }).code ?? cause.message;
  return error.message;
}

export const isApiError = (error: unknown, ...codes: readonly string[]): error is EarnestApiError =>
  error instanceof EarnestApiError && (codes.length === 0 || codes.includes(error.code));

/** The problem in an answer's body; where a proxy answered in another form, one made from its status. */
export async function errorFrom(response: Response): Promise<EarnestApiError> {
  const date = Date.parse(response.headers.get("date") ?? "");
  const serverTimeMs = Number.isNaN(date) ? null : date;
  const text = await response.text().catch(() => "");
  return new EarnestApiError(problemFrom(response, text), serverTimeMs);
}

function problemFrom(response: Response, text: string): Problem {
  try {
    const problem = JSON.parse(text) as Problem;
    if (typeof problem.code === "string") return problem;
  } catch {
    // Not ours: an error page of whatever stands between.
  }
  const requestId = response.headers.get("earnest-request-id") ?? "";
  const detail = `The server answered ${response.status} ${response.statusText}`.trim();
  const next = "Check the server's address.";
  const code = "HTTP_STATUS";
  return { type: "about:blank", title: detail, status: response.status, code, detail, next, requestId, context: {} };
}
