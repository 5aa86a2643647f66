import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Account, Clock, FailedTransactionMetadata, LiteSvm } from "litesvm/dist/internal.js";
import { fromBase58 } from "#src/core/bytes";
import { decode, encode } from "#src/core/codec";
import type { StoredAccount } from "#src/rails/localnet/accounts";
import { faucetAccount, openGenesis } from "#src/rails/localnet/genesis";
import { genesisProgram } from "#src/rails/localnet/genesis-program";
import { Journal } from "#src/rails/localnet/journal";
import { recordCodec, type TransactionRecord } from "#src/rails/localnet/record";
import { listSegments, scanSegment } from "#src/rails/localnet/segment";

export interface Bare {
  readonly transactions: number;
  /** Executing all transactions of the chain, one after the other, signatures checked. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Of a transaction, on average. */
  readonly executeMicros: number;
  /** Getting logs and inner instructions out of the runtime. */
  readonly resultMicros: number;
  readonly persistMicros: number;
  readonly recordBytes: number;
}

/** Runs what a localnet's folder holds again, in the bare runtime, and writes its records again. */
export async function runBare(folder: string): Promise<Bare> {
  const records = recordsOf(folder);
  const genesis = await openGenesis(folder, 0);
  const accounts = [...genesisProgram(), [genesis.faucet.address, faucetAccount] as const];
  const { seconds, resultSeconds, cpuSeconds } = execute(records, accounts);
  const persisted = await persist(records);
  const micros = (value: number): number => (value * 1e6) / records.length;
  return {
    transactions: records.length,
    seconds,
    cpuSeconds,
    executeMicros: micros(seconds),
    resultMicros: micros(resultSeconds),
    persistMicros: micros(persisted.seconds),
    recordBytes: persisted.bytes / records.length,
  };
}

function recordsOf(folder: string): TransactionRecord[] {
  const records: TransactionRecord[] = [];
  for (const segment of listSegments(folder)) {
    scanSegment(folder, segment, (payload) => records.push(decode(recordCodec, payload, "a record")));
  }
  return records;
}

function execute(
  records: readonly TransactionRecord[],
  accounts: readonly (readonly [string, StoredAccount])[],
): { seconds: number; cpuSeconds: number; resultSeconds: number } {
  const svm = new LiteSvm();
  svm.setBlockhashCheck(false);
  svm.setTransactionHistory(0n);
  svm.withNativeMints();
  // A program can be loaded only when the account that holds its code is there.
  for (const [address, { lamports, data, owner, executable }] of accounts) {
    svm.setAccount(fromBase58(address), new Account(lamports, data, fromBase58(owner), executable, (1n << 64n) - 1n));
  }
  const [cpu, begun] = [process.cpuUsage(), performance.now()];
  const results = records.map(({ slot, slotStartMs, wire }) => {
    svm.setClock(new Clock(BigInt(slot), 0n, 0n, 1n, BigInt(Math.floor(slotStartMs / 1000))));
    return svm.sendVersionedTransaction(wire);
  });
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const readBegun = performance.now();
  for (const result of results) {
    if (result instanceof FailedTransactionMetadata) throw new Error(result.toString());
    readResult(result);
  }
  return {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    resultSeconds: (performance.now() - readBegun) / 1000,
  };
}

function readResult(meta: Exclude<ReturnType<LiteSvm["sendVersionedTransaction"]>, FailedTransactionMetadata>): void {
  meta.logs();
  for (const list of meta.innerInstructions()) {
    for (const inner of list) {
      const instruction = inner.instruction();
      instruction.accounts();
      instruction.data();
    }
  }
}

const together = 16;

/** As the localnet does: those that come together share a sync. */
async function persist(records: readonly TransactionRecord[]): Promise<{ seconds: number; bytes: number }> {
  const folder = mkdtempSync(join(tmpdir(), "earnest-journal-"));
  const journal = new Journal(folder, 32 << 20, { number: 1, size: 8 });
  let bytes = 0;
  const begun = performance.now();
  for (let at = 0; at < records.length; at += together) {
    for (const record of records.slice(at, at + together)) bytes += journal.append(encode(recordCodec, record)).length;
    await journal.durable();
  }
  const seconds = (performance.now() - begun) / 1000;
  await journal.close();
  rmSync(folder, { recursive: true });
  return { seconds, bytes };
}
