import type { FastifyInstance } from "fastify";
import { createApi } from "../api/create-api.ts";
import type { ApiLog } from "../api/options.ts";
import { earnestError } from "../core/errors.ts";
import { archivesIn } from "../engine/gateway/archives.ts";
import { createIdempotency } from "../engine/idempotency.ts";
import { anyAddress, loopback } from "./hosts.ts";
import type { Network } from "./network.ts";
import { addWeb } from "./web.ts";

export interface FrontOptions {
  readonly host: string;
  readonly port: number;
  readonly apiLog: ApiLog;
  /** Where gateways keep what they fetched. */
  readonly sessions?: string;
  readonly say: (line: string) => void;
}

export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

const portsTried = 20;

/** The HTTP server, at this port or the next free one. */
export async function openFront(network: Network, { host, port, apiLog, sessions, say }: FrontOptions): Promise<Front> {
  for (let tried = port; ; tried++) {
    const api = createApi({
      engine: network.engine,
      idempotency: createIdempotency(network.context),
      log: apiLog,
      ...(sessions !== undefined && { archives: archivesIn(sessions) }),
    });
    addWeb(api, { rpcUrl: network.publicRpcUrl });
    try {
      const address = await api.listen({ host, port: tried });
      // Of all addresses, that at which this machine reaches itself.
      const url = host === anyAddress ? `http://${loopback}:${new URL(address).port}` : address;
      return { url, close: () => api.close() };
    } catch (error) {
      await closeQuietly(api);
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE" || tried >= port + portsTried) {
        throw earnestError("PORT_UNAVAILABLE", { port: tried, problem: message }, { cause: error });
      }
      say(`port ${tried} is taken; trying ${tried + 1}`);
    }
  }
}

const closeQuietly = (api: FastifyInstance): Promise<void> => api.close().catch(() => undefined);
