import { isIP } from "node:net";
import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { attest } from "../attestor/attest.ts";
import { type AttestorEvent, eventJson, eventText } from "../attestor/events.ts";
import type { ExpectedPins } from "../attestor/set-up.ts";
import { readSeed } from "../cli/commands/login.ts";
import { type CommandContext, serverUrl } from "../cli/context.ts";
import { examples } from "../cli/examples.ts";
import { type ExitCode, exitCodes } from "../cli/exit-codes.ts";
import type { AddCommand } from "../cli/options.ts";
import { jsonLine } from "../cli/output.ts";
import { parsePort } from "../cli/parse-options.ts";
import { type Bytes32, bytes32, fromBase58, fromHex, toBase58 } from "../core/bytes.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { sha256, verifyEd25519 } from "./crypto.ts";
import { aborted } from "./interrupts.ts";

interface Options {
  readonly rpc: string;
  readonly keypair: string;
  readonly network?: Bytes32;
  readonly pool?: Bytes32;
  readonly program?: Bytes32;
  readonly programHash?: Bytes32;
  readonly listen: Listen;
  readonly peer?: readonly string[];
  readonly grace: number;
  readonly keep: number;
}

interface Listen {
  readonly host: string;
  readonly port: number;
}

const listenOption = new Option("--listen <host:port>", "Where to serve leaf files and proofs")
  .argParser(parseListen)
  .default({ host: "127.0.0.1", port: 4700 } satisfies Listen, "127.0.0.1:4700");

/** `earnest attest`: an attestor in a process of its own, on a machine of somebody else than the operator. */
export const attestCommand: AddCommand = (program, run) => {
  const command = program
    .command("attest")
    .description("Replay a network's log, sign the commits that come out alike, and serve proofs to who is paid")
    .requiredOption("--rpc <url>", "Your own Solana node: not the operator's")
    .requiredOption("--keypair <file>", "The attestor's keypair file (of solana-keygen); pays if it sends a commit");
  addPins(command)
    .addOption(listenOption)
    .option("--peer <url>", "Another attestor, to exchange signatures with (repeatable)", collect)
    .option("--grace <seconds>", "Time the operator has to send a signed commit", parseCount, 60)
    .option("--keep <number>", "Leaf files to keep", parseCount, 100)
    .action(run<[], Options>(runAttestor));
  examples(
    command,
    "earnest attest --server https://earnest.example --rpc https://rpc.example --keypair attestor.json",
    "earnest attest --server http://127.0.0.1:4500 --rpc http://127.0.0.1:4501 --keypair a.json --data a --listen 127.0.0.1:0",
  );
};

const addPins = (command: Command): Command =>
  command
    .option("--network <address>", "The network's account; taken from the server at the first start", parseAddress)
    .option("--pool <address>", "The pool's account; likewise", parseAddress)
    .option("--program <address>", "The escrow program; likewise", parseAddress)
    .option("--program-hash <hex>", "SHA-256 of the program; taken from the chain at the first start", parseHash);

async function runAttestor(context: CommandContext, options: Options): Promise<ExitCode> {
  const { output, stopped } = context;
  const { network, pool, program, programHash } = options;
  const given = { network, pool, program, programHash };
  const expected: ExpectedPins = Object.fromEntries(Object.entries(given).filter(([, pin]) => pin !== undefined));
  const counts = { signed: 0, refused: 0, abstained: 0 };
  const tell = (event: AttestorEvent): void => {
    if (event.type in counts) counts[event.type as keyof typeof counts]++;
    if (output.isJson) output.rows(jsonLine(eventJson(event))).catch(() => undefined);
    else output.line(eventText(event));
  };
  const sandbox = new Sandbox();
  const attesting = await attest({
    sandbox,
    server: await context.server(),
    rpcUrl: serverUrl(options.rpc),
    seed: await readSeed(context, options.keypair),
    folder: join(context.dataFolder, "attestor"),
    expected,
    listen: options.listen,
    peers: (options.peer ?? []).map(serverUrl),
    graceMs: options.grace * 1_000,
    keep: Math.max(options.keep, 4),
    hash: sha256,
    verify: verifyEd25519,
    clock: context.clock,
    tell,
    say: (line) => output.note(line),
    signal: stopped,
  });
  const { pins, url } = attesting;
  output.line(
    `Attesting for pool ${toBase58(pins.pool)} as ${toBase58(pins.key)}; proofs at ${url}   (Ctrl-C ends it)`,
  );
  await aborted(stopped);
  output.note("Finishing what is in flight.");
  await attesting.close();
  await sandbox.close();
  output.result({ ok: true, key: toBase58(pins.key), pool: toBase58(pins.pool), ...counts });
  return exitCodes.ok;
}

const parseWith =
  (what: string, read: (text: string) => Uint8Array) =>
  (text: string): Bytes32 => {
    try {
      return bytes32(read(text));
    } catch {
      throw new InvalidArgumentError(`It must be ${what}.`);
    }
  };

const parseAddress = parseWith("an address in base58", fromBase58);
const parseHash = parseWith("64 hexadecimal digits", fromHex);

function parseListen(text: string): Listen {
  const [, host = "", port = ""] = /^\[?([^\]]+?)\]?:(\d+)$/.exec(text) ?? [];
  if (host === "" || (isIP(host) === 0 && !/^[a-z0-9.-]+$/i.test(host))) {
    throw new InvalidArgumentError("It must be a host and a port, such as 127.0.0.1:4700.");
  }
  return { host, port: parsePort(port) };
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];
