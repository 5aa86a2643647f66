/** Eight pieces of 16 bits. */
export type Ipv6 = readonly number[];

/** The one notation that resolvers give: four decimal numbers without leading zeros. */
export function readIpv4(text: string): number | null {
  if (!/^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(text)) return null;
  const parts = text.split(".").map(Number);
  if (parts.some((part) => part > 255)) return null;
  return parts.reduce((address, part) => address * 256 + part, 0);
}

/** Any notation of RFC 4291, also with an IPv4 address at its end; none with a zone. */
export function readIpv6(text: string): Ipv6 | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const lists = halves.map((half, i) => readPieces(half, i === halves.length - 1));
  const [head, tail] = lists;
  if (head === undefined || head === null || tail === null) return null;
  if (tail === undefined) return head.length === 8 ? head : null;
  const missing = 8 - head.length - tail.length;
  return missing < 1 ? null : [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

function readPieces(half: string, isLast: boolean): number[] | null {
  if (half === "") return [];
  const pieces: number[] = [];
  const texts = half.split(":");
  for (const [i, text] of texts.entries()) {
    const ipv4 = isLast && i === texts.length - 1 ? readIpv4(text) : null;
    if (ipv4 !== null) pieces.push(Math.floor(ipv4 / 65_536), ipv4 % 65_536);
    else if (/^[0-9a-fA-F]{1,4}$/.test(text)) pieces.push(Number.parseInt(text, 16));
    else return null;
  }
  return pieces.length > 8 ? null : pieces;
}

/** Address and length of its prefix. */
type Range = readonly [string, number];

/** What nobody on the public internet has: the special-purpose registry of IANA, and addresses that clouds keep to themselves. */
const closedIpv4: readonly Range[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

/** The only part of IPv6 that is in use for the public: whatever is mapped, translated or local lies outside of it. */
const openIpv6: Range = ["2000::", 3];
/** Teredo and other protocols' own, documentation, 6to4, and sinks. */
const closedIpv6: readonly Range[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
];

const bitsOf = (pieces: readonly number[], width: number): bigint =>
  pieces.reduce((bits, piece) => (bits << BigInt(width)) | BigInt(piece), 0n);

interface Block {
  readonly bits: bigint;
  readonly shift: bigint;
}

const block4 = ([text, length]: Range): Block => {
  const shift = BigInt(32 - length);
  return { bits: BigInt(readIpv4(text) as number) >> shift, shift };
};
const block6 = ([text, length]: Range): Block => {
  const shift = BigInt(128 - length);
  return { bits: bitsOf(readIpv6(text) as Ipv6, 16) >> shift, shift };
};
const blocks4 = closedIpv4.map(block4);
const blocks6 = closedIpv6.map(block6);
const open6 = block6(openIpv6);

const isIn = (address: bigint, { bits, shift }: Block): boolean => address >> shift === bits;

export const isPublicIpv4 = (address: number): boolean => !blocks4.some((block) => isIn(BigInt(address), block));

export function isPublicIpv6(address: Ipv6): boolean {
  const bits = bitsOf(address, 16);
  return isIn(bits, open6) && !blocks6.some((block) => isIn(bits, block));
}

/** Whether a resolver's answer is an address of the public internet; whatever is no address is none. */
export function isPublicAddress(text: string): boolean {
  const ipv4 = readIpv4(text);
  if (ipv4 !== null) return isPublicIpv4(ipv4);
  const ipv6 = readIpv6(text);
  return ipv6 !== null && isPublicIpv6(ipv6);
}

/** Whose line it is: one IPv4 address, or the /56 that a household is given of IPv6. */
export function householdOfAddress(text: string): string {
  const bare = text.replace(/^::ffff:(?=[\d.]+$)/i, "");
  const pieces = readIpv4(bare) === null ? readIpv6(bare) : null;
  if (pieces === null) return bare;
  const [a, b, c, d] = pieces as [number, number, number, number];
  return `${[a, b, c, d & 0xff00].map((piece) => piece.toString(16)).join(":")}::/56`;
}

/**
 * The network that an address belongs to, for telling whether two of them are one household's: a /24, or a /48 of IPv6.
 * A mapped IPv4 address is that of its network.
 */
export function networkOfAddress(text: string): string {
  const ipv4 = readIpv4(text.replace(/^::ffff:/i, ""));
  if (ipv4 !== null) return `${[ipv4 >>> 24, (ipv4 >>> 16) & 255, (ipv4 >>> 8) & 255].join(".")}.0/24`;
  const [a, b, c] = readIpv6(text) ?? [];
  if (a === undefined || b === undefined || c === undefined) return text;
  return `${[a, b, c].map((piece) => piece.toString(16)).join(":")}::/48`;
}
