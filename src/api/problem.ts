import type { FastifyError } from "fastify";
import { type Problem, statusOf } from "../contract/problems.ts";
import { resultMediaTypes } from "../contract/results.ts";
import type { Route } from "../contract/route.ts";
import { type EarnestError, earnestError, isEarnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";

/** What an error is turned into a problem with: the request it belongs to. */
export interface Faulty {
  readonly requestId: string;
  readonly contentType: string;
  readonly bodyBytesMax: number;
  readonly route: Route | null;
}

/** Whatever was thrown, as an error of the catalogue. What was not foreseen is INTERNAL, and the log has the rest. */
export function toEarnestError(error: unknown, at: Faulty): EarnestError {
  if (isEarnestError(error)) {
    return error.kind === "internal" ? earnestError("INTERNAL", { requestId: at.requestId }, { cause: error }) : error;
  }
  const known = error instanceof Error ? fromFastify(error as FastifyError, at) : null;
  return known ?? earnestError("INTERNAL", { requestId: at.requestId }, { cause: error });
}

function fromFastify(error: FastifyError, at: Faulty): EarnestError | null {
  const refuse = (where: string, problem: string): EarnestError =>
    earnestError("MALFORMED_REQUEST", { where, problem });
  switch (error.code) {
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return earnestError("CONTENT_TYPE_MISMATCH", { contentType: at.contentType, expected: expectedType(at.route) });
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return earnestError("REQUEST_TOO_LARGE_EXCEEDED", { bytesMax: at.bodyBytesMax });
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return refuse("body", "is not as long as Content-Length says");
    case "FST_ERR_BAD_URL":
      return refuse("path", "cannot be decoded");
    case "FST_ERR_MAX_PARAM_LENGTH":
      return refuse("path", "is too long");
    default:
  }
  if (error.validation !== undefined) return fromValidation(error);
  const status = error.statusCode ?? 500;
  return status >= 400 && status <= 499 ? refuse("request", error.message) : null;
}

const expectedType = (route: Route | null): string =>
  route?.bodyKind === "rows" ? `${resultMediaTypes.jsonl} or ${resultMediaTypes.csv}` : "application/json";

/** The first thing a schema has against a request: where, and what. */
function fromValidation(error: FastifyError): EarnestError {
  const first = error.validation?.[0];
  const place = (first?.instancePath ?? "").replace(/\/(\d+)(?=\/|$)/g, "[$1]").replaceAll("/", ".");
  const where = `${error.validationContext ?? "request"}${place}`;
  const unknown = first?.params["additionalProperty"];
  const problem =
    typeof unknown === "string" ? `has an unknown field "${unknown}"` : (first?.message ?? "is malformed");
  return earnestError("MALFORMED_REQUEST", { where, problem });
}

/** Context that is the operator's own: a caller learns that something is unavailable, not where it is. */
const operatorsOwn = ["path", "url", "port"] as const;

export function problemOf(error: EarnestError, requestId: string): Problem {
  const context = error.context as Readonly<Record<string, Json>>;
  const title = titleOf(error.code);
  const isPrivate = error.kind === "unavailable" && operatorsOwn.some((name) => Object.hasOwn(context, name));
  return {
    type: `urn:earnest:problem:${error.code}`,
    title,
    status: statusOf(error.code, error.kind),
    code: error.code,
    detail: isPrivate ? `${title}.` : error.message,
    next: isPrivate ? "Wait and send the same request again." : error.next,
    requestId,
    context: isPrivate ? {} : context,
  };
}

/** "MARKET_STATE" is "Market state". */
const titleOf = (code: string): string => {
  const words = code.toLowerCase().replaceAll("_", " ");
  return `${words[0]?.toUpperCase()}${words.slice(1)}`;
};

/** For Retry-After: when the same request may succeed. Null where repeating it is of no use. */
export function retryAfterSeconds(error: EarnestError): number | null {
  if (error.kind !== "unavailable" && error.code !== "RATE_EXCEEDED") return null;
  const context = error.context as { readonly retryAfterSeconds?: number };
  return Math.max(1, Math.ceil(context.retryAfterSeconds ?? 1));
}
