import type { AttestorSignature, Commit, CommitOutcome } from "../contract/commits.ts";
import type { LogPage } from "../contract/receipts.ts";
import { routes } from "../contract/routes.ts";
import { bytes32, fromBase58, toBase58, toBase64 } from "../core/bytes.ts";
import { attestorStatement } from "../core/statements.ts";
import { EarnestConnectionError } from "./errors.ts";
import type { Signer } from "./keys.ts";
import type { CallOptions } from "./options.ts";
import { type Pages, pagesOf } from "./pages.ts";
import type { Transport } from "./transport.ts";

/** Commit messages of a network: for those who watch them, and for the attestors who sign them. */
export class Commits {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Of a token's pool, the home token's where none is named; the newest first. */
  list(
    { limit = 10, mint }: { readonly limit?: number; readonly mint?: string | undefined } = {},
    options?: CallOptions,
  ): Pages<Commit> {
    return pagesOf((after) => this.#transport.call(routes.listCommits, { query: { mint, after, limit } }, options));
  }

  get(digest: string, options?: CallOptions): Promise<Commit> {
    return this.#transport.call(routes.getCommit, { params: { digest } }, options);
  }

  /** The leaf file: to be hashed and compared with what the message names. */
  async leaves(digest: string, options?: CallOptions): Promise<Uint8Array> {
    const accept = "application/octet-stream";
    const response = await this.#transport.send(routes.getLeafFile, { params: { digest }, accept }, options);
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw new EarnestConnectionError(this.#transport.server, error);
    }
  }

  sign(digest: string, signature: AttestorSignature, options?: CallOptions): Promise<Commit> {
    return this.#transport.call(routes.signCommit, { params: { digest }, body: signature }, options);
  }

  refuse(digest: string, said: CommitOutcome, options?: CallOptions): Promise<Commit> {
    return this.#transport.call(routes.refuseCommit, { params: { digest }, body: said }, options);
  }
}

/** The header with which an attestor reads the log whole: what is sealed for others, too. `pool` in base58. */
export async function attestorHeader(signer: Signer, pool: string, timeMs: number): Promise<string> {
  const statement = attestorStatement({ pool: bytes32(fromBase58(pool)), timeMs });
  return `Attestor ${toBase58(signer.publicKey)}:${timeMs}:${toBase64(await signer.sign(statement))}`;
}

/** Entries of a lane with all that belongs to them, for an attestor. */
export const attestedLog = (
  transport: Transport,
  authorization: string,
  asked: { readonly market: string; readonly lane: number; readonly from: number; readonly limit: number },
  options?: CallOptions,
): Promise<LogPage> => {
  const { market, lane, from, limit } = asked;
  const input = { params: { market }, query: { lane, from, limit }, headers: { authorization } };
  return transport.call(routes.getLog, input, options);
};
