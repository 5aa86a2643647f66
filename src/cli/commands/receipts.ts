import { basename } from "node:path";
import { type Answer, answer as answerSchema } from "../../contract/ask.ts";
import { acknowledgement } from "../../contract/receipts.ts";
import { result } from "../../contract/results.ts";
import { bytes32, fromBase58 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { CommandContext } from "../context.ts";
import { isSignedBy, parsePublicKey, publicKeyOf } from "../crypto.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { AcknowledgementCheck, type VerifySignature } from "../receipts/check-acknowledgement.ts";
import { ResultCheck } from "../receipts/check-result.ts";
import { formatDecimal } from "../receipts/decimal.ts";
import { type MarketFacts, readMarketFacts } from "../receipts/market-facts.ts";
import { readRows } from "../receipts/read-rows.ts";
import { Refused, refuse } from "../receipts/refused.ts";

interface VerifyOptions {
  readonly signer?: string;
  readonly log?: string;
}

/** Failures beyond these are counted only. */
const failuresShown = 1_000;

export const addReceipts: AddCommand = (program, run) => {
  const receipts = program.command("receipts").description("Check receipts: proofs of work, verdict and pay");
  examples(
    receipts
      .command("verify")
      .description("Verify exported receipts without asking any server")
      .argument("<file...>", "Exported results (JSON lines or CSV), or receipts as JSON lines")
      .option("--signer <key>", "The network's signing key (default: the profile's)")
      .option("--log <file>", "The market's exported log: also checks prices, labels and contributors' keys")
      .action(run(verifyReceipts)),
    "earnest receipts verify results.jsonl",
    "earnest receipts verify results.csv --log market.log --json",
  );
};

interface Summary {
  verified: number;
  failures: number;
  paidAnswers: number;
  total: bigint;
  readonly failed: { readonly where: string; readonly reason: string }[];
}

async function verifyReceipts(
  context: CommandContext,
  { signer, log }: VerifyOptions,
  files: readonly string[],
): Promise<ExitCode> {
  const verify = await signatureCheck(context, signer);
  const facts = log === undefined ? new Map<string, MarketFacts>() : await readMarketFacts(context.path(log), verify);
  const check = rowCheck(verify, facts);
  const summary: Summary = { verified: 0, failures: 0, paidAnswers: 0, total: 0n, failed: [] };
  for (const file of files) {
    for await (const row of readRows(context.path(file), basename(file))) {
      context.stopped.throwIfAborted();
      const reason = "problem" in row ? row.problem : check(row.value, file, summary);
      if (reason !== null) fail(summary, row.where, reason);
      context.output.live(`${summary.verified + summary.failures} receipts checked`);
    }
  }
  context.output.liveEnd();
  return report(context, files, summary);
}

async function signatureCheck(context: CommandContext, signer: string | undefined): Promise<VerifySignature> {
  const known = (await context.profile())?.network?.signer;
  if (signer === undefined && known === undefined) {
    throw earnestError("MALFORMED_COMMAND", {
      problem: "The network's signing key is not known",
      mend: "Give it with --signer, or run `earnest login` once to keep it in the profile.",
    });
  }
  const raw = signer === undefined ? bytes32(fromBase58(known ?? "")) : parsePublicKey(signer, "a signing key");
  const key = publicKeyOf(raw);
  return (message, signature) => isSignedBy(key, message, signature);
}

type RowCheck = (value: Json, file: string, summary: Summary) => string | null;

/** Checks one row and adds it up; gives the reason where it is not good. */
function rowCheck(verify: VerifySignature, facts: ReadonlyMap<string, MarketFacts>): RowCheck {
  const acknowledgements = new AcknowledgementCheck(verify);
  const results = new ResultCheck(facts);
  const checkRow = (value: Json, file: string, summary: Summary): void => {
    const row = result.safeParse(value);
    if (row.success) {
      summary.total += results.check(row.data, acknowledgements.check(row.data.receipt), file);
      summary.paidAnswers = results.paidAnswers;
      return;
    }
    const answered = answerSchema.safeParse(value);
    const bare = acknowledgement.safeParse(value);
    if (answered.success) checkAnswer(answered.data, acknowledgements);
    else if (bare.success) acknowledgements.check(bare.data);
    else {
      const [issue] = row.error.issues;
      refuse(`it is not a receipt (${[...(issue?.path ?? []), issue?.message].join(": ")})`);
    }
  };
  return (value, file, summary) => {
    try {
      checkRow(value, file, summary);
      summary.verified++;
      return null;
    } catch (error) {
      // Numbers and slots that cannot be read throw errors of their own: all of them make a receipt no good.
      if (error instanceof Refused || isReadError(error)) return (error as Error).message;
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

function report({ output }: CommandContext, files: readonly string[], summary: Summary): ExitCode {
  const { verified, failures, failed, paidAnswers } = summary;
  const total = formatDecimal(summary.total);
  const { colours } = output;
  const isOk = failures === 0;
  for (const { where, reason } of failed.slice(0, 20)) output.line(`${colours.red("✗")} ${where}: ${reason}`);
  if (failures > 20) output.line(`  … and ${failures - 20} more`);
  output.line(
    isOk
      ? `${colours.green("✓")} ${verified} receipts are good: ${paidAnswers} paid answers, ${total} in all`
      : `${failures} of ${verified + failures} receipts are not good`,
  );
  output.result({ ok: isOk, files, verified, failures, failed, paidAnswers, total });
  return isOk ? exitCodes.ok : exitCodes.failed;
}
