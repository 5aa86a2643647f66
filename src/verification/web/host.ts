import { type Ipv6, readIpv6 } from "./address.ts";

/** A host as a URL names it. */
export type Host =
  | { readonly type: "name"; readonly name: string }
  | { readonly type: "ipv4"; readonly address: number }
  | { readonly type: "ipv6"; readonly address: Ipv6 };

const forbidden = /[\p{Cc} #%/:<>?@[\\\]^|]/u;

/**
 * Reads a host as browsers do (WHATWG URL), in ASCII: `0x7f.1`, `127.1` and `017700000001` are all 127.0.0.1. Null for
 * what is none. Names in other letters have to come in their ASCII form.
 */
export function readHost(text: string): Host | null {
  if (text.startsWith("[")) {
    const address = text.endsWith("]") ? readIpv6(text.slice(1, -1)) : null;
    return address === null ? null : { type: "ipv6", address };
  }
  const name = percentDecoded(text)?.toLowerCase();
  if (name === undefined || name === "" || forbidden.test(name) || !/^[\u0020-\u007e]*$/.test(name)) return null;
  if (!endsInNumber(name)) return { type: "name", name };
  const address = readLooseIpv4(name);
  return address === null ? null : { type: "ipv4", address };
}

/** Undefined where an escape is not ASCII. */
function percentDecoded(text: string): string | undefined {
  let isAscii = true;
  const decoded = text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => {
    const code = Number.parseInt(hex, 16);
    isAscii &&= code < 0x80;
    return String.fromCharCode(code);
  });
  return isAscii ? decoded : undefined;
}

function lastLabel(name: string): string {
  const labels = name.split(".");
  if (labels.length > 1 && labels.at(-1) === "") labels.pop();
  return labels.at(-1) as string;
}

const endsInNumber = (name: string): boolean => /^\d+$|^0x[0-9a-f]*$/.test(lastLabel(name));

/** One to four numbers, decimal, octal or hexadecimal; the last one fills the rest. */
function readLooseIpv4(name: string): number | null {
  const parts = name.split(".");
  if (parts.at(-1) === "") parts.pop();
  if (parts.length > 4) return null;
  const numbers = parts.map(readNumber);
  const rest = 256 ** (5 - numbers.length);
  let address = 0;
  for (const [i, number] of numbers.entries()) {
    const isLast = i === numbers.length - 1;
    if (number === null || number >= (isLast ? rest : 256)) return null;
    address += isLast ? number : number * 256 ** (3 - i);
  }
  return address;
}

function readNumber(text: string): number | null {
  if (text === "") return null;
  const [digits, base] = text.startsWith("0x")
    ? [text.slice(2), 16]
    : text.length > 1 && text.startsWith("0")
      ? [text.slice(1), 8]
      : [text, 10];
  if (digits === "") return 0;
  const allowed = base === 16 ? /^[0-9a-f]+$/ : base === 8 ? /^[0-7]+$/ : /^\d+$/;
  // More than any address has is one and the same: too much.
  return allowed.test(digits) ? Math.min(Number.parseInt(digits, base), 2 ** 40) : null;
}

/** Names that mean this machine, its network or nothing, whatever a resolver says of them. */
const specialNames = [
  "localhost",
  "local",
  "localdomain",
  "internal",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
  "arpa",
  "onion",
  "alt",
  "invalid",
  "test",
  "example",
];

/** Whether a name is one that the public web has: of two labels or more, below none that is special. */
export function isPublicName(name: string): boolean {
  const labels = (name.endsWith(".") ? name.slice(0, -1) : name).split(".");
  if (labels.length < 2 || name.length > 253) return false;
  if (labels.some((label) => label === "" || label.length > 63)) return false;
  return !specialNames.includes(labels.at(-1) as string);
}
