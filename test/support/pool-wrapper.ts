import type { Pool } from "../../src/store/pool.ts";

/** Runs a statement, or does not, or says afterwards that it failed. */
export type Intercept = (text: string, run: () => Promise<unknown>) => Promise<unknown>;

const textOf = (config: unknown): string | null => {
  if (typeof config === "string") return config;
  const { text, submit } = config as { readonly text?: unknown; readonly submit?: unknown };
  return typeof text === "string" && submit === undefined ? text : null;
};

type Query = (config: unknown, ...values: unknown[]) => unknown;

function intercepted<T extends object>(target: T, intercept: Intercept): T {
  return new Proxy(target, {
    get: (_, name) => {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== "function") return value;
      if (name === "query") {
        return (config: unknown, ...values: unknown[]) => {
          const run = (): unknown => (value as Query).call(target, config, ...values);
          const text = textOf(config);
          return text === null ? run() : intercept(text, () => run() as Promise<unknown>);
        };
      }
      if (name === "connect") {
        return async () => intercepted(await (value as () => Promise<object>).call(target), intercept);
      }
      return (value as Query).bind(target);
    },
  });
}

/** A pool whose statements a test can hold up, break, or make seem broken. */
export const wrapPool = (pool: Pool, intercept: Intercept): Pool => intercepted(pool, intercept);

/** A door that a test closes and opens. */
export class Gate {
  #open: Promise<void> = Promise.resolve();
  #release: () => void = () => undefined;

  close(): void {
    this.#open = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  open(): void {
    this.#release();
  }

  async pass(): Promise<void> {
    await this.#open;
  }
}
