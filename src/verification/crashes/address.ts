/** Where programs write to, to stop themselves: WebKit's and Chrome's assertions (ClusterFuzz's list). */
const assertAddresses: ReadonlySet<string> = new Set(["bbadbeef", "fbadbeef", "1f75b7dd", "977537dd", "9f7537dd"]);

export const isAssertAddress = (address: string): boolean => assertAddresses.has(significantDigits(address));

/** Below the size of a page: a null pointer, and a field of what it should have pointed to. */
export const isNullAddress = (address: string): boolean => significantDigits(address).length <= 3;

/** In lower case, without `0x` and leading zeros. What is no number in base 16 has none. */
function significantDigits(address: string): string {
  const lower = address.trim().toLowerCase();
  const digits = lower.startsWith("0x") ? lower.slice(2) : lower;
  let from = 0;
  while (digits[from] === "0") from++;
  const significant = digits.slice(from);
  for (const each of significant) if (!"0123456789abcdef".includes(each)) return "";
  return significant;
}

/** Some platforms write 16 digits where the address has 12. */
export const shortAddress = (address: string): string =>
  address.length === 18 && address.startsWith("0x0000") ? `0x${address.slice("0x0000".length)}` : address;
