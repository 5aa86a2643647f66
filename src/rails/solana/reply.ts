import { getSolanaErrorFromJsonRpcError } from "@solana/kit";

/**
 * A node's reply to one call, as kit can read it. Whatever is none is an error of the moment: a proxy in front of a node,
 * or a limit of who runs it, answers in words of its own.
 *
 * @throws TypeError where this is no JSON-RPC, or refuses with a code of the node's own
 */
export function checkedReply(reply: unknown): unknown {
  if (!isReply(reply)) throw new TypeError("what it answers is not JSON-RPC, so it may be no Solana node");
  if (reply.error !== undefined && !isKnown(reply.error)) throw new TypeError(wordsOf(reply.error));
  return reply;
}

interface Reply {
  readonly error?: unknown;
}

const isReply = (reply: unknown): reply is Reply =>
  typeof reply === "object" && reply !== null && ("result" in reply || "error" in reply);

/** kit fails on codes that it has no sentence for, such as those of the limits that providers set. */
function isKnown(error: unknown): boolean {
  try {
    getSolanaErrorFromJsonRpcError(error);
    return true;
  } catch {
    return false;
  }
}

function wordsOf(error: unknown): string {
  const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown };
  const said = typeof message === "string" && message !== "" ? message : "it gives no reason";
  return `${said} (code ${String(code)})`;
}
