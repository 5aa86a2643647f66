import type { Network } from "../contract/network.ts";
import { routes } from "../contract/routes.ts";
import type { FactsInput, Session, SignIn } from "../contract/sessions.ts";
import type { Offer } from "../contract/work.ts";
import { toBase58, toBase64, toUtf8 } from "../core/bytes.ts";
import { signInText } from "../core/statements.ts";
import { EarnestConnectionError, isApiError } from "./errors.ts";
import { generateSigner, type Signer } from "./keys.ts";
import type { Transport } from "./transport.ts";

export interface SignInOptions {
  readonly automated?: boolean;
  readonly facts?: FactsInput;
  readonly sessionMs?: number;
  /** Makes the key that signs requests. Default: WebCrypto's, which a page without HTTPS does not have. */
  readonly newKey?: () => Promise<Signer>;
  /** What to sign in to, and the server's time, where that is known already. Default: the server is asked. */
  readonly network?: () => Promise<Pick<Network, "domain" | "timeMs">>;
}

export interface OpenSession extends Omit<Session, "offers"> {
  /** Signs requests until the session expires. */
  readonly signer: Signer;
}

const dayMs = 86_400_000;
const attemptsMax = 3;

export const signIn = async (transport: Transport, wallet: Signer, options?: SignInOptions): Promise<OpenSession> =>
  (await beginSession(transport, wallet, options)).session;

export interface Begun {
  readonly session: OpenSession;
  /** What was taken in the same request; null where nothing was asked for, or it was refused. */
  readonly offers: readonly Offer[] | null;
}

/**
 * Signs in with Solana: the wallet authorises a new session key. A challenge works once, so an answer that was lost on
 * the way is made up for with a new challenge.
 */
export async function beginSession(
  transport: Transport,
  wallet: Signer,
  options: SignInOptions = {},
  first?: NonNullable<SignIn["first"]>,
): Promise<Begun> {
  const [network, signer] = await Promise.all([
    options.network?.() ?? transport.call(routes.getNetwork),
    (options.newKey ?? generateSigner)(),
  ]);
  for (let attempt = 1; ; attempt++) {
    const { nonce } = await transport.call(routes.createChallenge);
    const message = signInText({
      domain: network.domain,
      address: toBase58(wallet.publicKey),
      nonce,
      // By the server's clock: the device's may be wrong.
      issuedAt: new Date(network.timeMs).toISOString(),
      expirationTime: new Date(network.timeMs + (options.sessionMs ?? dayMs)).toISOString(),
      sessionKey: toBase58(signer.publicKey),
    });
    const signature = toBase64(await wallet.sign(toUtf8(message)));
    const { automated = false, facts = {} } = options;
    try {
      const body = { message, signature, automated, facts, ...(first !== undefined && { first }) };
      const { offers = null, ...session } = await transport.call(routes.createSession, { body });
      return { session: { ...session, signer }, offers };
    } catch (error) {
      const isWorthAnother = error instanceof EarnestConnectionError || isApiError(error, "DATABASE_UNAVAILABLE");
      if (!isWorthAnother || attempt >= attemptsMax) throw error;
    }
  }
}
