import { describe, expect, it } from "vitest";
import { catalogue } from "./error-catalogue.ts";
import { EarnestError, type ErrorCode, type ErrorContext, earnestError, isEarnestError } from "./errors.ts";

/** A context for any entry: every field has a value that can be found in the text again. */
const anyContext = new Proxy<ErrorContext<ErrorCode>>(
  {},
  {
    get: (_, name) => (name === "mend" ? undefined : `<${String(name)}>`),
  },
);
const codes = Object.keys(catalogue) as ErrorCode[];
const render = (code: ErrorCode): EarnestError => earnestError(code, anyContext);

const kinds = [
  "malformed",
  "unauthenticated",
  "forbidden",
  "notFound",
  "conflict",
  "insufficient",
  "exceeded",
  "unavailable",
  "internal",
];

describe.each(codes)("%s", (code) => {
  const error = render(code);

  it("says what happened and what to do, in whole sentences", () => {
    for (const text of [error.message, error.next]) {
      expect(text).not.toMatch(/undefined|\[object|NaN|\.\.$|\s$/);
      expect(text).toMatch(/[.)]$/);
      expect(text.charAt(0)).toMatch(/[A-Z"<]/);
    }
    expect(error.next).not.toBe(error.message);
  });

  it("is of a known kind that fits its name", () => {
    expect(kinds).toContain(error.kind);
    if (code.startsWith("MALFORMED_")) expect(error.kind).toBe("malformed");
    if (code.endsWith("_NOT_FOUND")) expect(["notFound", "unauthenticated"]).toContain(error.kind);
    if (code.endsWith("_STATE")) expect(error.kind).toBe("conflict");
    if (code.endsWith("_INSUFFICIENT")) expect(error.kind).toBe("insufficient");
    if (code.endsWith("_UNAVAILABLE")) expect(error.kind).toBe("unavailable");
  });

  it("follows the grammar of names", () => {
    expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
  });
});

describe("an error", () => {
  it("carries its code, kind, context and cause", () => {
    const cause = new Error("refused");
    const error = earnestError("PORT_UNAVAILABLE", { port: 80, problem: "permission denied" }, { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "EarnestError",
      code: "PORT_UNAVAILABLE",
      kind: "unavailable",
      message: "Cannot listen on port 80: permission denied.",
      next: "Choose another with --port.",
      context: { port: 80 },
      cause,
    });
  });

  it("is told by its code", () => {
    const error: unknown = earnestError("WORK_NOT_FOUND", {});
    expect(isEarnestError(error)).toBe(true);
    expect(isEarnestError(error, "WORK_NOT_FOUND")).toBe(true);
    expect(isEarnestError(error, "SLOT_NOT_FOUND")).toBe(false);
    expect(isEarnestError(new Error("WORK_NOT_FOUND"))).toBe(false);
    expect(isEarnestError(null)).toBe(false);
    expect(error).toBeInstanceOf(EarnestError);
  });

  it("says what to do by the state it met", () => {
    const next = (status: string): string => earnestError("MARKET_STATE", { market: "m", status, action: "a" }).next;
    expect(next("draft")).toBe("Fund and open the market first.");
    expect(next("closed")).toBe("Choose an open market.");
    const slot = (state: string): string => earnestError("SLOT_STATE", { slot: "1.2", state }).next;
    expect(slot("expired")).toContain("Take a new slot");
    expect(slot("held")).toBe("Nothing to do.");
  });
});
