import { type BodyInputOf, type ParamsOf, pathOf, type ResponseOf, type Route } from "../contract/route.ts";
import { EarnestConnectionError, errorFrom } from "./errors.ts";
import type { CallOptions, ClientOptions } from "./options.ts";
import { backoffMs, pause } from "./pause.ts";
import { randomId } from "./random-id.ts";

export type RequestBody = NonNullable<RequestInit["body"]>;
type QueryValues = Readonly<Record<string, string | number | null | undefined>>;

/** What a call of an operation is made of. A query's numbers become digits here. */
export interface CallInput<R extends Route> {
  readonly params?: ParamsOf<R>;
  readonly query?: QueryValues;
  readonly body?: BodyInputOf<R>;
  readonly token?: string | null;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A body that is not JSON, with its type. It can be sent only once, so the call is never repeated. */
  readonly stream?: { readonly type: string; readonly body: RequestBody };
}

/** Operations that can be repeated without a key: the second time they find their own work done. */
const naturallyRepeatable: ReadonlySet<string> = new Set([
  "submit",
  "sendWithdrawal",
  "planDeposit",
  "sendDeposit",
  "planClosing",
  "sendClosing",
  "openBalance",
  "createChallenge",
]);
const retriedStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Sends operations of the contract. What failed on the way, or met a busy or restarting server, is sent again with
 * growing pauses, wherever doing it twice does it once: reads, calls with an idempotency key, and natural keys.
 */
export class Transport {
  readonly server: string;
  readonly #token: string | null;
  readonly #retriesMax: number;
  readonly #timeoutMs: number;
  readonly #fetch: typeof fetch;

  constructor({ server, apiKey, retriesMax = 5, timeoutMs = 60_000, fetch: given }: ClientOptions) {
    this.server = server.replace(/\/+$/, "");
    this.#token = apiKey ?? null;
    this.#retriesMax = retriesMax;
    this.#timeoutMs = timeoutMs;
    this.#fetch = given ?? ((...args) => fetch(...args));
  }

  /** The JSON of an operation's answer, in the type of its schema. */
  async call<R extends Route>(route: R, input: CallInput<R> = {}, options: CallOptions = {}): Promise<ResponseOf<R>> {
    const { signal, unfollow } = following(options.signal);
    try {
      const response = await this.send(route, input, { ...options, ...(signal && { signal }) });
      const text = await textOf(response, this.server);
      return (text === "" ? undefined : JSON.parse(text)) as ResponseOf<R>;
    } finally {
      unfollow();
    }
  }

  /**
   * The answer itself, for streams; its status is a success.
   * @throws EarnestApiError, EarnestConnectionError
   */
  async send<R extends Route>(route: R, input: CallInput<R> = {}, options: CallOptions = {}): Promise<Response> {
    const key = route.idempotent ? keyOf(options) : null;
    const request = requestOf(this.server, route, input, this.#token, key);
    const isRepeatable =
      input.stream === undefined && (route.method !== "POST" || key !== null || naturallyRepeatable.has(route.id));
    for (let attempt = 1; ; attempt++) {
      const isLast = !isRepeatable || attempt > this.#retriesMax;
      const outcome = await this.#attempt(request, options.signal);
      if (outcome instanceof Response) {
        if (outcome.ok) return outcome;
        const isRefusedEarly = outcome.status === 429;
        if (!retriedStatuses.has(outcome.status) || (isLast && !(isRefusedEarly && attempt <= this.#retriesMax))) {
          throw await errorFrom(outcome);
        }
        await outcome.body?.cancel();
        await pause(backoffMs(attempt, outcome.headers.get("retry-after")), options.signal);
        continue;
      }
      if (isLast) throw outcome;
      await pause(backoffMs(attempt, null), options.signal);
    }
  }

  async #attempt(
    { url, init }: { readonly url: string; readonly init: RequestInit },
    signal: AbortSignal | undefined,
  ): Promise<Response | EarnestConnectionError> {
    // The timer ends as soon as the answer begins: streams may take as long as they like.
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const timer = setTimeout(() => controller.abort(new Error("no answer in time")), this.#timeoutMs);
    try {
      signal?.throwIfAborted();
      return await this.#fetch(url, { ...init, signal: controller.signal });
    } catch (error) {
      signal?.removeEventListener("abort", onAbort);
      if (signal?.aborted === true) throw signal.reason;
      return new EarnestConnectionError(this.server, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A signal that aborts when another does, for one call: a program's signal lives for weeks, and must keep nothing of it. */
function following(signal: AbortSignal | undefined): { signal?: AbortSignal; unfollow: () => void } {
  if (signal === undefined) return { unfollow: () => undefined };
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  return { signal: controller.signal, unfollow: () => signal.removeEventListener("abort", onAbort) };
}

const keyOf = ({ idempotencyKey }: CallOptions): string | null =>
  idempotencyKey === undefined ? randomId() : idempotencyKey;

function requestOf<R extends Route>(
  server: string,
  route: R,
  input: CallInput<R>,
  token: string | null,
  key: string | null,
): { url: string; init: RequestInit } {
  const bearer = input.token ?? token;
  const isJson = route.bodyKind === "json";
  const headers: Record<string, string> = {
    accept: input.accept ?? "application/json",
    ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
    ...(isJson && { "content-type": "application/json" }),
    ...(input.stream !== undefined && { "content-type": input.stream.type }),
    ...(key !== null && { "idempotency-key": key }),
    ...input.headers,
  };
  const path = pathOf(route.path, input.params ?? {});
  const init: RequestInit & { duplex?: "half" } = { method: route.method, headers };
  if (isJson) init.body = JSON.stringify(input.body ?? {});
  if (input.stream !== undefined) {
    init.body = input.stream.body;
    init.duplex = "half";
  }
  return { url: `${server}${path}${queryText(input.query ?? {})}`, init };
}

function queryText(query: QueryValues): string {
  const values = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) values.set(name, String(value));
  }
  const text = values.toString();
  return text === "" ? "" : `?${text}`;
}

async function textOf(response: Response, server: string): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw new EarnestConnectionError(server, error);
  }
}
