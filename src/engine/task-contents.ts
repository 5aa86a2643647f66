import type { Json } from "../core/json.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { readTasks, type TaskRow } from "../store/tasks/read-tasks.ts";
import { Cache } from "./cache.ts";
import type { EngineContext } from "./context.ts";
import { Gather } from "./gather.ts";
import { firstLane } from "./lanes.ts";
import type { TaskView } from "./types.ts";

export type TaskContent = Omit<TaskView, "terms">;

export const toContent = ({ lane, task, externalId, content }: TaskRow): TaskContent => ({
  lane,
  task,
  externalId,
  content: JSON.parse(content) as Json,
});

interface Wanted {
  readonly market: MarketId;
  readonly tasks: readonly number[];
}

type Found = ReadonlyMap<number, TaskContent>;

/** What tasks show, which never changes. Each is soon asked for again, by the next contributor who is offered it. */
export class TaskContents {
  readonly #pool: EngineContext["pool"];
  readonly #known: Cache<TaskContent>;
  readonly #missing = new Gather<Wanted, Found>((wanted) => this.#fetch(wanted));

  constructor({ pool, clock }: EngineContext) {
    this.#pool = pool;
    this.#known = new Cache({ max: 20_000, ttlMs: 3_600_000, clock });
  }

  /** Of those that there are. */
  async read(market: MarketId, tasks: readonly number[]): Promise<Found> {
    const found = new Map<number, TaskContent>();
    const missing: number[] = [];
    for (const task of tasks) {
      const known = this.#known.get(`${market}/${task}`);
      if (known === undefined) missing.push(task);
      else found.set(task, known);
    }
    if (missing.length === 0) return found;
    const fetched = await this.#missing.get({ market, tasks: missing });
    for (const task of missing) {
      const content = fetched.get(task);
      if (content !== undefined) found.set(task, content);
    }
    return found;
  }

  /** A statement a market: many contributors of one market ask at a time. */
  async #fetch(wanted: readonly Wanted[]): Promise<Found[]> {
    const tasks = new Map<MarketId, Set<number>>();
    for (const { market, tasks: more } of wanted) {
      const all = tasks.get(market) ?? new Set();
      for (const task of more) all.add(task);
      tasks.set(market, all);
    }
    const found = new Map<MarketId, Found>();
    for (const [market, each] of tasks) {
      const rows = await readTasks(this.#pool, marketIdToBytes(market), firstLane, [...each]);
      const contents = rows.map((row) => this.#known.set(`${market}/${row.task}`, toContent(row)));
      found.set(market, new Map(contents.map((content) => [content.task, content])));
    }
    return wanted.map(({ market }) => found.get(market) as Found);
  }
}
