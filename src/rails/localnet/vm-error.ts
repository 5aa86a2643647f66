import type { WireJson } from "./wire-json.ts";

/** Names as Agave writes them in JSON, in the order of the runtime binding's enumerations. */
const transactionErrors = [
  "AccountInUse",
  "AccountLoadedTwice",
  "AccountNotFound",
  "ProgramAccountNotFound",
  "InsufficientFundsForFee",
  "InvalidAccountForFee",
  "AlreadyProcessed",
  "BlockhashNotFound",
  "CallChainTooDeep",
  "MissingSignatureForFee",
  "InvalidAccountIndex",
  "SignatureFailure",
  "InvalidProgramForExecution",
  "SanitizeFailure",
  "ClusterMaintenance",
  "AccountBorrowOutstanding",
  "WouldExceedMaxBlockCostLimit",
  "UnsupportedVersion",
  "InvalidWritableAccount",
  "WouldExceedMaxAccountCostLimit",
  "WouldExceedAccountDataBlockLimit",
  "TooManyAccountLocks",
  "AddressLookupTableNotFound",
  "InvalidAddressLookupTableOwner",
  "InvalidAddressLookupTableData",
  "InvalidAddressLookupTableIndex",
  "InvalidRentPayingAccount",
  "WouldExceedMaxVoteCostLimit",
  "WouldExceedAccountDataTotalLimit",
  "MaxLoadedAccountsDataSizeExceeded",
  "ResanitizationNeeded",
  "InvalidLoadedAccountsDataSizeLimit",
  "UnbalancedTransaction",
  "ProgramCacheHitMaxLimit",
  "CommitCancelled",
] as const;

const instructionErrors = [
  "GenericError",
  "InvalidArgument",
  "InvalidInstructionData",
  "InvalidAccountData",
  "AccountDataTooSmall",
  "InsufficientFunds",
  "IncorrectProgramId",
  "MissingRequiredSignature",
  "AccountAlreadyInitialized",
  "UninitializedAccount",
  "UnbalancedInstruction",
  "ModifiedProgramId",
  "ExternalAccountLamportSpend",
  "ExternalAccountDataModified",
  "ReadonlyLamportChange",
  "ReadonlyDataModified",
  "DuplicateAccountIndex",
  "ExecutableModified",
  "RentEpochModified",
  "NotEnoughAccountKeys",
  "AccountDataSizeChanged",
  "AccountNotExecutable",
  "AccountBorrowFailed",
  "AccountBorrowOutstanding",
  "DuplicateAccountOutOfSync",
  "InvalidError",
  "ExecutableDataModified",
  "ExecutableLamportChange",
  "ExecutableAccountNotRentExempt",
  "UnsupportedProgramId",
  "CallDepth",
  "MissingAccount",
  "ReentrancyNotAllowed",
  "MaxSeedLengthExceeded",
  "InvalidSeeds",
  "InvalidRealloc",
  "ComputationalBudgetExceeded",
  "PrivilegeEscalation",
  "ProgramEnvironmentSetupFailure",
  "ProgramFailedToComplete",
  "ProgramFailedToCompile",
  "Immutable",
  "IncorrectAuthority",
  "AccountNotRentExempt",
  "InvalidAccountOwner",
  "ArithmeticOverflow",
  "UnsupportedSysvar",
  "IllegalOwner",
  "MaxAccountsDataAllocationsExceeded",
  "MaxAccountsExceeded",
  "MaxInstructionTraceLengthExceeded",
  "BuiltinProgramsMustConsumeComputeUnits",
  "BorshIoError",
] as const;

/** What the binding returns: a number for a plain variant, an object for one that carries something. */
type BoundError = number | { readonly constructor: { readonly name: string } };

const name = (names: readonly string[], at: number): string => names[at] ?? `Unknown${at}`;

/** The runtime's error in the JSON form clients know: "BlockhashNotFound", {"InstructionError":[0,{"Custom":1}]}. */
export function transactionErrorJson(error: BoundError): WireJson {
  if (typeof error === "number") return name(transactionErrors, error);
  const kind = error.constructor.name.replace(/^TransactionError/, "");
  if (kind === "InstructionError") {
    const instruction = error as unknown as { readonly index: number; err(): BoundError };
    return { InstructionError: [instruction.index, instructionErrorJson(instruction.err())] };
  }
  if (kind === "DuplicateInstruction") return { [kind]: (error as unknown as { readonly index: number }).index };
  return { [kind]: { account_index: (error as unknown as { readonly accountIndex: number }).accountIndex } };
}

function instructionErrorJson(error: BoundError): WireJson {
  if (typeof error === "number") return name(instructionErrors, error);
  const custom = error as unknown as { readonly code?: number };
  return custom.code === undefined ? "BorshIoError" : { Custom: custom.code };
}

/**
 * Whether the transaction reached execution: then its fee is charged and it stands in the history, failed. Any other
 * error means that no block would have held it.
 */
export const wasExecuted = (error: WireJson): boolean =>
  typeof error === "object" &&
  error !== null &&
  ["InstructionError", "InsufficientFundsForRent", "ProgramExecutionTemporarilyRestricted"].some((kind) =>
    Object.hasOwn(error, kind),
  );
