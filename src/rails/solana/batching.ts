import {
  createDefaultRpcTransport,
  isSolanaError,
  type RpcTransport,
  SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR,
} from "@solana/kit";
import { checkedReply } from "./reply.ts";

interface Call {
  readonly id: string;
  readonly method: string;
  readonly params: readonly unknown[];
}

interface Waiting {
  readonly call: Call;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Nodes take requests of 50 KiB. */
const requestBytesMax = 48 << 10;
const callBytes = 200;

/**
 * kit's way to a node, but that `sendTransaction` calls made at the same moment travel in one request, as JSON-RPC
 * allows: for thousands of transactions the requests cost more than the transactions do. A node that does not know
 * batches gets them singly from then on.
 */
export function createBatchingTransport(url: string): RpcTransport {
  const send = createDefaultRpcTransport({ url });
  let waiting: Waiting[] = [];
  let takesBatches = true;

  const flush = (): void => {
    const all = waiting;
    waiting = [];
    for (const batch of batchesOf(all)) {
      if (batch.length === 1 || !takesBatches) sendEach(batch);
      else sendBatch(batch).catch((error: unknown) => rejectAll(batch, error));
    }
  };

  async function sendBatch(batch: readonly Waiting[]): Promise<void> {
    const replies = await request(batch).catch((error: unknown) => {
      if (isRefusedRequest(error)) return null;
      throw error;
    });
    const byId = repliesById(replies);
    if (byId !== null) return settle(batch, byId);
    takesBatches = false;
    sendEach(batch);
  }

  const single = async (call: unknown, signal: AbortSignal | undefined): Promise<unknown> =>
    checkedReply(await send(withSignal(call, signal)));

  function request(batch: readonly Waiting[]): Promise<unknown> {
    return send(
      withSignal(
        batch.map((each) => each.call),
        batch[0]?.signal,
      ),
    );
  }

  function sendEach(batch: readonly Waiting[]): void {
    for (const { call, signal, resolve, reject } of batch) {
      single(call, signal).then(resolve, reject);
    }
  }

  return <T>({ payload, signal }: { payload: unknown; signal?: AbortSignal }): Promise<T> => {
    if (!isSend(payload)) return single(payload, signal) as Promise<T>;
    return new Promise<T>((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ call: payload, signal, resolve: resolve as (reply: unknown) => void, reject });
    });
  };
}

const withSignal = (payload: unknown, signal: AbortSignal | undefined) =>
  signal === undefined ? { payload } : { payload, signal };

const isSend = (payload: unknown): payload is Call =>
  typeof payload === "object" && payload !== null && (payload as Partial<Call>).method === "sendTransaction";

function batchesOf(all: readonly Waiting[]): Waiting[][] {
  const batches: Waiting[][] = [];
  let room = 0;
  for (const each of all) {
    const size = String(each.call.params[0]).length + callBytes;
    if (size > room) {
      batches.push([]);
      room = requestBytesMax;
    }
    batches.at(-1)?.push(each);
    room -= size;
  }
  return batches;
}

/** Null where this is no answer to a batch. */
function repliesById(replies: unknown): Map<string, unknown> | null {
  if (!Array.isArray(replies)) return null;
  return new Map(replies.map((reply: { id?: unknown }) => [String(reply.id), reply]));
}

function settle(batch: readonly Waiting[], byId: ReadonlyMap<string, unknown>): void {
  for (const { call, resolve, reject } of batch) {
    const reply = byId.get(String(call.id));
    // As a connection that breaks: the caller asks again.
    if (reply === undefined) reject(new TypeError("the node left a call unanswered"));
    else Promise.resolve(reply).then(checkedReply).then(resolve, reject);
  }
}

const rejectAll = (batch: readonly Waiting[], error: unknown): void => {
  for (const each of batch) each.reject(error);
};

/** The node does not like what was sent, other than for being too busy for it. */
function isRefusedRequest(error: unknown): boolean {
  if (!isSolanaError(error, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR)) return false;
  const { statusCode } = error.context;
  return statusCode >= 400 && statusCode < 500 && statusCode !== 429 && statusCode !== 408;
}
