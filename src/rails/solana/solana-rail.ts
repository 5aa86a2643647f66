import { isAddress, type KeyPairSigner } from "@solana/kit";
import { type Amount, zero } from "../../core/amount.ts";
import { earnestError } from "../../core/errors.ts";
import type { Rail } from "../rail.ts";
import { TokenAddresses } from "./addresses.ts";
import type { SolanaClient } from "./client.ts";
import { findDeposit } from "./deposits.ts";
import { preparePayouts } from "./payouts.ts";
import { outcomeOf, submit } from "./submission.ts";
import { readTokenAccounts } from "./token-accounts.ts";
import { createTokenAccount, findMint } from "./tokens.ts";

export interface SolanaRailOptions {
  readonly client: SolanaClient;
  /** A mint of the classic token program. */
  readonly mint: string;
  /** Owns the vault, signs payouts and pays their fees and rent in SOL. */
  readonly operator: KeyPairSigner;
  /** Micro-lamports a compute unit, for busy clusters. */
  readonly unitPrice?: bigint;
}

/**
 * Settlement by batched token transfers from the operator's own token account, which is made where it is missing.
 * @throws MINT_NOT_FOUND, CHAIN_UNAVAILABLE, TRANSACTION_FAILED (the operator has no SOL)
 */
export async function openSolanaRail(options: SolanaRailOptions): Promise<Rail> {
  const { client, operator, unitPrice = 0n } = options;
  const mint = await findMint(client, options.mint);
  if (mint === null) throw earnestError("MINT_NOT_FOUND", { mint: options.mint });
  const cluster = await client.call((rpc) => rpc.getGenesisHash());
  const addresses = new TokenAddresses(mint.address);
  const vault = addresses.of(operator.address);
  const [held] = await readTokenAccounts(client, [vault], "confirmed");
  if (held === null) await createTokenAccount(client, operator, mint.address, operator.address);
  const source = { mint, vault, operator, addresses, unitPrice };
  return {
    cluster,
    mint: mint.address,
    decimals: mint.decimals,
    vault,
    findDeposit: (signature) => findDeposit(client, { address: vault, mint: mint.address }, signature),
    preparePayouts: (payouts) => preparePayouts(client, source, payouts),
    send: (prepared) => submit(client, prepared),
    outcome: (prepared) => outcomeOf(client, prepared),
    heldBy: (owners) => heldBy(client, addresses, owners),
  };
}

async function heldBy(
  client: SolanaClient,
  addresses: TokenAddresses,
  owners: readonly string[],
): Promise<Map<string, Amount>> {
  const known = owners.filter((owner) => isAddress(owner));
  const states = await readTokenAccounts(
    client,
    known.map((owner) => addresses.of(owner)),
    "finalized",
  );
  const held = new Map<string, Amount>(owners.map((owner) => [owner, zero]));
  known.forEach((owner, i) => {
    // An account whose owner gave it away holds somebody else's money.
    const state = states[i] ?? null;
    if (state !== null && state.owner === owner) held.set(owner, state.amount);
  });
  return held;
}
