import type { Address, Signature } from "@solana/kit";
import { type Amount, amount } from "../../../core/amount.ts";
import { fromBase58 } from "../../../core/bytes.ts";
import { instructionNumbers, type PoolAddresses } from "../program/instructions.ts";
import type { Escrow } from "./escrow.ts";

/** A finalized payment into a market. */
export interface EscrowDeposit {
  readonly signature: string;
  readonly slot: bigint;
  readonly market: Address;
  /** Who owned the tokens, and signed. */
  readonly owner: Address;
  /**
   * What the instruction moved. It is what the vault gained by it, as no pool takes a mint with transfer fees; a market's
   * own `deposited`, which the program measures, is the sum of these.
   */
  readonly amount: Amount;
}

/** The most getSignaturesForAddress gives. */
const perPage = 1_000;
const callsAtOnce = 8;

/**
 * The deposits of a market, or of a whole pool, that became final after a transaction (from the beginning where that is
 * null), the oldest first.
 */
export async function listDeposits(
  escrow: Escrow,
  at: PoolAddresses,
  of: Address,
  after: string | null = null,
): Promise<EscrowDeposit[]> {
  const signatures = await signaturesOf(escrow, of, after);
  const found: EscrowDeposit[] = [];
  for (let i = 0; i < signatures.length; i += callsAtOnce) {
    const chunk = signatures.slice(i, i + callsAtOnce);
    found.push(...(await Promise.all(chunk.map((each) => depositsIn(escrow, at, each)))).flat());
  }
  return of === at.pool ? found : found.filter((each) => each.market === of);
}

async function signaturesOf(escrow: Escrow, of: Address, after: string | null): Promise<Signature[]> {
  const newestFirst: Signature[] = [];
  for (let before: Signature | null = null; ; ) {
    const page: Page = await signaturesBefore(escrow, of, before, after);
    newestFirst.push(...page.filter((each) => each.err === null).map((each) => each.signature));
    before = page.at(-1)?.signature ?? null;
    if (page.length < perPage || before === null) return newestFirst.reverse();
  }
}

type Page = readonly { readonly signature: Signature; readonly err: unknown }[];

function signaturesBefore(escrow: Escrow, of: Address, before: Signature | null, after: string | null): Promise<Page> {
  const config = { commitment: "finalized", limit: perPage } as const;
  const range = { ...(before === null ? {} : { before }), ...(after === null ? {} : { until: after as Signature }) };
  return escrow.client.call((rpc) => rpc.getSignaturesForAddress(of, { ...config, ...range }));
}

interface ShownInstruction {
  readonly programIdIndex: number;
  readonly accounts: readonly number[];
  readonly data: string;
}

/** The deposits into this pool that a finalized transaction made, also through another program. */
export async function depositsIn(escrow: Escrow, at: PoolAddresses, signature: string): Promise<EscrowDeposit[]> {
  const found = await escrow.client.call((rpc) =>
    rpc.getTransaction(signature as Signature, {
      commitment: "finalized",
      encoding: "json",
      maxSupportedTransactionVersion: 1,
    }),
  );
  if (found === null || found.meta === null || found.meta.err !== null) return [];
  const { message } = found.transaction;
  const { loadedAddresses, innerInstructions } = found.meta;
  const keys = [...message.accountKeys, ...(loadedAddresses?.writable ?? []), ...(loadedAddresses?.readonly ?? [])];
  const inner = (innerInstructions ?? []).flatMap((each) => each.instructions as readonly ShownInstruction[]);
  return [...message.instructions, ...inner].flatMap((each) => {
    const deposit = depositOf(at, keys, each);
    return deposit === null ? [] : [{ signature, slot: found.slot, ...deposit }];
  });
}

function depositOf(
  at: PoolAddresses,
  keys: readonly Address[],
  { programIdIndex, accounts, data }: ShownInstruction,
): Pick<EscrowDeposit, "market" | "owner" | "amount"> | null {
  if (keys[programIdIndex] !== at.program) return null;
  const bytes = fromBase58(data);
  const [owner, , vault, pool, market] = accounts.map((index) => keys[index]);
  if (bytes[0] !== instructionNumbers.deposit || bytes.length !== 9) return null;
  if (pool !== at.pool || vault !== at.vault || market === undefined || owner === undefined) return null;
  return { market, owner, amount: amount(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(1, true)) };
}
