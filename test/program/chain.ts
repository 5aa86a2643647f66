import { readFileSync } from "node:fs";
import {
  AccountRole,
  type Address,
  appendTransactionMessageInstructions,
  type Blockhash,
  compileTransaction,
  createTransactionMessage,
  getTransactionEncoder,
  type Instruction,
  pipe,
  setTransactionMessageConfig,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from "@solana/kit";
import { Account, Clock, FailedTransactionMetadata, FeatureSet, LiteSvm, Rent } from "litesvm/dist/internal.js";
import { fromBase58, toBase58 } from "#src/core/bytes";
import { transactionErrorJson } from "#src/rails/localnet/vm-error";
import { derivedAddress } from "#src/rails/solana/program/derived-addresses";
import { programErrorName } from "#src/rails/solana/program/program-errors";
import { testAddress } from "./values.ts";

const loader = "BPFLoaderUpgradeab1e11111111111111111111111" as Address;
const systemProgram = "11111111111111111111111111111111" as Address;
const sol = 1_000_000_000n;

export interface ChainAccount {
  readonly lamports: bigint;
  readonly owner: Address;
  readonly data: Uint8Array;
}

export interface Outcome {
  /** "ok", one of the program's errors, or what the runtime or another program said. */
  readonly said: string;
  readonly computeUnits: number;
  readonly bytes: number;
  readonly returned: Uint8Array;
  readonly logs: readonly string[];
}

/** What chains are made with where a test does not say; all-features.test.ts runs the others' tests with all of them. */
export const testFeatures = { hasAll: false };

export interface SendOptions {
  readonly payer?: Address;
  /** 1 has room for 4,096 bytes. */
  readonly version?: 0 | 1;
}

/**
 * The Agave runtime with the escrow program, deployed by the upgradeable loader as on a cluster. Wallets' signatures are
 * not made, to be quick: an account signs where the message says so. Those of attestors are real, as the precompile
 * checks them.
 */
export class Chain {
  readonly svm: LiteSvm;
  readonly program: Address = testAddress("program");
  readonly payer: Address = testAddress("fee payer");
  #slot = 10n;
  #now = 1_800_000_000n;

  constructor(hasAllFeatures = testFeatures.hasAll) {
    this.svm = hasAllFeatures ? withAllFeatures() : new LiteSvm();
    this.svm.setSigverify(false);
    this.svm.setBlockhashCheck(false);
    this.svm.setTransactionHistory(0n);
    this.fund(this.payer);
    this.#setClock();
    this.#deploy(readFileSync(new URL("../../program/earnest.so", import.meta.url)));
  }

  get now(): bigint {
    return this.#now;
  }

  /** Also a slot further. */
  pass(seconds: bigint): void {
    this.#now += seconds;
    this.#slot += 1n;
    this.#setClock();
  }

  #setClock(): void {
    this.svm.setClock(new Clock(this.#slot, 0n, 0n, 1n, this.#now));
  }

  fund(address: Address, lamports = 1_000n * sol): void {
    this.set(address, { lamports, owner: systemProgram, data: new Uint8Array(0) });
  }

  get(address: Address): ChainAccount | undefined {
    const account = this.svm.getAccount(fromBase58(address));
    if (account === null || account.lamports() === 0n) return undefined;
    return { lamports: account.lamports(), owner: toBase58(account.owner()) as Address, data: account.data() };
  }

  data(address: Address): Uint8Array {
    const account = this.get(address);
    if (account === undefined) throw new Error(`there is no account ${address}`);
    return account.data;
  }

  set(address: Address, { lamports, owner, data }: ChainAccount): void {
    this.svm.setAccount(fromBase58(address), new Account(lamports, data, fromBase58(owner), false, (1n << 64n) - 1n));
  }

  /** Writes an account that is rent-exempt. */
  put(address: Address, owner: Address, data: Uint8Array): void {
    this.set(address, { lamports: this.svm.minimumBalanceForRentExemption(BigInt(data.length)), owner, data });
  }

  setRent(lamportsPerByte: bigint, threshold: number): void {
    this.svm.setRent(new Rent(lamportsPerByte, threshold, 50));
  }

  send(instructions: readonly Instruction[], { payer = this.payer, version = 0 }: SendOptions = {}): Outcome {
    const wire = encoded(instructions, payer, version);
    const result = this.svm.sendVersionedTransaction(wire);
    const hasFailed = result instanceof FailedTransactionMetadata;
    const meta = hasFailed ? result.meta() : result;
    return {
      said: hasFailed ? errorText(transactionErrorJson(result.err())) : "ok",
      computeUnits: Number(meta.computeUnitsConsumed()),
      bytes: wire.length,
      returned: meta.returnData().data(),
      logs: meta.logs(),
    };
  }

  /** Buffer and program account are written at once; what makes a program of them is the loader's own instruction. */
  #deploy(elf: Uint8Array): void {
    const buffer = testAddress("buffer");
    this.put(this.program, loader, new Uint8Array(36));
    const header = Buffer.concat([Buffer.from([1, 0, 0, 0, 1]), fromBase58(this.payer)]);
    this.put(buffer, loader, Buffer.concat([header, elf]));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(elf.length));
    const account = (address: string, role: AccountRole) => ({ address: address as Address, role });
    const deploy: Instruction = {
      programAddress: loader,
      accounts: [
        account(this.payer, AccountRole.WRITABLE_SIGNER),
        account(derivedAddress(loader, [fromBase58(this.program)]), AccountRole.WRITABLE),
        account(this.program, AccountRole.WRITABLE),
        account(buffer, AccountRole.WRITABLE),
        account("SysvarRent111111111111111111111111111111111", AccountRole.READONLY),
        account("SysvarC1ock11111111111111111111111111111111", AccountRole.READONLY),
        account(systemProgram, AccountRole.READONLY),
        account(this.payer, AccountRole.READONLY_SIGNER),
      ],
      data: Buffer.concat([Buffer.from([2, 0, 0, 0]), size]),
    };
    const outcome = this.send([deploy]);
    if (outcome.said !== "ok") throw new Error(`not deployed: ${outcome.said}\n${outcome.logs.join("\n")}`);
    // A program can be called in the slot after the one that deployed it.
    this.pass(1n);
  }
}

