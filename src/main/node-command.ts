import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { readSeed } from "../cli/commands/login.ts";
import type { CommandContext } from "../cli/context.ts";
import { examples } from "../cli/examples.ts";
import { type ExitCode, exitCodes } from "../cli/exit-codes.ts";
import { writeFileWhole } from "../cli/files.ts";
import type { AddCommand } from "../cli/options.ts";
import { printable } from "../cli/output.ts";
import { signerFromSeed } from "../client/keys.ts";
import { type Bytes32, bytes32, fromBase58 } from "../core/bytes.ts";
import type { Caps } from "../node/caps.ts";
import { NodeFolder } from "../node/node-folder.ts";
import { dialInternet, type GatewayPlace } from "../node/relay.ts";
import { type NodeEvent, RunningNode } from "../node/run-node.ts";
import { openStatusPage } from "../node/status-page.ts";
import { unitText } from "../node/systemd.ts";
import { newerUpdate } from "../node/updates.ts";

interface StartOptions {
  readonly kinds: readonly string[];
  readonly gateway: GatewayPlace;
  readonly keypair: string;
  readonly bytesPerDay: number;
  readonly rate: number;
  readonly hours?: Caps["hours"];
  readonly statusPort: number;
  readonly updates?: string;
  readonly updateKey?: Bytes32;
}

const knownKinds = ["bandwidth"];
const dayMs = 86_400_000;

/** `earnest node`: lends this machine's line, as far as its owner lets it. */
export const nodeCommand =
  (version: string): AddCommand =>
  (program, run) => {
    const node = program.command("node").description("Lend what this machine has to spare, and earn by it");
    examples(
      startOptions(
        node.command("start").description("Connect and work until Ctrl-C; what is lent has to be named"),
      ).action(run<[], StartOptions>((context, options) => start(context, options, version))),
      "earnest node start --kinds bandwidth --gateway gateway.example:4600 --keypair node.json --server https://earnest.example",
      "earnest node start --kinds bandwidth --gateway gateway.example:4600 --keypair node.json --hours 22:00-07:00 --bytes-per-day 2GB --rate 500kB",
    );
    examples(
      node
        .command("pause")
        .description("Take no more work, until `earnest node resume`")
        .action(run(pausing(true))),
      "earnest node pause",
    );
    examples(
      node
        .command("resume")
        .description("Work again")
        .action(run(pausing(false))),
      "earnest node resume",
    );
    examples(
      node.command("log").description("What was done for whom, the newest first").action(run(showLog)),
      "earnest node log --json",
    );
    examples(
      startOptions(
        node.command("install").description("Write a systemd unit that runs this node whenever the machine does"),
      ).action(run<[], StartOptions>(install)),
      "earnest node install --kinds bandwidth --gateway gateway.example:4600 --keypair node.json",
    );
  };

const startOptions = (command: Command): Command =>
  command
    .requiredOption("--kinds <list>", "What to lend: bandwidth. Nothing is lent that is not named", parseKinds)
    .requiredOption("--gateway <host:port>", "The network's gateway", parseGateway)
    .requiredOption(
      "--keypair <file>",
      "The node's keypair file; made where there is none, for its owner alone to read",
    )
    .option("--bytes-per-day <size>", "The most that passes in a day", parseSize, 1_000_000_000)
    .option("--rate <size>", "The most that passes in a second, on the average", parseSize, 1_000_000)
    .option("--hours <from-to>", "Only between these hours, by this machine's time", parseHours)
    .option("--status-port <port>", "Where this machine shows what the node does; 0 is any free one", parsePort, 4800)
    .option("--updates <url>", "Where new versions are announced; needs --update-key")
    .option("--update-key <key>", "The key that announcements have to be signed by", parseKey);

const folderOf = (context: CommandContext): Promise<NodeFolder> => NodeFolder.open(join(context.dataFolder, "node"));

async function start(context: CommandContext, options: StartOptions, version: string): Promise<ExitCode> {
  const { output, stopped, clock } = context;
  const folder = await folderOf(context);
  const caps: Caps = {
    bytesPerDayMax: options.bytesPerDay,
    bytesPerSecondMax: options.rate,
    hours: options.hours ?? null,
  };
  const node = await RunningNode.open({
    server: await context.server(),
    signer: await signerFromSeed(await readSeed(context, options.keypair, true)),
    gateway: options.gateway,
    folder,
    caps,
    dial: dialInternet,
    clock,
    minuteOf,
    onEvent: (event) => output.line(printable(textOf(event))),
    stopped,
  });
  const page = await openStatusPage({
    port: options.statusPort,
    status: () => node.status,
    caps,
    folder,
    isPaused: () => folder.isPaused,
  });
  output.line(`Node ${node.status.address}, shown at ${page.url}`);
  const looking = lookForUpdates(options, version, (line) => output.line(printable(line)));
  try {
    await node.run();
  } finally {
    clearInterval(looking);
    page.close();
  }
  const { paid, unpaid, earned, today } = node.status;
  output.line(`${paid} sessions paid, ${unpaid} not; ${earned} earned`);
  output.result({ ok: true, paid, unpaid, earned, bytesToday: today.bytes });
  return exitCodes.ok;
}

