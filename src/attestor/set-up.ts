import { Earnest } from "../client/earnest.ts";
import type { ClientOptions } from "../client/options.ts";
import { type Bytes32, bytes32, fromBase58, fromHex, toBase58 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { readPool } from "../rails/solana/escrow/accounts.ts";
import { type Escrow, openEscrow, readProgramHash } from "../rails/solana/escrow/escrow.ts";
import type { PoolAddresses } from "../rails/solana/program/instructions.ts";
import type { AttestorFolder } from "./folder.ts";
import { checkPins, type Pins, pinLines } from "./pins.ts";

/** What somebody knows of the network, so that neither server nor node has to be believed at the first start. */
export type ExpectedPins = Partial<Omit<Pins, "key">>;

export interface SetUpOptions {
  readonly folder: AttestorFolder;
  readonly key: Bytes32;
  readonly expected: ExpectedPins;
  readonly client: Escrow["client"];
  readonly payer: Escrow["payer"];
  readonly server: ClientOptions;
  readonly say: (line: string) => void;
}

export interface SetUp {
  readonly pins: Pins;
  readonly escrow: Escrow;
}

/**
 * Pins the network at the first start, and says so; later it makes sure that everything still is what was pinned.
 *
 * @throws PIN_MISMATCH; PROGRAM_NOT_FOUND; ESCROW_TERMS_MISMATCH where the pool is another network's; CHAIN_UNAVAILABLE;
 * what the server's client throws where nobody else says which network it is
 */
export async function setUp(options: SetUpOptions): Promise<SetUp> {
  const { folder, key, expected, say } = options;
  const before = await folder.pins();
  if (before !== null) checkPins(folder.path, before, { key, ...expected });
  const told = await serverPins(options, before !== null || isComplete(expected));
  if (before !== null && told !== null) checkPins(folder.path, before, told);
  const place = { ...told, ...expected, ...before } as Pick<Pins, "network" | "pool" | "program">;
  const escrow = await open(options, place.program);
  const found = { cluster: fromAddress(escrow.cluster), programHash: await programHash(options, place.program) };
  const pins: Pins = before ?? { ...found, ...place, ...expected, key };
  checkPins(folder.path, pins, found);
  await checkPool(escrow, pins);
  if (before === null) {
    await folder.storePins(pins);
    say("First start: from now on this attestor follows nothing but");
    for (const line of pinLines(pins)) say(`  ${line}`);
  }
  return { pins, escrow };
}

const isComplete = ({ network, pool, program }: ExpectedPins): boolean =>
  network !== undefined && pool !== undefined && program !== undefined;

/** What the server says it is; null where it does not answer and need not. */
async function serverPins({ server }: SetUpOptions, isKnown: boolean): Promise<ExpectedPins | null> {
  try {
    const { cluster, network, pool, program } = await new Earnest(server).network();
    const [clusterPin, networkPin, poolPin, programPin] = [cluster, network, pool, program].map(fromAddress) as [
      Bytes32,
      Bytes32,
      Bytes32,
      Bytes32,
    ];
    return { cluster: clusterPin, network: networkPin, pool: poolPin, program: programPin };
  } catch (error) {
    if (isKnown) return null;
    throw error;
  }
}

const fromAddress = (text: string): Bytes32 => bytes32(fromBase58(text));

const open = ({ client, payer }: SetUpOptions, program: Bytes32): Promise<Escrow> =>
  openEscrow({ client, payer, program: toBase58(program) as Escrow["program"], cluster: null, sha256: null });

const programHash = async ({ client }: SetUpOptions, program: Bytes32): Promise<Bytes32> =>
  bytes32(fromHex(await readProgramHash(client, toBase58(program) as Escrow["program"])));

async function checkPool(escrow: Escrow, pins: Pins): Promise<void> {
  const address = toBase58(pins.pool);
  const { network: found } = await readPool(escrow, address as PoolAddresses["pool"], "finalized");
  const expected = toBase58(pins.network);
  if (found === expected) return;
  throw earnestError("ESCROW_TERMS_MISMATCH", { kind: "pool", address, field: "the network", found, expected });
}
