import { basename } from "node:path";
import { type Answer, answer as answerSchema } from "../../contract/ask.ts";
import { acknowledgement } from "../../contract/receipts.ts";
import { result } from "../../contract/results.ts";
import { formatAmount } from "../../core/amount.ts";
import type { Bytes32 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { CommandContext } from "../context.ts";
import { isSignedBy, publicKeyOf } from "../crypto.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { parseMarket } from "../parse-options.ts";
import { AcknowledgementCheck, type VerifySignature } from "../receipts/check-acknowledgement.ts";
import { homeToken, ReceiptCheck, type ReceiptCounts } from "../receipts/check-receipt.ts";
import { ResultCheck } from "../receipts/check-result.ts";
import { formatDecimal } from "../receipts/decimal.ts";
import { exportReceipts } from "../receipts/export-receipts.ts";
import { type MarketFacts, readMarketFacts } from "../receipts/market-facts.ts";
import { readRows } from "../receipts/read-rows.ts";
import { readHeader, readReceiptRow } from "../receipts/receipts-file.ts";
import { NoReceipt, Refused, refuse } from "../receipts/refused.ts";
import { findTrust, type Trusted, type TrustedToken, type TrustOptions, type TrustOrigin } from "../receipts/trust.ts";

interface VerifyOptions extends TrustOptions {
  readonly log?: string;
}

/** Failures beyond these are counted only. */
const failuresShown = 1_000;
/** So many rows in a row that are no receipts: the file is another one, or a broken one, however long it is. */
const strangeRowsMax = 1_000;

export const addReceipts: AddCommand = (program, run) => {
  const receipts = program.command("receipts").description("Keep and check receipts: proofs of work, verdict and pay");
  examples(
    receipts
      .command("verify")
      .description("Verify receipts and exported results without asking any server")
      .argument("<file...>", "Receipts by `earnest receipts export`, or exported results (JSON lines or CSV)")
      .option("--rpc <url>", "Ask this chain's accounts whom to trust: attestors, and the pool's last commit")
      .option("--network <file>", "Whom to trust, as GET /v1/network answers (default: what the profile kept)")
      .option("--signer <key>", "The network's signing key (default: the network's)")
      .option("--log <file>", "The market's exported log: also checks prices, labels and contributors' keys")
      .action(run(verifyReceipts)),
    "earnest receipts verify receipts.jsonl --rpc https://api.devnet.solana.com",
    "earnest receipts verify results.csv --log market.log --json",
  );
  examples(
    receipts
      .command("export")
      .description("Write a market's receipts to a file: one for each submission with a verdict, rejected ones too")
      .argument("<market>", "The market's id", parseMarket)
      .option("-o, --out <file>", "Write to a file (default: standard output)")
      .action(run(exportReceipts)),
    "earnest receipts export 00112233445566778899aabbccddeeff -o receipts.jsonl",
  );
};

interface Summary {
  verified: number;
  failures: number;
  paidAnswers: number;
  /** What exported results say was paid, by market: markets pay in different tokens, and a row does not say in which. */
  readonly totals: Map<string, bigint>;
  readonly failed: { readonly where: string; readonly reason: string }[];
}

async function verifyReceipts(
  context: CommandContext,
  options: VerifyOptions,
  files: readonly string[],
): Promise<ExitCode> {
  context.output.promise({ verified: 0, failures: 0, failed: [] });
  const trusted = await findTrust(context, options, files);
  const verify = signatureCheck(trusted.signer);
  const { log } = options;
  const facts = log === undefined ? new Map<string, MarketFacts>() : await readMarketFacts(context.path(log), verify);
  const binary = new ReceiptCheck(trusted.trustOf);
  const check = rowCheck(verify, facts, binary);
  const summary: Summary = { verified: 0, failures: 0, paidAnswers: 0, totals: new Map(), failed: [] };
  try {
    for (const file of files) await verifyFile(context, file, check, summary);
  } finally {
    context.output.liveEnd();
  }
  return report(context, files, summary, { ...trusted, counts: binary.counts });
}

/** @throws MALFORMED_FILE where the file holds something else than receipts */
async function verifyFile(context: CommandContext, file: string, check: RowCheck, summary: Summary): Promise<void> {
  const path = context.path(file);
  let strange: { readonly first: string; rows: number } | null = null;
  for await (const row of readRows(path, basename(file))) {
    context.stopped.throwIfAborted();
    if ("value" in row && readHeader(row.value) !== null) continue;
    const found = "problem" in row ? new NoReceipt(row.problem) : await check(row.value, file, summary);
    if (found !== null) fail(summary, row.where, found.message);
    if (!(found instanceof NoReceipt)) strange = null;
    else {
      strange ??= { first: `${row.where}: ${found.message}`, rows: 0 };
      strange.rows++;
      if (strange.rows === strangeRowsMax) throw noReceipts(path, strange.first);
    }
    if ((summary.verified + summary.failures) % 100 === 0) {
      context.output.live(`${summary.verified + summary.failures} receipts checked`);
    }
  }
}

function noReceipts(path: string, first: string): Error {
  const problem = `${strangeRowsMax} rows in a row are no receipts, the first at ${first}`;
  return earnestError("MALFORMED_FILE", { path, problem });
}

function signatureCheck(signer: Bytes32 | null): VerifySignature {
  if (signer === null) return () => refuse("the network's signing key is not known");
  const key = publicKeyOf(signer);
  return (message, signature) => isSignedBy(key, message, signature);
}

type RowCheck = (value: Json, file: string, summary: Summary) => Promise<Error | null>;

/** Checks one row and adds it up; gives what is wrong where it is not good. */
function rowCheck(verify: VerifySignature, facts: ReadonlyMap<string, MarketFacts>, receipts: ReceiptCheck): RowCheck {
  const acknowledgements = new AcknowledgementCheck(verify);
  const results = new ResultCheck(facts);
  const checkRow = (value: Json, file: string, summary: Summary): void => {
    const binary = readReceiptRow(value);
    if (binary !== null) {
      receipts.check(binary);
      return;
    }
    const row = result.safeParse(value);
    if (row.success) {
      const { market } = row.data.receipt;
      const paid = results.check(row.data, acknowledgements.check(row.data.receipt), file);
      summary.totals.set(market, (summary.totals.get(market) ?? 0n) + paid);
      summary.paidAnswers = results.paidAnswers;
      return;
    }
    const answered = answerSchema.safeParse(value);
    const bare = acknowledgement.safeParse(value);
    if (answered.success) checkAnswer(answered.data, acknowledgements);
    else if (bare.success) acknowledgements.check(bare.data);
    else {
      const [issue] = row.error.issues;
      throw new NoReceipt(`it is not a receipt (${[...(issue?.path ?? []), issue?.message].join(": ")})`);
    }
  };
  return async (value, file, summary) => {
    const binary = readReceiptRow(value);
    // Outside of what follows: a chain that cannot be asked is no fault of a receipt's.
    if (binary !== null) await receipts.meet(binary);
    try {
      checkRow(value, file, summary);
      summary.verified++;
      return null;
    } catch (error) {
      // Numbers and slots that cannot be read throw errors of their own: all of them make a receipt no good.
      if (error instanceof Refused || isReadError(error)) return error as Error;
      throw error;
    }
  };
}

function checkAnswer({ receipt, task }: Answer, acknowledgements: AcknowledgementCheck): void {
  if (receipt === null) refuse("it holds no receipt");
  const entries = [...acknowledgements.check(receipt).values()];
  if (!entries.some((entry) => "task" in entry && entry.task === task)) refuse(`no entry is about task ${task}`);
}

const isReadError = (error: unknown): boolean => error instanceof Error && "code" in error && "next" in error;

function fail(summary: Summary, where: string, reason: string): void {
  summary.failures++;
  if (summary.failed.length < failuresShown) summary.failed.push({ where, reason });
}

interface Found extends Trusted {
  readonly counts: ReceiptCounts;
}

const origins: Readonly<Record<TrustOrigin, string>> = {
  chain: "Attestors and last commit are those of the chain.",
  "network file": "Whom to trust is what the network's file says.",
  profile: "Whom to trust is what `earnest login` kept.",
  receipts:
    "Nobody but the receipts says whom to trust: they agree with themselves. Give --rpc or --network to know more.",
  none: "",
};

function report(
  { output }: CommandContext,
  files: readonly string[],
  summary: Summary,
  { origin, tokens, counts }: Found,
): ExitCode {
  const { verified, failures, failed, paidAnswers } = summary;
  const totals = [...summary.totals].map(([market, sum]) => ({ market, total: formatDecimal(sum) }));
  const total = totals.length > 1 ? null : (totals[0]?.total ?? "0");
  const { colours } = output;
  const isOk = failures === 0;
  for (const { where, reason } of failed.slice(0, 20)) output.line(`${colours.red("✗")} ${where}: ${reason}`);
  if (failures > 20) output.line(`  … and ${failures - 20} more`);
  const slots = counts.completed + counts.first;
  const isResults = slots === 0 || paidAnswers > 0;
  const sum = total === null ? `in ${totals.length} markets` : `${total} in all`;
  const paid = isResults ? `: ${paidAnswers} paid answers, ${sum}` : "";
  output.line(
    isOk
      ? `${colours.green("✓")} ${verified} receipts are good${paid}`
      : `${failures} of ${verified + failures} receipts are not good`,
  );
  if (total === null) for (const each of totals) output.line(colours.dim(`  ${each.total} in market ${each.market}`));
  if (slots > 0) output.line(colours.dim(`  ${wordsOf(counts, tokens)}`));
  if (origins[origin] !== "" && slots > 0) output.note(origins[origin]);
  const { completed, first, verdicts, reasons } = counts;
  const paidIn = paidByToken(counts, tokens).map((each) => ({ mint: each.mint, paid: `${each.sum}` }));
  // Of several tokens there is no sum.
  const paidAll = paidIn.length > 1 ? null : (paidIn[0]?.paid ?? "0");
  const submissions = { completed, first, verdicts, reasons, paid: paidAll, paidIn };
  const checked = { ok: isOk, files, verified, failures, failed };
  output.result({ ...checked, paidAnswers, total, totals, trust: origin, submissions });
  return isOk ? exitCodes.ok : exitCodes.failed;
}

/** What was paid in each token; of those of an unknown network neither decimals nor the home token's mint are known. */
const paidByToken = ({ paid }: ReceiptCounts, tokens: readonly TrustedToken[]) =>
  [...paid].map(([name, sum]) => {
    const known = tokens.find(({ mint, isHome }) => (name === homeToken ? isHome : mint === name));
    return { mint: known?.mint ?? (name === homeToken ? null : name), decimals: known?.decimals ?? null, sum };
  });

/** What became of the submissions, and why of those that were not accepted. */
function wordsOf(counts: ReceiptCounts, tokens: readonly TrustedToken[]): string {
  const { completed, first, verdicts, reasons } = counts;
  const list = (of: Readonly<Record<string, number>>): string =>
    Object.entries(of)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `${count} ${name}`)
      .join(", ");
  const why = Object.keys(reasons).length === 0 ? "" : ` (${list(reasons)})`;
  const paid = paidByToken(counts, tokens);
  const amounts = paid.map(({ mint, decimals, sum }) => {
    const amount = decimals === null ? `${sum} base units` : formatAmount(sum, decimals);
    return paid.length === 1 ? amount : `${amount} of ${mint ?? "the home token"}`;
  });
  return `${completed} under a commit, ${first} under a signed head; ${list(verdicts)}${why}; ${amounts.join(", ")} paid`;
}