function withAllFeatures(): LiteSvm {
  const svm = LiteSvm.default();
  svm.setFeatureSet(FeatureSet.allEnabled());
  svm.setBuiltins();
  svm.setLamports(1_000_000n * sol);
  svm.setSysvars();
  svm.setPrecompiles();
  svm.setDefaultPrograms();
  return svm;
}

const lifetime = { blockhash: systemProgram as string as Blockhash, lastValidBlockHeight: 1_000n };

function encoded(instructions: readonly Instruction[], payer: Address, version: 0 | 1): Uint8Array {
  if (version === 1) {
    const budget = { computeUnitLimit: 1_000_000, loadedAccountsDataSizeLimit: 1_000_000 };
    const message = pipe(
      createTransactionMessage({ version: 1 }),
      (m) => setTransactionMessageFeePayer(payer, m),
      (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
      (m) => setTransactionMessageConfig(budget, m),
      (m) => appendTransactionMessageInstructions(instructions, m),
    );
    return new Uint8Array(getTransactionEncoder().encode(compileTransaction(message)));
  }
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayer(payer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
  );
  return new Uint8Array(getTransactionEncoder().encode(compileTransaction(message)));
}

function errorText(error: unknown): string {
  const inner = (error as { InstructionError?: [number, unknown] }).InstructionError?.[1];
  const custom = (inner as { Custom?: number } | undefined)?.Custom;
  return custom === undefined ? JSON.stringify(error) : (programErrorName(custom) ?? `Custom ${custom}`);
}
