import type { WireMessage } from "./wire-transaction.ts";

const lamportsPerSignature = 5_000n;
const computeBudgetProgram = "ComputeBudget111111111111111111111111111111";
/** Precompiles whose first data byte says how many signatures they check; each is paid like the transaction's own. */
const signaturePrograms = new Set([
  "Ed25519SigVerify111111111111111111111111111",
  "KeccakSecp256k11111111111111111111111111111",
  "Secp256r1SigVerify1111111111111111111111111",
]);
const builtinPrograms = new Set([
  computeBudgetProgram,
  "11111111111111111111111111111111",
  "Vote111111111111111111111111111111111111111",
  "BPFLoader1111111111111111111111111111111111",
  "BPFLoader2111111111111111111111111111111111",
  "BPFLoaderUpgradeab1e11111111111111111111111",
  "LoaderV411111111111111111111111111111111111",
  ...signaturePrograms,
]);
const unitsPerBuiltin = 3_000;
const unitsPerInstruction = 200_000;
const unitsMax = 1_400_000;

/** Lamports a message pays: its signatures, those it has precompiles check, and its priority. */
export function feeOf(message: WireMessage): bigint {
  let signatures = BigInt(message.signers);
  for (const instruction of message.instructions) {
    if (signaturePrograms.has(message.addresses[instruction.program] as string)) {
      signatures += BigInt(instruction.data[0] ?? 0);
    }
  }
  return signatures * lamportsPerSignature + priorityFee(message);
}

/** Micro-lamports a compute unit. */
export function unitPriceOf(message: WireMessage): bigint {
  if (message.budget === null) return budgetOf(message).price;
  const { priorityFee: fee, computeUnits } = message.budget;
  return computeUnits === null || computeUnits === 0 ? 0n : (fee * 1_000_000n) / BigInt(computeUnits);
}

function priorityFee(message: WireMessage): bigint {
  if (message.budget !== null) return message.budget.priorityFee;
  const { price, units } = budgetOf(message);
  return (price * BigInt(units) + 999_999n) / 1_000_000n;
}

/** As the instructions of an older message say it. */
function budgetOf(message: WireMessage): { readonly price: bigint; readonly units: number } {
  let price = 0n;
  let limit: number | null = null;
  let byDefault = 0;
  for (const instruction of message.instructions) {
    const program = message.addresses[instruction.program] as string;
    byDefault += builtinPrograms.has(program) ? unitsPerBuiltin : unitsPerInstruction;
    if (program !== computeBudgetProgram) continue;
    const view = new DataView(instruction.data.buffer, instruction.data.byteOffset, instruction.data.byteLength);
    if (view.byteLength === 5 && view.getUint8(0) === 2) limit = view.getUint32(1, true);
    if (view.byteLength === 9 && view.getUint8(0) === 3) price = view.getBigUint64(1, true);
  }
  return { price, units: Math.min(limit ?? byDefault, unitsMax) };
}
