import type { Command } from "commander";
import { formatAmount, parseAmount } from "../../core/amount.ts";
import { toBase58, toUtf8 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { createSolanaClient, type SolanaClient } from "../../rails/solana/client.ts";
import { readAccounts } from "../../rails/solana/escrow/accounts.ts";
import { issueToken, namesMax, type TokenNames } from "../../rails/solana/issue-token.ts";
import { tokenAddress } from "../../rails/solana/program/derived-addresses.ts";
import { isTokenProgram, readToken, type Token } from "../../rails/solana/read-token.ts";
import { readTokenAccounts } from "../../rails/solana/token-accounts.ts";
import { senderOf, signerFromSecret, transferTokens } from "../../rails/solana/tokens.ts";
import { type CommandContext, serverUrl } from "../context.ts";
import { parsePublicKey } from "../crypto.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { parseCount, parseTokenAmount } from "../parse-options.ts";
import { readSeed } from "./login.ts";

export const addToken: AddCommand = (program, run) => {
  const token = program.command("token").description("Tokens that markets pay in: issue one, look at it, spend it");
  examples(
    withNode(token.command("create"))
      .description("Issue a token: one transaction makes the mint and its supply; nobody can ever freeze it")
      .requiredOption("--keypair <file>", "Keypair file of the issuer, who pays and gets the supply")
      .requiredOption("--supply <tokens>", "How many tokens to make at once", parseTokenAmount)
      .option("--decimals <n>", "Decimals of a token", parseCount, 6)
      .option(
        "--name <name>",
        `Its name, up to ${namesMax.name} bytes: then it is a Token-2022 mint, which keeps it on chain`,
      )
      .option("--symbol <symbol>", `Its symbol, up to ${namesMax.symbol} bytes (with a name)`)
      .option("--metadata-uri <uri>", "Its picture and description, a JSON file (with a name)")
      .option(
        "--mint-authority <who>",
        "Who may make more: keep (the issuer), burn (nobody, ever) or an address",
        "keep",
      )
      .action(run(createToken)),
    "earnest token create --rpc http://127.0.0.1:8899 --keypair id.json --supply 1000000",
    'earnest token create --rpc URL --keypair id.json --supply 1000000 --name "Shelf Photos" --symbol SHELF',
  );
  examples(
    token
      .command("add")
      .description("Have the network pay in a token too: it opens the pool, and markets name the mint")
      .argument("<mint>", "The mint's address")
      .action(run<[string]>(takeIn)),
    "earnest token add MINT",
  );
  examples(
    withNode(token.command("show"))
      .description("What a token is, who may make more of it, and whether pools take it")
      .argument("<mint>", "The mint's address")
      .option("--wallet <address>", "Also what this wallet holds")
      .action(run(showToken)),
    "earnest token show MINT --rpc http://127.0.0.1:8899 --wallet ADDRESS",
  );
  examples(
    withNode(token.command("send"))
      .description("Spend tokens: to a wallet, whose token account is made where it has none")
      .argument("<mint>", "The mint's address")
      .requiredOption("--keypair <file>", "Keypair file of the wallet that holds them")
      .requiredOption("--to <address>", "The wallet that gets them")
      .requiredOption("--amount <tokens>", "How many tokens", parseTokenAmount)
      .option("--fee-payer <file>", "Keypair file of who pays fee and rent (default: the wallet itself)")
      .action(run(sendTokens)),
    "earnest token send MINT --rpc http://127.0.0.1:8899 --keypair me.json --to ADDRESS --amount 2.5",
  );
};

type Address = ReturnType<typeof tokenAddress>;
type Wallet = Awaited<ReturnType<typeof signerFromSecret>>;

interface NodeOptions {
  readonly rpc: string;
}

const withNode = (command: Command): Command => command.requiredOption("--rpc <url>", "A Solana node");

const nodeOf = ({ rpc }: NodeOptions): SolanaClient => createSolanaClient({ rpcUrl: serverUrl(rpc), attempts: 3 });

const signerOf = async (context: CommandContext, file: string): Promise<Wallet> =>
  await signerFromSecret(await readSeed(context, file));

const walletOf = (text: string): Address => toBase58(parsePublicKey(text, "a wallet's address")) as Address;

interface CreateOptions extends NodeOptions {
  readonly keypair: string;
  readonly supply: string;
  readonly decimals: number;
  readonly name?: string;
  readonly symbol?: string;
  readonly metadataUri?: string;
  readonly mintAuthority: string;
}

async function createToken(context: CommandContext, options: CreateOptions): Promise<ExitCode> {
  const { output } = context;
  const { decimals } = options;
  if (decimals > decimalsMax) throw malformed(`A token has at most ${decimalsMax} decimals`, "Use 6, as most do.");
  const supply = parseAmount(options.supply, decimals);
  const names = namesOf(options);
  const payer = await signerOf(context, options.keypair);
  const authority = authorityOf(options.mintAuthority, payer.address);
  if (supply === 0n && authority === null) {
    throw malformed("A token of which there is none and never will be is of no use", "Give a --supply.");
  }
  const client = nodeOf(options);
  const { mint, tokenProgram, account, signature } = await issueToken(senderOf(client, payer), {
    decimals,
    supply,
    names,
    authority,
  });
  // The mint alone on standard output: `MINT=$(earnest token create …)` works.
  output.line(mint);
  output.note(`${formatAmount(supply, decimals)} tokens are in ${account}. ${saidOfMinting(authority, payer.address)}`);
  output.result({
    ok: true,
    mint,
    tokenProgram,
    account,
    signature,
    decimals,
    supply: formatAmount(supply, decimals),
    mintAuthority: authority,
    metadata: names,
  });
  return exitCodes.ok;
}

/** More than any wallet shows. */
const decimalsMax = 18;

const malformed = (problem: string, mend: string) => earnestError("MALFORMED_COMMAND", { problem, mend });

function authorityOf(who: string, issuer: Address): Address | null {
  if (who === "keep") return issuer;
  return who === "burn" ? null : walletOf(who);
}

const saidOfMinting = (authority: Address | null, issuer: Address): string =>
  authority === null
    ? "Nobody can ever make more."
    : `${authority === issuer ? "You" : authority} can make more of them.`;

/** A classic mint keeps no names; one of Token-2022 is made to keep them. */
function namesOf({ name, symbol, metadataUri }: CreateOptions): TokenNames | null {
  if ((name ?? symbol ?? metadataUri) === undefined) return null;
  if (name === undefined || symbol === undefined) {
    throw malformed("A token has a name and a symbol, or neither", "Give --name and --symbol, or leave both out.");
  }
  const names = { name, symbol, uri: metadataUri ?? "" };
  for (const [what, most] of Object.entries(namesMax) as [keyof TokenNames, number][]) {
    if (toUtf8(names[what]).length <= most) continue;
    throw malformed(`The ${what} is longer than ${most} bytes, and wallets would cut it`, "Use a shorter one.");
  }
  return names;
}

interface ShowOptions extends NodeOptions {
  readonly wallet?: string;
}

async function takeIn(context: CommandContext, _: object, address: string): Promise<ExitCode> {
  const { output } = context;
  const mint = toBase58(parsePublicKey(address, "a mint's address"));
  const token = await (await context.client()).addToken({ mint });
  const { symbol, decimals, canFreeze } = token;
  output.line(`${output.colours.green("✓")} the network pays in ${symbol ?? mint}, with ${decimals} decimals`);
  if (canFreeze) output.note("Its issuer can freeze accounts that hold it: everybody who works for it is told.");
  output.note(`Markets pay in it whose description has "mint": "${mint}".`);
  output.result({ ok: true, token });
  return exitCodes.ok;
}

async function showToken(context: CommandContext, options: ShowOptions, mint: string): Promise<ExitCode> {
  const { output } = context;
  const wallet = options.wallet === undefined ? null : walletOf(options.wallet);
  const client = nodeOf(options);
  const token = await readToken(client, mint);
  const held = wallet === null ? null : await heldBy(client, token, wallet);
  const supply = formatAmount(token.supply, token.decimals);
  const { metadata, refusal } = token;
  const taken = refusal === null ? "yes" : `no: ${refusal}`;
  output.table(
    ["", ""],
    [
      ...(metadata === null ? [] : [["name", `${metadata.name} (${metadata.symbol})`]]),
      ...(metadata === null || metadata.uri === "" ? [] : [["metadata", metadata.uri]]),
      ["supply", `${supply}, with ${token.decimals} decimals`],
      ["program", token.extensions.length === 0 ? token.tokenProgram : `${token.tokenProgram} (Token-2022)`],
      ["can make more", token.mintAuthority ?? "nobody"],
      ["can freeze", token.freezeAuthority ?? "nobody"],
      ["pools take it", token.freezeAuthority === null ? taken : `${taken}, where the operator allows freezing`],
      ...(wallet === null || held === null ? [] : [[wallet, held]]),
    ],
  );
  output.result({ ok: true, ...token, supply, held });
  return exitCodes.ok;
}

async function heldBy(client: SolanaClient, token: Token, wallet: Address): Promise<string> {
  const account = tokenAddress(wallet, token.mint, token.tokenProgram);
  const [state] = await readTokenAccounts(client, [account], "confirmed");
  return formatAmount(state?.amount ?? 0n, token.decimals);
}

interface SendOptions extends NodeOptions {
  readonly keypair: string;
  readonly to: string;
  readonly amount: string;
  readonly feePayer?: string;
}

async function sendTokens(context: CommandContext, options: SendOptions, mint: string): Promise<ExitCode> {
  const { output } = context;
  const to = walletOf(options.to);
  const from = await signerOf(context, options.keypair);
  const payer = options.feePayer === undefined ? from : await signerOf(context, options.feePayer);
  const client = nodeOf(options);
  const token = await readToken(client, mint);
  const amount = parseAmount(options.amount, token.decimals);
  await requireWallet(client, to);
  const asMint = { address: token.mint, decimals: token.decimals, tokenProgram: token.tokenProgram };
  const signature = await transferTokens(client, { mint: asMint, from, to, amount, payer });
  const left = await heldBy(client, token, from.address);
  const sent = formatAmount(amount, token.decimals);
  output.line(`${output.colours.green("✓")} ${sent} ${token.metadata?.symbol ?? "tokens"} to ${to}; ${left} are left.`);
  output.result({ ok: true, signature, mint: token.mint, from: from.address, to, amount: sent, left });
  return exitCodes.ok;
}

/** A token account's own token account could hold tokens, and nobody could ever move them. */
async function requireWallet(client: SolanaClient, to: Address): Promise<void> {
  const [account] = (await readAccounts(client, [to], "confirmed")).accounts;
  if (!isTokenProgram(account?.owner)) return;
  throw malformed(`${to} is a token account or a mint, not a wallet`, "Name the wallet that owns it.");
}
