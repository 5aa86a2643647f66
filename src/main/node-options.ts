import { type Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "../cli/context.ts";
import { type MeterFileUnit, meterFileUnits } from "../cli/energy/read-meter.ts";
import { parseOffset, parsePositive } from "../cli/parse-options.ts";
import { type Bytes32, bytes32, fromBase58, toBase58 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { Caps } from "../node/caps.ts";
import { type Lending, lendings } from "../node/events.ts";
import type { GatewayPlace } from "../node/relay.ts";

export interface StartOptions {
  readonly kinds: readonly Lending[];
  readonly gateway?: GatewayPlace;
  readonly keypair: string;
  readonly bytesPerDay: number;
  readonly rate: number;
  readonly cpu: number;
  readonly hours?: NonNullable<Caps["hours"]>;
  readonly onMetered?: true;
  readonly meter?: string;
  readonly meterId?: string;
  readonly meterUnit?: MeterFileUnit;
  readonly meterInterval?: number;
  readonly meterUtcOffset: number;
  readonly meterPart?: true;
  readonly country?: string;
  readonly place?: string;
  readonly statusPort: number;
  readonly updates?: string;
  readonly updateKey?: Bytes32;
}

export const startOptions = (command: Command): Command =>
  command
    .requiredOption(
      "--kinds <list>",
      "What to lend: bandwidth, compute, energy. Nothing is lent that is not named",
      parseKinds,
    )
    .requiredOption(
      "--keypair <file>",
      "The node's keypair file; made where there is none, for its owner alone to read",
    )
    .option("--gateway <host:port>", "bandwidth: the network's gateway", parseGateway)
    .option("--bytes-per-day <size>", "bandwidth: the most that passes in a day", parseSize, 1_000_000_000)
    .option("--rate <size>", "bandwidth: the most that passes in a second, on the average", parseSize, 1_000_000)
    .option("--cpu <percent>", "compute: the most of one processor, on the average", parseProcessor, 25)
    .option("--meter <path>", "energy: the meter's readings, a file as `earnest energy` reads it or a folder of them")
    .option("--meter-id <hash>", "energy: the hash that tasks know the meter by", parseHash)
    .addOption(new Option("--meter-unit <unit>", "energy: of the readings").choices([...meterFileUnits]))
    .option("--meter-interval <minutes>", "energy: how long a reading counts", parsePositive)
    .option("--meter-utc-offset <minutes>", "energy: of the readings' standard time, such as -480", parseOffset, 0)
    .option("--meter-part", "energy: the readings are of a part of the connection, not of the whole")
    .option("--hours <from-to>", "Only between these hours, by this machine's time", parseHours)
    .option("--on-metered", "Work where the network costs by the byte as well, as far as Linux says that it does")
    .option("--country <code>", "Where the machine is, for markets that ask for it: two letters", parseCountry)
    .option("--place <cell>", "Where in more detail: an H3 cell or its first characters", parsePlace)
    .option("--status-port <port>", "Where this machine shows what the node does; 0 is any free one", parsePort, 4800)
    .option("--updates <url>", "Where new versions are announced; needs --update-key")
    .option("--update-key <key>", "The key that announcements have to be signed by", parseKey);

/** What a kind cannot do without. */
const needs: Readonly<Record<Lending, readonly (readonly [keyof StartOptions, string])[]>> = {
  bandwidth: [["gateway", "--gateway"]],
  compute: [],
  energy: [
    ["meter", "--meter"],
    ["meterId", "--meter-id"],
    ["meterUnit", "--meter-unit"],
    ["meterInterval", "--meter-interval"],
  ],
};

/** @throws MALFORMED_COMMAND where options do not go together */
export function checkOptions(options: StartOptions): void {
  for (const kind of options.kinds) {
    const lacking = needs[kind].filter(([name]) => options[name] === undefined).map(([, flag]) => flag);
    if (lacking.length > 0) fail(`Lending ${kind} needs ${lacking.join(", ")}`, `Add ${lacking.join(" and ")}.`);
  }
  if ((options.updates === undefined) !== (options.updateKey === undefined))
    fail("An announcement counts by its signature alone", "Give both --updates and --update-key, or neither.");
}

function fail(problem: string, mend: string): never {
  throw earnestError("MALFORMED_COMMAND", { problem, mend });
}

export const capsOf = ({ bytesPerDay, rate, cpu, hours, onMetered }: StartOptions): Caps => ({
  bytesPerDayMax: bytesPerDay,
  bytesPerSecondMax: rate,
  processorPpm: cpu * 10_000,
  hours: hours ?? null,
  isMeteredAllowed: onMetered === true,
});

/** The options as they are written, with paths that hold wherever the program is started. */
export function wordsOf(options: StartOptions, context: CommandContext): readonly string[] {
  const { kinds, gateway, keypair, hours, meter, updateKey } = options;
  const word = (flag: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [flag, `${value}`];
  return [
    ...word("--kinds", kinds.join(",")),
    ...word("--keypair", context.path(keypair)),
    ...word(
      "--gateway",
      gateway && `${gateway.host.includes(":") ? `[${gateway.host}]` : gateway.host}:${gateway.port}`,
    ),
    ...word("--bytes-per-day", options.bytesPerDay),
    ...word("--rate", options.rate),
    ...word("--cpu", options.cpu),
    ...word("--meter", meter && context.path(meter)),
    ...word("--meter-id", options.meterId),
    ...word("--meter-unit", options.meterUnit),
    ...word("--meter-interval", options.meterInterval),
    ...word("--meter-utc-offset", options.meterUtcOffset),
    ...(options.meterPart ? ["--meter-part"] : []),
    ...word("--hours", hours && hoursText(hours)),
    ...(options.onMetered ? ["--on-metered"] : []),
    ...word("--country", options.country),
    ...word("--place", options.place),
    ...word("--status-port", options.statusPort),
    ...word("--updates", options.updates),
    ...word("--update-key", updateKey && toBase58(updateKey)),
  ];
}

function parseKinds(text: string): readonly Lending[] {
  const kinds = text.split(",").map((kind) => lendings.find((each) => each === kind.trim()));
  if (kinds.some((kind) => kind === undefined) || new Set(kinds).size < kinds.length)
    throw new InvalidArgumentError(`It must be of: ${lendings.join(", ")}.`);
  return kinds as Lending[];
}

function parseProcessor(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) < 1 || Number(text) > 100)
    throw new InvalidArgumentError("It must be a percentage from 1 to 100.");
  return Number(text);
}

function parseHash(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError("It must be a hash: 64 digits from 0 to f.");
  return text;
}

function parseCountry(text: string): string {
  if (!/^[A-Za-z]{2}$/.test(text)) throw new InvalidArgumentError("It must be a country in two letters, such as DE.");
  return text.toUpperCase();
}

function parsePlace(text: string): string {
  if (!/^[0-9a-f]{1,16}$/.test(text)) throw new InvalidArgumentError("It must be an H3 cell or how it begins.");
  return text;
}

function parseGateway(text: string): GatewayPlace {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError("It must be a host and a port, such as gateway.example:4600.");
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

const factors: Readonly<Record<string, number>> = { "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };

function parseSize(text: string): number {
  const [, number, unit = ""] = /^(\d{1,16}(?:\.\d{1,3})?)([kMGT]?)B?$/.exec(text) ?? [];
  const size = Math.floor(Number(number) * (factors[unit] ?? 0));
  if (!(size >= 1 && size <= Number.MAX_SAFE_INTEGER))
    throw new InvalidArgumentError("It must be a size such as 500kB or 2GB.");
  return size;
}

function parseHours(text: string): Caps["hours"] {
  const [, fromHour, fromMinute, toHour, toMinute] = /^(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)$/.exec(text) ?? [];
  const [from, to] = [Number(fromHour) * 60 + Number(fromMinute), Number(toHour) * 60 + Number(toMinute)];
  if (!(from < 1_440 && to <= 1_440)) throw new InvalidArgumentError("It must be hours such as 22:00-07:00.");
  return { from, to };
}

const hoursText = ({ from, to }: { readonly from: number; readonly to: number }): string =>
  [from, to].map((minute) => `${Math.floor(minute / 60)}:${`${minute % 60}`.padStart(2, "0")}`).join("-");

function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError("It must be a number from 0 to 65535.");
  return Number(text);
}

function parseKey(text: string): Bytes32 {
  try {
    return bytes32(fromBase58(text));
  } catch {
    throw new InvalidArgumentError("It must be a key in base58.");
  }
}
