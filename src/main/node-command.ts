import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { readSeed } from "../cli/commands/login.ts";
import type { CommandContext } from "../cli/context.ts";
import { readMeter } from "../cli/energy/read-meter.ts";
import { examples } from "../cli/examples.ts";
import { type ExitCode, exitCodes } from "../cli/exit-codes.ts";
import { writeFileWhole } from "../cli/files.ts";
import type { AddCommand } from "../cli/options.ts";
import { printable } from "../cli/output.ts";
import { ComputeSolver } from "../cli/work/compute-solver.ts";
import { signerFromSeed } from "../client/keys.ts";
import { doneText, type NodeEvent, type SlotLine } from "../node/events.ts";
import type { MeterSource } from "../node/lend-meter.ts";
import { keptMetered, thisSystem } from "../node/metered.ts";
import { NodeFolder } from "../node/node-folder.ts";
import { dialInternet } from "../node/relay.ts";
import { type Lent, type NodeStatus, RunningNode } from "../node/run-node.ts";
import { openStatusPage } from "../node/status-page.ts";
import { unitText } from "../node/systemd.ts";
import { newerUpdate } from "../node/updates.ts";
import { lockFolder } from "../rails/localnet/folder-lock.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { nodeFlags } from "./node-flags.ts";
import { capsOf, checkOptions, type StartOptions, startOptions, wordsOf } from "./node-options.ts";

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
      "earnest node start --kinds bandwidth,compute --gateway gateway.example:4600 --keypair node.json --hours 22:00-07:00 --bytes-per-day 2GB --rate 500kB --cpu 50",
      `earnest node start --kinds energy --meter readings/ --meter-id ${"1f8e4c57".repeat(8)} --meter-unit kWh --meter-interval 15 --keypair node.json`,
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

const folderOf = (context: CommandContext): Promise<NodeFolder> => NodeFolder.open(join(context.dataFolder, "node"));

async function start(context: CommandContext, options: StartOptions, version: string): Promise<ExitCode> {
  checkOptions(options);
  const folder = await folderOf(context);
  const release = lockFolder(folder.path, "the node of process");
  try {
    return await startIn(folder, context, options, version);
  } finally {
    release();
  }
}

async function startIn(
  folder: NodeFolder,
  context: CommandContext,
  options: StartOptions,
  version: string,
): Promise<ExitCode> {
  const { output, stopped, clock } = context;
  const caps = capsOf(options);
  const { country, place } = options;
  const server = await context.server();
  const node = await RunningNode.open({
    server,
    signer: await signerFromSeed(await readSeed(context, options.keypair, true)),
    facts: { ...(country && { country }), ...(place && { place }) },
    lent: await lentBy(context, options),
    folder,
    caps,
    clock,
    minuteOf,
    isMetered: keptMetered(thisSystem, clock),
    onEvent: (event) => {
      output.line(printable(textOf(event)));
      if (event.kind === "paid") output.live(`${earnedText(node.status)} so far`);
    },
    stopped,
  });
  const page = await openStatusPage({
    port: options.statusPort,
    status: () => node.status,
    caps,
    folder,
    isPaused: () => folder.isPaused,
    pageOrigin: new URL(server).origin,
  });
  output.line(`Node ${node.status.address}, shown at ${page.url}`);
  const looking = lookForUpdates(options, version, (line) => output.line(printable(line)));
  try {
    await node.run();
  } finally {
    clearInterval(looking);
    page.close();
  }
  output.liveEnd();
  const { lendings, today } = node.status;
  output.line(earnedText(node.status));
  output.result({ ok: true, lendings, today });
  return exitCodes.ok;
}

async function lentBy(context: CommandContext, options: StartOptions): Promise<Lent> {
  const { kinds, gateway } = options;
  const client = await context.client();
  return {
    ...(kinds.includes("bandwidth") && gateway && { line: { gateway, dial: dialInternet } }),
    // One thread: of what takes more than one processor no share of one can be kept.
    ...(kinds.includes("compute") && { computer: () => new ComputeSolver(client, new Sandbox({ threads: 1 })) }),
    ...(kinds.includes("energy") && { meter: meterOf(context, options) }),
  };
}

function meterOf(context: CommandContext, options: StartOptions): MeterSource {
  const { meter = "", meterId = "", meterUnit = "kWh", meterInterval = 1, meterUtcOffset, meterPart } = options;
  const file = { unit: meterUnit, intervalMs: meterInterval * 60_000, utcOffsetMinutes: meterUtcOffset };
  return { digest: meterId, covers: meterPart ? "part" : "whole", read: () => readMeter(context.path(meter), file) };
}

const earnedText = ({ lendings }: NodeStatus): string =>
  lendings
    .map(({ lending, paid, unpaid, earned }) => `${lending}: ${earned} earned, ${paid} paid, ${unpaid} not`)
    .join("; ");

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
      return `${event.lending}: connected to ${event.to}`;
    case "disconnected":
      return `${event.lending}: disconnected (${event.problem}); again in ${Math.round(event.againMs / 1_000)} s`;
    case "standing":
      return `${event.lending}: ${event.check === null ? "in its usual place again" : `others come first: ${event.check}`}`;
    case "idle":
      return `${event.lending}: nothing to do: ${event.why}`;
    case "begun":
      return `${event.lending}: began ${event.slot} of "${event.title}"`;
    case "paid":
      return `${event.lending}: +${event.reward}: ${doneText(event)} for "${event.title}"`;
    case "unpaid":
      return `${event.lending}: unpaid (${event.reason ?? event.state}): ${doneText(event)} for "${event.title}"`;
    case "held":
      return `${event.lending}: waits for its verdict: ${doneText(event)} for "${event.title}"`;
    case "refused":
      return `bandwidth: the gateway refuses ${event.slot}: ${event.code}`;
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
    ["when", "kind", "market", "done", "state", "reward"],
    lines.map((line) => {
      const { timeMs, lending, title, state, reward, ...done } = line as unknown as SlotLine;
      return [new Date(timeMs).toISOString(), lending, title, doneText(done), state, reward].map(text);
    }),
  );
  context.output.result({ ok: true, lines });
  return exitCodes.ok;
}

async function install(context: CommandContext, options: StartOptions): Promise<ExitCode> {
  checkOptions(options);
  // Before the unit runs: its key must be there for the person to keep.
  await readSeed(context, options.keypair, true);
  const script = process.argv[1];
  const program = [process.execPath, ...nodeFlags, ...(script === undefined ? [] : [script]), "node", "start"];
  const places = ["--data", context.dataFolder, "--server", await context.server()];
  const unit = unitText([...program, ...wordsOf(options, context), ...places], (await folderOf(context)).path, {
    isComputing: options.kinds.includes("compute"),
    processorPercent: options.cpu,
  });
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
