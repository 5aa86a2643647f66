import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  airdropFactory,
  appendTransactionMessageInstructions,
  assertIsTransactionWithBlockhashLifetime,
  createSolanaRpc,
  createSolanaRpcSubscriptions,
  createTransactionMessage,
  generateKeyPairSigner,
  getTransactionEncoder,
  type Instruction,
  type KeyPairSigner,
  lamports,
  pipe,
  type Rpc,
  type RpcSubscriptions,
  type SolanaRpcApi,
  type SolanaRpcSubscriptionsApi,
  sendAndConfirmTransactionFactory,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
  type TransactionWithBlockhashLifetime,
} from "@solana/kit";
import { type Localnet, type LocalnetOptions, startLocalnet } from "./localnet.ts";

/** A localnet in a folder of its own, and the client that everybody uses. For tests. */
export async function startTestLocalnet(options: Partial<LocalnetOptions> = {}): Promise<TestLocalnet> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "earnest-localnet-"));
  const clock = options.clock ?? Date.now;
  const localnet = await startLocalnet({ rpcPort: 0, wsPort: 0, ...options, folder, clock });
  return { folder, ...localnet, ...clientOf(localnet), remove: () => rmSync(folder, { recursive: true }) };
}

type SignedTransaction = Awaited<ReturnType<typeof signTransactionMessageWithSigners>> &
  TransactionWithBlockhashLifetime;

export interface TestClient {
  readonly rpc: Rpc<SolanaRpcApi>;
  readonly rpcSubscriptions: RpcSubscriptions<SolanaRpcSubscriptionsApi>;
  readonly sendAndConfirm: ReturnType<typeof sendAndConfirmTransactionFactory>;
  sign(payer: KeyPairSigner, instructions: readonly Instruction[], version?: 0 | "legacy"): Promise<SignedTransaction>;
  /** A new key with this much SOL. */
  funded(sol?: bigint): Promise<KeyPairSigner>;
}

export interface TestLocalnet extends Localnet, TestClient {
  readonly folder: string;
  remove(): void;
}

export function clientOf({ rpcUrl, wsUrl }: Pick<Localnet, "rpcUrl" | "wsUrl">): TestClient {
  const rpc = createSolanaRpc(rpcUrl);
  const rpcSubscriptions = createSolanaRpcSubscriptions(wsUrl);
  const sendAndConfirm = sendAndConfirmTransactionFactory({ rpc, rpcSubscriptions });
  const airdrop = airdropFactory({ rpc, rpcSubscriptions });

  async function sign(payer: KeyPairSigner, instructions: readonly Instruction[], version: 0 | "legacy" = 0) {
    const { value: latest } = await rpc.getLatestBlockhash().send();
    const message = pipe(
      createTransactionMessage({ version }),
      (m) => setTransactionMessageFeePayerSigner(payer, m),
      (m) => setTransactionMessageLifetimeUsingBlockhash(latest, m),
      (m) => appendTransactionMessageInstructions(instructions, m),
    );
    const transaction = await signTransactionMessageWithSigners(message);
    assertIsTransactionWithBlockhashLifetime(transaction);
    return transaction;
  }

  async function funded(sol = 10n): Promise<KeyPairSigner> {
    const signer = await generateKeyPairSigner();
    await airdrop({
      commitment: "finalized",
      recipientAddress: signer.address,
      lamports: lamports(sol * 1_000_000_000n),
    });
    return signer;
  }

  return { rpc, rpcSubscriptions, sendAndConfirm, sign, funded };
}

export const wireOf = (transaction: SignedTransaction): Uint8Array =>
  new Uint8Array(getTransactionEncoder().encode(transaction));

/** Any call, as text over HTTP. */
export async function post(
  rpcUrl: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: ReadonlyMap<string, string>; text: string }> {
  const response = await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  return { status: response.status, headers: new Map(response.headers), text: await response.text() };
}

export interface Reply {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export async function call(rpcUrl: string, method: string, params: unknown[] = []): Promise<Reply> {
  const { text } = await post(rpcUrl, JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  return JSON.parse(text) as Reply;
}
