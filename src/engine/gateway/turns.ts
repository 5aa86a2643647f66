/** A session that wants to begin. */
export interface Asking {
  readonly network: string;
  /** More comes first. */
  readonly merit: number;
}

interface Waiting extends Asking {
  readonly sinceMs: number;
  readonly begin: () => void;
}

/** Whoever has waited for so long comes before all who have not, in the order of their coming. */
const patienceMs = 60_000;

/**
 * So many sessions at a time. Of those that wait the next is one from the network with the fewest under way, so that no
 * network has the work to itself; among these whoever has shown more; among these whoever came first.
 */
export class Turns {
  readonly #max: number;
  readonly #clock: () => number;
  readonly #waiting: Waiting[] = [];
  readonly #underWay = new Map<string, number>();
  #count = 0;

  constructor(max: number, clock: () => number) {
    this.#max = max;
    this.#clock = clock;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @returns what ends the turn */
  async enter(asking: Asking): Promise<() => void> {
    if (this.#count >= this.#max)
      await new Promise<void>((begin) => this.#waiting.push({ ...asking, sinceMs: this.#clock(), begin }));
    else this.#begun(asking);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#left(asking);
    };
  }

  #begun({ network }: Asking): void {
    this.#count++;
    this.#underWay.set(network, this.#inNetwork(network) + 1);
  }

  #left({ network }: Asking): void {
    this.#count--;
    const left = this.#inNetwork(network) - 1;
    if (left === 0) this.#underWay.delete(network);
    else this.#underWay.set(network, left);
    const next = this.#next();
    if (next === undefined) return;
    this.#waiting.splice(this.#waiting.indexOf(next), 1);
    this.#begun(next);
    next.begin();
  }

  #next(): Waiting | undefined {
    const now = this.#clock();
    const rank = ({ network, merit, sinceMs }: Waiting): readonly [number, number, number] =>
      now - sinceMs >= patienceMs ? [-1, 0, sinceMs] : [this.#inNetwork(network), -merit, sinceMs];
    let best: Waiting | undefined;
    // Of equals the first stays.
    for (const each of this.#waiting) if (best === undefined || isBefore(rank(each), rank(best))) best = each;
    return best;
  }

  #inNetwork(network: string): number {
    return this.#underWay.get(network) ?? 0;
  }
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((each, i) => each !== b[i]);
  return at >= 0 && (a[at] as number) < (b[at] as number);
}
