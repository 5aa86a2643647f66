import { cpus } from "node:os";
import { fdatasyncPerSecond } from "../turn/limits.ts";

/** What every bench of a server takes; a short one shows that it runs, and measures little. */
export const loadOptions = {
  json: { type: "boolean", default: false },
  short: { type: "boolean", default: false },
} as const;

export const roundOptions = { ...loadOptions, rounds: { type: "string" } } as const;

export const roundsOf = ({
  rounds,
  short,
}: {
  readonly rounds?: string | undefined;
  readonly short: boolean;
}): number => Number(rounds ?? (short ? 1 : 5));

/** Where a bench says how it goes: standard output belongs to the JSON where that was asked for. */
export const sayTo = ({ json }: { readonly json: boolean }): ((line: string) => void) =>
  json ? console.error : console.log;

/** Says what the machine is. Gives its fdatasync a second, which bounds all that is durable. */
export function sayMachine(say: (line: string) => void): number {
  const syncs = fdatasyncPerSecond();
  say(`machine: ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, fdatasync/s ${syncs}`);
  return syncs;
}
