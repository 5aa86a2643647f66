/**
 * JSON as Solana's RPC speaks it: integers of 64 bits, written and read without rounding. JavaScript's own JSON knows
 * doubles only (and Node 20 has no JSON.rawJSON).
 */
export type WireJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly WireJson[]
  | { readonly [key: string]: WireJson | undefined };

export function writeJson(value: WireJson): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // It is quicker by far, and refuses bigint.
    if (error instanceof TypeError) return writeWithBigInts(value);
    throw error;
  }
}

function writeWithBigInts(value: WireJson): string {
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(writeWithBigInts).join(",")}]`;
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${writeWithBigInts(member)}`);
  }
  return `{${members.join(",")}}`;
}

const longInteger = /\d{16}/;
const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[[\]{},:]|true|false|null/g;

/**
 * Integers beyond 2^53 become bigint; everything else is what JSON.parse makes of it.
 * @throws SyntaxError
 */
export function readJson(text: string): WireJson {
  const plain = JSON.parse(text) as WireJson;
  return longInteger.test(text) ? new TokenReader(text).value() : plain;
}

/** Reads text that JSON.parse has accepted already, so it checks nothing. */
class TokenReader {
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = text.match(tokens) ?? [];
  }

  value(): WireJson {
    const token = this.#tokens[this.#next++] as string;
    if (token === "[") return this.#array();
    if (token === "{") return this.#object();
    if (/^-?\d{16,}$/.test(token)) return safest(BigInt(token));
    return JSON.parse(token) as WireJson;
  }

  #array(): WireJson {
    const items: WireJson[] = [];
    for (; this.#tokens[this.#next] !== "]"; this.#skip(",")) items.push(this.value());
    this.#next++;
    return items;
  }

  #object(): WireJson {
    const members: [string, WireJson][] = [];
    for (; this.#tokens[this.#next] !== "}"; this.#skip(",")) {
      const key = JSON.parse(this.#tokens[this.#next] as string) as string;
      this.#next += 2;
      members.push([key, this.value()]);
    }
    this.#next++;
    return Object.fromEntries(members);
  }

  #skip(token: string): void {
    if (this.#tokens[this.#next] === token) this.#next++;
  }
}

const safest = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};
