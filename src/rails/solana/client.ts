import { setTimeout as sleepFor } from "node:timers/promises";
import {
  createSolanaRpcFromTransport,
  isSolanaError,
  type Rpc,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_BLOCK_NOT_AVAILABLE,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_NODE_UNHEALTHY,
  SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR,
  type SolanaRpcApi,
} from "@solana/kit";
import { earnestError } from "../../core/errors.ts";
import { createBatchingTransport } from "./batching.ts";

export interface SolanaClientOptions {
  readonly rpcUrl: string;
  /** Tries of one call before CHAIN_UNAVAILABLE. */
  readonly attempts?: number;
  readonly callTimeoutMs?: number;
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** 0 to 1, spreads the retries of many clients. */
  readonly random?: () => number;
}

interface Pending<T> {
  send(options: { abortSignal: AbortSignal }): Promise<T>;
}

export interface SolanaClient {
  readonly rpcUrl: string;
  /** The RPC's place without what may be secret in its URL: for messages. */
  readonly origin: string;
  /** Makes the call, again with growing pauses while the node is unreachable, busy or behind. */
  call<T>(make: (rpc: Rpc<SolanaRpcApi>) => Pending<T>): Promise<T>;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Different for each transaction signed while a blockhash lives: 0 to 19,999, from a random start. */
  nonce(): number;
}

const nonces = 20_000;
const firstPauseMs = 200;
const pauseMaxMs = 5_000;

export function createSolanaClient(options: SolanaClientOptions): SolanaClient {
  const { rpcUrl, attempts = 6, callTimeoutMs = 20_000, sleep = sleepFor, random = Math.random } = options;
  const rpc = createSolanaRpcFromTransport(createBatchingTransport(rpcUrl));
  let next = Math.floor(random() * nonces);
  return {
    rpcUrl,
    origin: withoutSecrets(rpcUrl),
    sleep,
    nonce: () => next++ % nonces,
    async call(make) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await make(rpc).send({ abortSignal: AbortSignal.timeout(callTimeoutMs) });
        } catch (error) {
          if (isNoNode(error)) throw unavailable(rpcUrl, error);
          if (!mayPass(error)) throw error;
          if (attempt >= attempts) throw unavailable(rpcUrl, error);
          const pause = Math.min(firstPauseMs * 2 ** (attempt - 1), pauseMaxMs) * (0.5 + random() / 2);
          await sleep(Math.max(pause, askedPauseMs(error)));
        }
      }
    },
  };
}

export const unavailable = (url: string, cause: unknown) =>
  earnestError("CHAIN_UNAVAILABLE", { url: withoutSecrets(url), problem: causeText(cause) }, { cause });

/** RPC providers put API keys into path and query; they have no place in a log. */
const withoutSecrets = (url: string): string => new URL(url).origin;

/** "fetch failed" says nothing; what failed stands in its cause. A parser's complaint says less than that there was one. */
function causeText(error: unknown): string {
  if (error instanceof SyntaxError) return "what it answers is not JSON";
  const inner = error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
  if (!(inner instanceof Error)) return String(inner);
  return inner.message === "" ? ((inner as NodeJS.ErrnoException).code ?? inner.name) : inner.message;
}

const askedPauseMaxMs = 60_000;

/** What a node that is too busy asks for (RFC 9110, section 10.2.3); a date is not heeded, as no RPC sends one. */
function askedPauseMs(error: unknown): number {
  if (!isSolanaError(error, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR)) return 0;
  const asked = /^\d{1,6}$/.exec(error.context.headers.get("retry-after")?.trim() ?? "");
  return asked === null ? 0 : Math.min(Number(asked[0]) * 1000, askedPauseMaxMs);
}

/** Something else answers there, or lets nobody in: asking again would not help. */
const isNoNode = (error: unknown): boolean =>
  isSolanaError(error, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR) && !mayPass(error);

/** Errors of the way or of the moment. What the node says about the call itself would be the same next time. */
function mayPass(error: unknown): boolean {
  if (isSolanaError(error, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR)) {
    const { statusCode } = error.context;
    return statusCode === 429 || statusCode === 408 || statusCode >= 500;
  }
  if (isSolanaError(error)) {
    return (
      isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_NODE_UNHEALTHY) ||
      isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_BLOCK_NOT_AVAILABLE) ||
      isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED)
    );
  }
  if (error instanceof SyntaxError) return true;
  return error instanceof TypeError || (error instanceof Error && ["TimeoutError", "AbortError"].includes(error.name));
}
