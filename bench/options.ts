import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { fdatasyncPerSecond } from "./turn/limits.ts";

/** What the value of an option may be, by its type. */
interface Values {
  readonly flag: boolean;
  /** A whole number from 1 on. */
  readonly count: number;
  /** From 0 to 1. */
  readonly share: number;
  readonly numbers: readonly number[];
  readonly text: string;
}

/** What can be asked of a bench, as `--NAME`. One without a default may be left out, and a flag is then not set. */
export type Option = {
  [Type in keyof Values]: { readonly type: Type; readonly about: string; readonly default?: Values[Type] };
}[keyof Values];

type Options = Readonly<Record<string, Option>>;

type ValueOf<O extends Option> =
  | Values[O["type"]]
  | (O extends { readonly type: "flag" } | { readonly default: unknown } ? never : undefined);

export type ValuesOf<O extends Options> = { readonly [Name in keyof O]: ValueOf<O[Name]> };

/** A line for people. */
export type Say = (line: string) => void;

export interface Bench {
  readonly options: Options;
  /**
   * Whether what it measured is as it must be.
   *
   * @throws OptionError, before it does anything, where it is asked for what it does not have.
   */
  readonly run: (args: readonly string[]) => Promise<boolean>;
}

type Figures = object & { readonly ok?: boolean };

/** What is wrong with a command line, in a sentence. */
export class OptionError extends Error {}

/**
 * A bench says how it goes in lines and gives its figures, which are the last line of standard output with `--json`: the
 * lines go elsewhere then. Figures that may not be so have `ok`. A part of itself that it runs in another process has none:
 * null.
 */
export function defineBench<const O extends Options>(
  options: O,
  measure: (values: ValuesOf<O>, say: Say) => Promise<Figures | null>,
): Bench {
  return {
    options,
    async run(args) {
      const { json, ...values } = readOptions(args, { ...options, json: jsonOption });
      const figures = await measure(values as unknown as ValuesOf<O>, json ? console.error : console.log);
      if (json && figures !== null) console.log(JSON.stringify(figures));
      return figures?.ok !== false;
    },
  };
}

const jsonOption = { type: "flag", about: "the figures as one object in the last line" } as const;

export const shortOption = { short: { type: "flag", about: "shows that it runs, and measures little" } } as const;

export const roundOptions = {
  ...shortOption,
  rounds: { type: "count", about: "rounds, of which the middle one counts (5)" },
} as const;

export const roundsOf = ({ rounds, short }: ValuesOf<typeof roundOptions>): number => rounds ?? (short ? 1 : 5);

/** @throws OptionError */
export function readOptions<const O extends Options>(args: readonly string[], options: O): ValuesOf<O> {
  const named = Object.entries<Option>(options);
  const types = named.map(([name, { type }]) => [name, { type: type === "flag" ? "boolean" : "string" }] as const);
  const given = parse(args, Object.fromEntries(types));
  const values = named.map(([name, option]) => [name, valueFor(name, option, given[name])]);
  return Object.fromEntries(values) as ValuesOf<O>;
}

type Given = string | boolean | undefined;

function parse(args: readonly string[], options: Readonly<Record<string, { readonly type: "boolean" | "string" }>>) {
  try {
    return parseArgs({ args: [...args], options }).values as Readonly<Record<string, Given>>;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // What follows the first sentence is advice about arguments that no bench takes.
    throw new OptionError(error.message.split(/[.\n]/, 1)[0]);
  }
}

function valueFor(name: string, option: Option, given: Given): Values[keyof Values] | undefined {
  if (option.type === "flag") return given === true;
  if (typeof given !== "string") return option.default;
  const { what, read } = forms[option.type];
  const value = read(given);
  if (value === null) throw new OptionError(`--${name} is ${what}, not "${given}"`);
  return value;
}

/** How each type is written; null where it is not. */
const forms: {
  readonly [Type in Exclude<keyof Values, "flag">]: {
    readonly what: string;
    readonly read: (text: string) => Values[Type] | null;
  };
} = {
  count: {
    what: "a whole number from 1 on",
    read: (text) => (/^[1-9]\d{0,14}$/.test(text) ? Number(text) : null),
  },
  share: {
    what: "a number from 0 to 1",
    read: (text) => (isNumber(text) && Number(text) <= 1 ? Number(text) : null),
  },
  numbers: {
    what: "numbers with commas between them",
    read: (text) => (text.split(",").every(isNumber) ? text.split(",").map(Number) : null),
  },
  text: { what: "a text", read: (text) => text },
};

const isNumber = (text: string): boolean => /^\d{1,9}(\.\d{1,9})?$/.test(text);

/** A line for each option. */
export function describeOptions(options: Options): string[] {
  return Object.entries<Option>({ ...options, json: jsonOption }).map(([name, option]) => {
    const value = option.type === "flag" ? "" : ` ${option.type.toUpperCase()}`;
    const usual = option.default === undefined ? "" : ` (${String(option.default)})`;
    return `  ${`--${name}${value}`.padEnd(20)} ${option.about}${usual}`;
  });
}

/** Says what the machine is. Gives its fdatasync a second, which bounds all that is durable. */
export function sayMachine(say: Say): number {
  const syncs = fdatasyncPerSecond();
  say(`machine: ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, fdatasync/s ${syncs}`);
  return syncs;
}