/** Says that there is a new version, and what its download has to be; whoever runs the node decides. */
function lookForUpdates(
  { updates, updateKey }: StartOptions,
  version: string,
  say: (line: string) => void,
): NodeJS.Timeout | undefined {
  if (updates === undefined || updateKey === undefined) return undefined;
  const look = (): void => {
    newerUpdate(updates, updateKey, version).then(
      (update) => {
        if (update !== null) say(`version ${update.version} is at ${update.url}, SHA-256 ${update.sha256}`);
      },
      () => undefined,
    );
  };
  look();
  return setInterval(look, dayMs).unref();
}

function textOf(event: NodeEvent): string {
  switch (event.kind) {
    case "connected":
      return `connected to ${event.gateway}`;
    case "disconnected":
      return `disconnected (${event.problem}); again in ${Math.round(event.againMs / 1_000)} s`;
    case "idle":
      return `nothing to do: ${event.why}`;
    case "begun":
      return `began ${event.slot} of "${event.title}"`;
    case "paid":
    case "unpaid": {
      const what = `${event.pages} pages, ${event.bytes} bytes for "${event.title}"`;
      return event.kind === "paid" ? `+${event.reward}: ${what}` : `unpaid (${event.reason ?? event.state}): ${what}`;
    }
    case "refused":
      return `the gateway refuses ${event.slot}: ${event.code}`;
  }
}

const pausing =
  (isPaused: boolean) =>
  async (context: CommandContext): Promise<ExitCode> => {
    await (await folderOf(context)).pause(isPaused);
    context.output.line(isPaused ? "paused: what is under way is finished" : "resumed");
    context.output.result({ ok: true, isPaused });
    return exitCodes.ok;
  };

async function showLog(context: CommandContext): Promise<ExitCode> {
  const lines = await (await folderOf(context)).newest(1_000);
  const text = (value: unknown): string => printable(String(value));
  context.output.table(
    ["when", "market", "pages", "bytes", "state", "reward"],
    lines.map((line) => {
      const { timeMs, title, pages, bytes, state, reward } = line as Readonly<Record<string, unknown>>;
      return [new Date(Number(timeMs)).toISOString(), title, pages, bytes, state, reward].map(text);
    }),
  );
  context.output.result({ ok: true, lines });
  return exitCodes.ok;
}

async function install(context: CommandContext, options: StartOptions): Promise<ExitCode> {
  const { kinds, gateway, keypair, bytesPerDay, rate, hours, statusPort } = options;
  // Before the unit runs: its key must be there for the person to keep.
  await readSeed(context, keypair, true);
  const script = process.argv[1];
  const when = hours ? ["--hours", hoursText(hours)] : [];
  const words = [
    process.execPath,
    ...(script === undefined ? [] : [script]),
    "node",
    "start",
    "--kinds",
    kinds.join(","),
    "--gateway",
    `${gateway.host}:${gateway.port}`,
    "--keypair",
    context.path(keypair),
    "--data",
    context.dataFolder,
    "--server",
    await context.server(),
    "--bytes-per-day",
    `${bytesPerDay}`,
    "--rate",
    `${rate}`,
    "--status-port",
    `${statusPort}`,
    ...when,
  ];
  const unit = unitText(words, (await folderOf(context)).path);
  const path = join(homedir(), ".config", "systemd", "user", "earnest-node.service");
  await mkdir(dirname(path), { recursive: true });
  await writeFileWhole(path, unit, 0o600);
  context.output.line(`Wrote ${path}. Start it with: systemctl --user enable --now earnest-node`);
  context.output.result({ ok: true, path, unit });
  return exitCodes.ok;
}

function minuteOf(timeMs: number): number {
  const time = new Date(timeMs);
  return time.getHours() * 60 + time.getMinutes();
}

function parseKinds(text: string): readonly string[] {
  const kinds = text.split(",");
  if (kinds.every((kind) => knownKinds.includes(kind))) return kinds;
  throw new InvalidArgumentError(`It must be of: ${knownKinds.join(", ")}.`);
}

function parseGateway(text: string): GatewayPlace {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError("It must be a host and a port, such as gateway.example:4600.");
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port) };
}

const factors: Readonly<Record<string, number>> = { "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };

function parseSize(text: string): number {
  const [, number, unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?)([kMGT]?)B?$/.exec(text) ?? [];
  const size = Math.floor(Number(number) * (factors[unit] ?? 0));
  if (!(size >= 1)) throw new InvalidArgumentError("It must be a size such as 500kB or 2GB.");
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
