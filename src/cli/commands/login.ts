import { randomBytes } from "node:crypto";
import { Contributor } from "../../client/contributor.ts";
import { Earnest } from "../../client/earnest.ts";
import { type Signer, signerFromSeed } from "../../client/keys.ts";
import { fromHex, toBase58 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { canPrompt, promptSecret } from "../confirm.ts";
import type { CommandContext } from "../context.ts";
import { credentialsPath, type Profile, writeProfile } from "../credentials.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { readTextFile, writeFileWhole } from "../files.ts";
import type { AddCommand } from "../options.ts";
import { showKey } from "../show.ts";

interface LoginOptions {
  readonly keypair?: string;
  readonly create?: true;
}

export const addLogin: AddCommand = (program, run) => {
  examples(
    program
      .command("login")
      .description("Keep credentials for a server in the profile: an API key, or what a Solana keypair signs in to")
      .option("--keypair <file>", "Sign in with this keypair file (of solana-keygen), and make an API key")
      .option("--create", "Make the keypair file where there is none")
      .action(run(login)),
    "earnest login --server https://earnest.example",
    "earnest login --keypair ~/.config/solana/id.json",
  );
};

async function login(context: CommandContext, { keypair, create }: LoginOptions): Promise<ExitCode> {
  const { output } = context;
  const server = await context.server();
  const made = keypair === undefined ? await withApiKey(context) : await withKeypair(context, keypair, create === true);
  const network = await new Earnest(await context.clientOptions()).network();
  const profile: Profile = { server, network, ...made };
  await writeProfile(context.dataFolder, context.profileName, profile);
  const file = credentialsPath(context.dataFolder);
  const who = made.session === null ? "an API key" : showKey(made.session.key);
  output.line(`${output.colours.green("✓")} ${server} as ${who}; kept in ${file}`);
  if (network.canFreeze === true) output.note("The issuer of this network's token can freeze accounts that hold it.");
  output.result({ ok: true, server, profile: context.profileName, file, key: made.session?.key ?? null });
  return exitCodes.ok;
}

type Made = Pick<Profile, "apiKey" | "session">;

/** A key is tried before it is kept. */
async function withApiKey(context: CommandContext): Promise<Made> {
  const apiKey = context.environmentKey ?? (await readKey(context));
  await new Earnest({ ...(await context.clientOptions()), apiKey }).apiKeys.list().page();
  return { apiKey, session: null };
}

async function readKey(context: CommandContext): Promise<string> {
  const given = canPrompt(context) ? await promptSecret(context, "API key: ") : await readInput(context);
  const key = given.trim();
  if (/^earnest_(test|live)_[\w-]+$/.test(key)) return key;
  throw earnestError("MALFORMED_COMMAND", {
    problem: key === "" ? "No API key was given" : "That is not an API key",
    mend: "Pipe one to standard input, or sign in with --keypair FILE.",
  });
}

async function readInput({ io }: CommandContext): Promise<string> {
  if (io.stdin.isTTY === true) return "";
  let text = "";
  for await (const piece of io.stdin) {
    text += piece.toString();
    if (text.length > 10_000) break;
  }
  return text;
}

async function withKeypair(context: CommandContext, file: string, isCreated: boolean): Promise<Made> {
  const signer = await readKeypair(context, file, isCreated);
  const contributor = new Contributor({
    ...(await context.clientOptions()),
    signer,
    automated: true,
    sessionMs: monthMs,
  });
  const { token, expiresAtMs } = await contributor.signIn();
  const key = toBase58(signer.publicKey);
  const client = new Earnest({ ...(await context.clientOptions()), apiKey: token });
  const { secret } = await client.apiKeys.create({ name: "command line" });
  return { apiKey: secret, session: { token, key, expiresAtMs } };
}

const monthMs = 29 * 86_400_000;

/** The form of solana-keygen: 64 numbers, the seed and the public key. */
export const readKeypair = async (context: CommandContext, file: string, isCreated = false): Promise<Signer> =>
  await signerFromSeed(await readSeed(context, file, isCreated));

/** The 32 bytes that everything of a keypair file comes from. */
export async function readSeed(context: CommandContext, file: string, isCreated = false): Promise<Uint8Array> {
  const path = context.path(file);
  const text = await readTextFile(path, 10_000).catch(async (error: unknown) => {
    if (!isCreated || (error as { code?: string }).code !== "FILE_NOT_FOUND") throw error;
    return await createKeypair(path);
  });
  // As a server's data folder keeps its own.
  if (/^[0-9a-f]{64}\s*$/.test(text)) return fromHex(text.trim());
  const fail = (problem: string): never => {
    throw earnestError("MALFORMED_FILE", { path: file, problem, mend: "Name a keypair file of solana-keygen." });
  };
  let json: Json = null;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    fail("it is not a keypair file");
  }
  const isKeypair =
    Array.isArray(json) &&
    json.length === 64 &&
    json.every((each) => Number.isInteger(each) && each >= 0 && each < 256);
  if (!isKeypair) fail("it is not a keypair file");
  const bytes = Uint8Array.from(json as readonly number[]);
  const seed = bytes.slice(0, 32);
  const { publicKey } = await signerFromSeed(seed);
  if (toBase58(publicKey) !== toBase58(bytes.subarray(32))) fail("its public key is not that of its seed");
  return seed;
}

async function createKeypair(path: string): Promise<string> {
  const seed = randomBytes(32);
  const { publicKey } = await signerFromSeed(seed);
  const text = JSON.stringify([...seed, ...publicKey]);
  await writeFileWhole(path, `${text}\n`, 0o600);
  return text;
}
