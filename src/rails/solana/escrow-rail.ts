import { type Address, isAddress } from "@solana/kit";
import { type Amount, amount, zero } from "../../core/amount.ts";
import { type Bytes32, bytes32, equalBytes, fromBase58, toBase58, toHex } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { Deposit, EscrowTerms, Rail } from "../rail.ts";
import { nextBlock } from "./blocks.ts";
import { readMarkets } from "./escrow/accounts.ts";
import { destinationOf } from "./escrow/claims.ts";
import { sendCommit } from "./escrow/commits.ts";
import { sendCosigned } from "./escrow/cosigning.ts";
import { depositsIn } from "./escrow/deposits.ts";
import type { Escrow } from "./escrow/escrow.ts";
import { marketAt, refundMarket } from "./escrow/markets.ts";
import { payClaims } from "./escrow/paying.ts";
import { readPoolView } from "./escrow/pool-view.ts";
import type { OpenPool } from "./escrow/pools.ts";
import { isEnded, planClosing } from "./escrow/sponsored-closings.ts";
import { planDeposit } from "./escrow/sponsored-deposits.ts";
import { planTransfer, sendTransfer } from "./escrow/transfers.ts";
import type { NetworkAccount } from "./program/layouts.ts";
import { readTokenAccounts } from "./token-accounts.ts";

/** Settlement through a pool of the escrow program. */
export function createEscrowRail(
  escrow: Escrow,
  { refundDelaySeconds }: Pick<NetworkAccount, "refundDelaySeconds">,
  { at, canFreeze, names, account: { decimals } }: OpenPool,
): Rail {
  const { client, program, cluster } = escrow;
  const wallet = (owner: string): Address => toBase58(destinationOf(at, owner as Address)) as Address;
  return {
    cluster,
    mint: at.mint,
    decimals,
    canFreeze,
    names,
    refundDelayMs: refundDelaySeconds * 1_000,
    program,
    network: at.network,
    pool: at.pool,
    vault: at.vault,
    tokenAccountOf: (owner) => destinationOf(at, toBase58(owner) as Address),
    escrowOf: ({ market, requester }) => marketAt(at, requester as Address, market),
    findDeposit: (signature, terms) => findDeposit(escrow, at, signature, terms),
    readPool: () => readPoolView(escrow, at),
    nextBlock: () => nextBlock(client),
    async sendCommit(commit) {
      await sendCommit(escrow, at, commit);
    },
    payClaims: (source, wishes, creation) => payClaims(escrow, at, { source, wishes, creation }),
    async refund(account, proof) {
      await refundMarket(escrow, at, toBase58(account) as Address, proof);
    },
    planTransfer: (from, to, value) => {
      const wish = { from: toBase58(from) as Address, to: toBase58(to) as Address, amount: value };
      return planTransfer(escrow, at, decimals, wish);
    },
    sendTransfer: (transfer, signature, waitMs) => sendTransfer(escrow, transfer, signature, waitMs),
    planDeposit: ({ market, requester, specHash }, value) =>
      planDeposit(escrow, at, { market, owner: requester as Address, specHash, amount: value }),
    isEnded: (market, requester) => isEnded(escrow, at, { market, owner: requester as Address }),
    planClosing: (market, requester) => planClosing(escrow, at, { market, owner: requester as Address }),
    sendPlanned: (plan, requester, signature, waitMs) =>
      sendCosigned(escrow, { ...plan, owner: requester as Address }, signature, waitMs),
    async heldBy(owners) {
      const known = owners.filter((owner) => isAddress(owner));
      const states = await readTokenAccounts(client, known.map(wallet), "finalized");
      const held = new Map<string, Amount>(owners.map((owner) => [owner, zero]));
      known.forEach((owner, i) => {
        // An account whose owner gave it away holds somebody else's money.
        const state = states[i] ?? null;
        if (state !== null && state.owner === owner) held.set(owner, state.amount);
      });
      return held;
    },
  };
}

async function findDeposit(
  escrow: Escrow,
  at: OpenPool["at"],
  signature: string,
  { market, requester, specHash }: EscrowTerms,
): Promise<Deposit | null> {
  const address = marketAt(at, requester as Address, market);
  const paid = (await depositsIn(escrow, at, signature)).filter((each) => each.market === address);
  const [account = null] = await readMarkets(escrow, [address], "finalized");
  if (paid.length === 0 || account === null) return null;
  const differs = (field: string, found: string, expected: string): never => {
    throw earnestError("ESCROW_TERMS_MISMATCH", { kind: "market", address, field, found, expected });
  };
  if (!equalBytes(account.specHash, specHash)) differs("a spec of hash", toHex(account.specHash), toHex(specHash));
  const refundTo = toBase58(destinationOf(at, requester as Address));
  if (account.refundTo !== refundTo) differs("the refund account", account.refundTo, refundTo);
  return {
    signature,
    amount: amount(paid.reduce((sum, each) => sum + each.amount, 0n)),
    account: bytesOf(address),
    openedAt: Number(account.openedAt),
  };
}

const bytesOf = (address: Address): Bytes32 => bytes32(fromBase58(address));
