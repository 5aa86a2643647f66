/** The server's own word, as `pg` brings it. */
export class ServerError extends Error {
  readonly severity = "ERROR";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export const uniqueViolation = (what: string): ServerError =>
  new ServerError("23505", `duplicate key value violates unique constraint of ${what}`);
export const missingReference = (what: string): ServerError =>
  new ServerError("23503", `insert violates foreign key constraint to ${what}`);
export const checkViolation = (what: string): ServerError =>
  new ServerError("23514", `new row violates check constraint of ${what}`);
