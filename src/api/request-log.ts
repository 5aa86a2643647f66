import type { Engine } from "../engine/engine.ts";
import type { LoggedRequest } from "../engine/webhooks/requests.ts";

const everyMs = 1_000;
/** Of all owners, in one stretch: a program that asks more often than that need not read each line of it. */
const perStretchMax = 500;

/** What programs ask, written down in portions: no request waits for it, and a flood of them costs no more than a few. */
export class RequestLog {
  readonly #write: Engine["logRequests"];
  #waiting: LoggedRequest[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor({ logRequests }: Pick<Engine, "logRequests">) {
    this.#write = logRequests;
  }

  add(request: LoggedRequest): void {
    if (this.#waiting.length >= perStretchMax) return;
    this.#waiting.push(request);
    this.#timer ??= setTimeout(() => void this.flush(), everyMs).unref();
  }

  /** What cannot be written is lost: it is there for people to look at, and nothing rests on it. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const rows = this.#waiting;
    this.#waiting = [];
    if (rows.length > 0) this.#writing = this.#writing.then(() => this.#write(rows)).catch(() => undefined);
    return this.#writing;
  }
}
