/** New ones behind one household that are told of: somebody may make as many keys as he likes. */
const othersMax = 8;
const refusedMax = 10_000;

interface Household {
  readonly owner: string;
  lines: number;
  /** Keys that came while it was taken. */
  readonly others: Set<string>;
}

/** Who has which line: one household is one owner's, of all that are connected. */
export class Households {
  readonly #taken = new Map<string, Household>();
  /** Where each key was refused last, for as long as there is room. */
  readonly #refused = new Map<string, string>();

  /** @returns `other` where it is another owner's; `moved` where the key was refused at another one before */
  take(household: string, key: string): "other" | "moved" | "own" {
    const taken = this.#taken.get(household) ?? { owner: key, lines: 0, others: new Set() };
    if (taken.owner !== key) return "other";
    taken.lines++;
    this.#taken.set(household, taken);
    const before = this.#refused.get(key);
    if (before === undefined || before === household) return "own";
    this.#refused.delete(key);
    return "moved";
  }

  /** A second owner behind it. @returns whether that is to be told of */
  refuse(household: string, key: string): boolean {
    if (this.#refused.size >= refusedMax) this.#refused.delete(this.#refused.keys().next().value as string);
    this.#refused.set(key, household);
    const others = this.#taken.get(household)?.others;
    if (others === undefined || others.has(key) || others.size >= othersMax) return false;
    others.add(key);
    return true;
  }

  left(household: string): void {
    const taken = this.#taken.get(household);
    if (taken === undefined) return;
    taken.lines--;
    if (taken.lines === 0) this.#taken.delete(household);
  }
}
