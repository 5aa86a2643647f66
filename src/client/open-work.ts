import type { OpenWork } from "../contract/open-work.ts";
import { routes } from "../contract/routes.ts";
import { type Pages, pagesOf } from "./pages.ts";
import type { Transport } from "./transport.ts";

/** Where there is work: nobody has to sign in to look. */
export class Work {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Open markets with work, the best paid by the hour first. */
  list({ limit = 100 }: { readonly limit?: number } = {}): Pages<OpenWork> {
    return pagesOf((after) => this.#transport.call(routes.listWork, { query: { after, limit } }));
  }
}
