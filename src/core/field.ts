import { type Amount, amount, amountMax } from "./amount.ts";
import { type EarnestError, earnestError } from "./errors.ts";
import type { Json } from "./json.ts";

/** What is thrown where a value does not fit: its path, such as `spec.terms.reward`, and what is wrong with it. */
export type Misfit = (path: string, problem: string) => EarnestError;

const textMax = 200;

export const malformedSpec: Misfit = (path, problem) => earnestError("MALFORMED_SPEC", { path, problem });

/** A value and where it is read from, so that an error can point into the file. */
export class Field {
  readonly value: Json | undefined;
  readonly path: string;
  readonly #misfit: Misfit;

  constructor(value: Json | undefined, path: string, misfit: Misfit = malformedSpec) {
    this.value = value;
    this.path = path;
    this.#misfit = misfit;
  }

  fail(problem: string): never {
    throw this.#misfit(this.path, problem);
  }

  /** The fields of an object that has no others. */
  fields<const Name extends string>(...names: readonly Name[]): { readonly [Each in Name]: Field } {
    this.only(names);
    return Object.fromEntries(names.map((name) => [name, this.get(name)])) as { readonly [Each in Name]: Field };
  }

  object(): { readonly [key: string]: Json } {
    if (this.value === null || typeof this.value !== "object" || Array.isArray(this.value))
      this.fail("must be an object");
    return this.value as { readonly [key: string]: Json };
  }

  get(name: string): Field {
    const object = this.object();
    return new Field(Object.hasOwn(object, name) ? object[name] : undefined, `${this.path}.${name}`, this.#misfit);
  }

  only(names: readonly string[]): void {
    const unknown = Object.keys(this.object()).find((name) => !names.includes(name));
    if (unknown !== undefined) this.fail(`has an unknown field "${unknown}"`);
  }

  integer(min: number, max: number): number {
    const { value } = this;
    if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
      this.fail(`must be an integer from ${min} to ${max}`);
    }
    return value === 0 ? 0 : value;
  }

  boolean(): boolean {
    if (typeof this.value !== "boolean") this.fail("must be true or false");
    return this.value;
  }

  amount(): Amount {
    const { value } = this;
    if (typeof value !== "string" || !/^(0|[1-9]\d{0,19})$/.test(value) || BigInt(value) > amountMax) {
      this.fail("must be base units as a decimal string");
    }
    return amount(BigInt(value));
  }

  text(max: number = textMax): string {
    const { value } = this;
    if (typeof value !== "string" || value.length === 0 || value.length > max)
      this.fail(`must be a text of 1 to ${max} characters`);
    if (/\p{Surrogate}/u.test(value)) this.fail("must be well-formed Unicode");
    return value;
  }

  texts(min: number, max: number): readonly string[] {
    const items = this.items(max).map((item) => item.text());
    if (items.length < min) this.fail(`must have at least ${min} items`);
    if (new Set(items).size !== items.length) this.fail("has an item twice");
    return items;
  }

  items(max: number): readonly Field[] {
    if (!Array.isArray(this.value) || this.value.length > max) this.fail(`must be a list of at most ${max} items`);
    return (this.value as readonly Json[]).map((item, i) => new Field(item, `${this.path}[${i}]`, this.#misfit));
  }

  orNull<T>(read: (field: Field) => T): T | null {
    return this.value === null || this.value === undefined ? null : read(this);
  }
}
