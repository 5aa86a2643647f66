import { isAssertAddress, isNullAddress } from "./address.ts";

/** Types that are faults but open nothing to an attacker. Source: ClusterFuzz (Apache-2.0), crash_analyzer.py. */
const harmless: ReadonlySet<string> = new Set([
  "ASSERT_NOT_REACHED",
  "CHECK failure",
  "Divide-by-zero",
  "Fatal error",
  "Fatal-signal",
  "Float-cast-overflow",
  "Floating-point-exception",
  "Index out of range",
  "Integer divide by zero",
  "Integer-overflow",
  "Invalid-bool-value",
  "Invalid-builtin-use",
  "Invalid-enum-value",
  "Invalid-null-argument",
  "Invalid-null-return",
  "Makeslice: len out of range",
  "Misaligned-address",
  "Missing-library",
  "No-return-value",
  "Out-of-memory",
  "Overwrites-const-input",
  "Pointer-overflow",
  "Potential-null-reference",
  "RUNTIME_ASSERT",
  "Security CHECK failure",
  "Slice bounds out of range",
  "Stack overflow",
  "Stack-overflow",
  "Timeout",
  "Undefined-shift",
  "Unexpected-exit",
  "Unreachable code",
  "Unsigned-integer-overflow",
  "V8 correctness failure",
  "Implicit-conversion",
  "Assumption-violation",
  "V8 API error",
]);

const harmlessParts = ["-leak", "Data race", "Lock-order-inversion"];

const dangerous: ReadonlySet<string> = new Set([
  "Arbitrary file open",
  "Bad-cast",
  "Command injection",
  "DCHECK failure",
  "Incorrect-function-pointer-type",
  "Index-out-of-bounds",
  "Non-positive-vla-bound-value",
  "Object-size",
  "Security DCHECK failure",
  "Wycheproof error",
]);

/** An access somewhere: what is told of it is the address. */
const accesses: ReadonlySet<string> = new Set([
  "Null-dereference",
  "Null-dereference READ",
  "Null-dereference WRITE",
  "READ",
  "UNKNOWN",
  "UNKNOWN READ",
  "UNKNOWN WRITE",
  "WRITE",
]);

/** The program jumped to nowhere, or its own code says how severe the fault is. */
const dangerousTexts = [
  "FuzzerSecurityIssueCritical",
  "FuzzerSecurityIssueHigh",
  "FuzzerSecurityIssueMedium",
  "FuzzerSecurityIssueLow",
  "pc (nil) ",
  "pc 0x00000000 ",
  "pc 0x000000000000 ",
];

/** Signals by which a program stops itself. */
const harmlessSignals = [
  "Sanitizer: ABRT",
  "Sanitizer: BUS",
  "Sanitizer: FPE",
  "Sanitizer: ILL",
  "Sanitizer: breakpoint",
];

const jniFaults = ["deleted", "invalid", "unexpected", "unknown", "wrong"];

/** Whether somebody could use the fault against the program's user. What is not known counts as if. */
export function isSecurityFault(text: string, type: string, address: string): boolean {
  if (dangerousTexts.some((each) => text.includes(each)) || isJniFault(text)) return true;
  if (harmless.has(type) || type.endsWith("Exception") || type.startsWith("Uncaught ")) return false;
  if (harmlessParts.some((each) => type.includes(each))) return false;
  if (dangerous.has(type) || type.startsWith("Kernel failure")) return true;
  if (type === "ASSERT" || text.includes("ASSERTION FAILED")) return true;
  if (isSignalOfProgram(text)) return false;
  return !accesses.has(type) || !(isNullAddress(address) || isAssertAddress(address));
}

function isJniFault(text: string): boolean {
  const at = text.indexOf("JNI DETECTED ERROR");
  if (at === -1) return false;
  const end = text.indexOf("\n", at);
  const line = text.slice(at, end === -1 ? undefined : end);
  return jniFaults.some((each) => line.includes(each));
}

/** The innermost frame raises a signal, or a sanitizer says that one was raised. */
function isSignalOfProgram(text: string): boolean {
  return harmlessSignals.some((each) => text.includes(each)) || text.split("\n").some(isRaisingFrame);
}

const isRaisingFrame = (line: string): boolean => {
  const frame = line.trimStart();
  return frame !== line && frame.startsWith("#0 ") && frame.includes(" in gsignal ");
};
