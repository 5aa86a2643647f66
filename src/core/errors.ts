import { catalogue, type ErrorCode, type ErrorContext, type ErrorKind } from "./error-catalogue.ts";

/**
 * Every failure Earnest knows. `message` says what happened, `next` what to do about it; both are made from the typed
 * context. A failure that is not one of these is never renamed into one.
 */
export class EarnestError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "EarnestError";
  readonly code: Code;
  readonly kind: ErrorKind;
  readonly context: ErrorContext<Code>;
  readonly next: string;

  constructor(code: Code, context: ErrorContext<Code>, options?: { cause?: unknown }) {
    const entry = catalogue[code] as {
      kind: ErrorKind;
      what: (context: ErrorContext<Code>) => string;
      next: (context: ErrorContext<Code>) => string;
    };
    super(entry.what(context), options);
    this.code = code;
    this.kind = entry.kind;
    this.context = context;
    this.next = entry.next(context);
  }
}

export function earnestError<Code extends ErrorCode>(
  code: Code,
  context: ErrorContext<Code>,
  options?: { cause?: unknown },
): EarnestError<Code> {
  return new EarnestError(code, context, options);
}

export function isEarnestError<Code extends ErrorCode>(error: unknown, code?: Code): error is EarnestError<Code> {
  return error instanceof EarnestError && (code === undefined || error.code === code);
}

export type { ErrorCode, ErrorContext, ErrorKind };
