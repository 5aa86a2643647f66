import type { Auth } from "../contract/route.ts";
import type { Bytes32 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { Engine } from "../engine/engine.ts";
import type { Session } from "../engine/types.ts";

/** Who calls. An API key and a session both act for their owner; only a session can work. */
export interface Caller {
  readonly owner: Bytes32;
  readonly session: Session | null;
  /** The id of the API key; null where there is none. */
  readonly apiKey: string | null;
  /** The bearer secret itself, needed once: to end a session. */
  readonly token: string;
}

const bearer = /^Bearer ([\w-]{1,200})$/i;
const expected: Readonly<Record<Exclude<Auth, "none" | "optional">, string>> = {
  session: "a session (Authorization: Bearer earnest_session_…)",
  either: "an API key or a session (Authorization: Bearer earnest_…)",
};

/** @throws CREDENTIALS_NOT_FOUND where there are none of a fitting kind; the engine refuses wrong ones. */
export async function authenticate(engine: Engine, auth: Auth, header: string | undefined): Promise<Caller | null> {
  if (auth === "none" || (auth === "optional" && header === undefined)) return null;
  const token = bearer.exec(header ?? "")?.[1] ?? "";
  if (token.startsWith("earnest_session_")) {
    const session = await engine.authenticateSession(token);
    return { owner: session.key, session, apiKey: null, token };
  }
  const isKey = token.startsWith("earnest_test_") || token.startsWith("earnest_live_");
  const kind = auth === "session" ? "session" : "either";
  if (kind === "session" || !isKey) throw earnestError("CREDENTIALS_NOT_FOUND", { expected: expected[kind] });
  const key = await engine.authenticateApiKey(token);
  return { owner: key.owner, session: null, apiKey: key.id, token };
}
