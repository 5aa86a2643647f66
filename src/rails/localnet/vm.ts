// The binding itself: the package's main module encodes every transaction anew and costs ten times as much a call.
import { Account, Clock, FailedTransactionMetadata, LiteSvm, type TransactionMetadata } from "litesvm/dist/internal.js";
import type { StoredAccount } from "./accounts.ts";
import { addressBytes, addressText } from "./address-text.ts";
import type { Moment } from "./slots.ts";
import { transactionErrorJson } from "./vm-error.ts";
import type { WireJson } from "./wire-json.ts";
import type { WireTransaction } from "./wire-transaction.ts";

export const slotsPerEpoch = 432_000;

export interface InnerInstruction {
  readonly program: number;
  readonly accounts: Uint8Array;
  readonly data: Uint8Array;
  readonly stackHeight: number;
}

export interface Execution {
  readonly error: WireJson;
  readonly logs: readonly string[];
  readonly computeUnits: bigint;
  /** One list for each instruction of the message. */
  readonly inner: readonly (readonly InnerInstruction[])[];
  readonly returnData: { readonly program: string; readonly data: Uint8Array } | null;
}

export interface Simulation extends Execution {
  readonly accounts: ReadonlyMap<string, StoredAccount>;
}

/** The Agave runtime in this process. It knows accounts and time; blocks, history and duplicates are not its concern. */
export class Vm {
  readonly #svm: LiteSvm;

  constructor() {
    this.#svm = new LiteSvm();
    // Whatever it remembers would be lost with the process; blockhashes and duplicates are checked before it.
    this.#svm.setBlockhashCheck(false);
    this.#svm.setTransactionHistory(0n);
    this.#svm.withNativeMints();
  }

  get(address: string): StoredAccount | null {
    const account = this.#svm.getAccount(addressBytes(address));
    return account === null ? null : stored(account);
  }

  lamports(address: string): bigint {
    return this.#svm.getBalance(addressBytes(address)) ?? 0n;
  }

  set(address: string, account: StoredAccount | null): void {
    const { lamports, data, owner, executable } = account ?? gone;
    this.#svm.setAccount(
      addressBytes(address),
      new Account(lamports, data, addressBytes(owner), executable, rentEpoch),
    );
  }

  setTime(moment: Moment, slotHashes: { slot: bigint; hash: string }[]): void {
    const slot = BigInt(moment.slot);
    const epoch = slot / BigInt(slotsPerEpoch);
    const seconds = BigInt(Math.floor(moment.slotStartMs / 1000));
    const epochStart = seconds - ((slot % BigInt(slotsPerEpoch)) * 2n) / 5n;
    this.#svm.setClock(new Clock(slot, epochStart, epoch, epoch + 1n, seconds));
    this.#svm.setSlotHashes(slotHashes);
  }

  rentExemption(size: bigint): bigint {
    return this.#svm.minimumBalanceForRentExemption(size);
  }

  execute(transaction: WireTransaction): Execution {
    return execution(this.#svm.sendVersionedTransaction(transaction.wire));
  }

  simulate(transaction: WireTransaction, verifySignatures: boolean): Simulation {
    this.#svm.setSigverify(verifySignatures);
    try {
      const result = this.#svm.simulateVersionedTransaction(transaction.wire);
      if (result instanceof FailedTransactionMetadata) return { ...execution(result), accounts: new Map() };
      const accounts = result.postAccounts().map((each) => {
        return [addressText(each.address), stored(each.account())] as const;
      });
      return { ...execution(result.meta()), accounts: new Map(accounts) };
    } finally {
      this.#svm.setSigverify(true);
    }
  }
}

const rentEpoch = (1n << 64n) - 1n;
const gone: StoredAccount = {
  lamports: 0n,
  owner: "11111111111111111111111111111111",
  executable: false,
  data: new Uint8Array(0),
};

const stored = (account: Account): StoredAccount => ({
  lamports: account.lamports(),
  owner: addressText(account.owner()),
  executable: account.executable(),
  data: account.data(),
});

function execution(result: TransactionMetadata | FailedTransactionMetadata): Execution {
  const failed = result instanceof FailedTransactionMetadata;
  const meta = failed ? result.meta() : result;
  const returned = meta.returnData();
  const data = returned.data();
  return {
    error: failed ? transactionErrorJson(result.err()) : null,
    logs: meta.logs(),
    computeUnits: meta.computeUnitsConsumed(),
    inner: meta.innerInstructions().map((list) =>
      list.map((each) => {
        const instruction = each.instruction();
        return {
          program: instruction.programIdIndex(),
          accounts: instruction.accounts(),
          data: instruction.data(),
          stackHeight: each.stackHeight(),
        };
      }),
    ),
    returnData: data.length === 0 ? null : { program: addressText(returned.programId()), data },
  };
}
