import type { Transaction } from "../database/database.ts";

/** Whatever a statement can be sent to. */
export interface Asking {
  ask<T>(statement: (transaction: Transaction) => T | Promise<T>): Promise<T>;
}

export type Model = (on: Asking, ...rest: readonly unknown[]) => unknown;

/**
 * What stands for the functions of a module of the store: the same, on a simulated database. The compiler sees to it
 * that they take and give what those do; that they mean the same is for the differential test.
 */
export type Models<Module> = {
  readonly [Name in keyof Module]?: Module[Name] extends (on: never, ...rest: infer Rest) => infer Result
    ? (on: Asking, ...rest: Rest) => Result
    : never;
};
