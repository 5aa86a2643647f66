import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Of each connection, what is still to be told that its answer has ended. */
const waiting = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls once when an answer has ended or its connection has. Node says "close" of the answer whose turn it is alone: those
 * that wait behind it hear nothing when the connection breaks.
 */
export function onAnswerEnd({ socket }: IncomingMessage, answer: ServerResponse, end: () => void): void {
  const ends = waiting.get(socket) ?? watch(socket);
  const once = (): void => {
    if (ends.delete(once)) end();
  };
  ends.add(once);
  answer.once("close", once);
}

function watch(socket: Socket): Set<() => void> {
  const ends = new Set<() => void>();
  waiting.set(socket, ends);
  socket.once("close", () => {
    for (const end of ends) end();
  });
  return ends;
}
