import type { Socket } from "node:net";
import { problemMediaType } from "../contract/problems.ts";
import { type EarnestError, earnestError } from "../core/errors.ts";
import { isEventSocket } from "./event-socket.ts";
import { problemOf } from "./problem.ts";

/** Answers bytes that are not HTTP, too large headers and requests that never end: there is no request to speak of. */
export function onBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable || isEventSocket(socket)) {
    socket.destroy();
    return;
  }
  const problem = problemOf(errorOf(error.code), "none");
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `content-type: ${problemMediaType}; charset=utf-8`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function errorOf(code: string | undefined): EarnestError {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return earnestError("HEADERS_EXCEEDED", {});
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return earnestError("REQUEST_TIME_EXCEEDED", { seconds: 0 });
    default:
      return earnestError("MALFORMED_REQUEST", { where: "request", problem: "is not HTTP" });
  }
}
