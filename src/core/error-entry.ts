export type ErrorKind =
  | "malformed"
  | "unauthenticated"
  | "forbidden"
  | "notFound"
  | "conflict"
  | "insufficient"
  | "exceeded"
  | "unavailable"
  | "internal";

export interface Entry<Context> {
  readonly kind: ErrorKind;
  readonly what: (context: Context) => string;
  readonly next: (context: Context) => string;
}

/** One error of the catalogue. */
export const entry = <Context>(
  kind: ErrorKind,
  what: (context: Context) => string,
  next: (context: Context) => string,
): Entry<Context> => ({ kind, what, next });
