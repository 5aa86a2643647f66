import { extname } from "node:path";
import { formatAmount, parseAmount } from "../../core/amount.ts";
import { Sandbox } from "../../sandbox/sandbox.ts";
import { Computing, type Piece } from "../compute/computing.ts";
import type { CommandContext } from "../context.ts";
import { keypairOption } from "../contributor.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { readBinaryFile, readTextFile } from "../files.ts";
import type { AddCommand } from "../options.ts";
import { jsonLine } from "../output.ts";
import { parseMarket, parsePositive } from "../parse-options.ts";
import { ComputeSolver } from "../work/compute-solver.ts";
import { workBy } from "../work/work-by-solver.ts";

interface RunOptions {
  readonly module: string;
  readonly inputs: string;
}

interface WorkOptions {
  readonly keypair: string;
  readonly limit?: number;
  readonly stay?: true;
}

const programBytesMax = 1_048_576;
const inputsBytesMax = 64 * 1_048_576;
const id = "00112233445566778899aabbccddeeff";

export const addCompute: AddCommand = (program, run) => {
  const compute = program
    .command("compute")
    .description("Have others run a program over many inputs, or run programs for others");
  examples(
    compute
      .command("run")
      .description("Have a market run a program on each line of a file; a line of JSON for each result")
      .argument("<market>", "An open market of the kind compute", parseMarket)
      .requiredOption("--module <file>", "The program: a script, or a module where it ends in .wasm")
      .requiredOption("--inputs <file>", "The inputs, one a line")
      .action(run<[string], RunOptions>(runInputs)),
    `earnest compute run ${id} --module sum.js --inputs numbers.txt > results.jsonl`,
    `earnest compute run ${id} --module hash.wasm --inputs lines.txt --json`,
  );
  examples(
    compute
      .command("work")
      .description("Run programs of markets in the sandbox of this machine, and be paid for it")
      .argument("[market]", "Only this one (default: all with work, the best paid by the hour first)", parseMarket)
      .requiredOption(...keypairOption)
      .option("--limit <n>", "End after so many pieces", parsePositive)
      .option("--stay", "When there is no more work, wait for some")
      .action(run<[string | undefined], WorkOptions>(work)),
    `earnest compute work ${id} --keypair id.json`,
  );
};

async function runInputs(context: CommandContext, options: RunOptions, market: string): Promise<ExitCode> {
  const { output } = context;
  const client = await context.client();
  const language = extname(options.module) === ".wasm" ? "webassembly" : "javascript";
  const program = await readBinaryFile(context.path(options.module), programBytesMax);
  const text = await readTextFile(context.path(options.inputs), inputsBytesMax);
  const inputs = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (inputs.at(-1) === "") inputs.pop();
  const computing = new Computing(client, market);
  const { decimals } = await client.network();
  const spent = async (): Promise<bigint> => {
    const { earned, fee } = (await client.markets.get(market)).escrow;
    return parseAmount(earned, decimals) + parseAmount(fee, decimals);
  };
  const before = await spent();
  await computing.add(language, program, inputs);
  await computing.follow(context.stopped, async (piece: Piece, done: number) => {
    await output.rows(jsonLine({ piece: piece.number, ...piece.result }));
    output.live(`${done} of ${inputs.length} pieces, ${formatAmount((await spent()) - before, decimals)} so far`);
  });
  output.liveEnd();
  const cost = formatAmount((await spent()) - before, decimals);
  output.note(`${inputs.length} pieces computed for ${cost}`);
  output.result({ ok: true, market, pieces: inputs.length, cost });
  return exitCodes.ok;
}

async function work(context: CommandContext, options: WorkOptions, market?: string): Promise<ExitCode> {
  const solver = new ComputeSolver(await context.client(), new Sandbox());
  return await workBy(context, solver, options, market);
}
