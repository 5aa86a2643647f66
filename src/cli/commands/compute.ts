import { extname } from "node:path";
import { InvalidArgumentError } from "commander";
import { formatAmount, parseAmount } from "../../core/amount.ts";
import { fromUtf8, toBase64, toHex, toUtf8 } from "../../core/bytes.ts";
import { limits } from "../../market/admit.ts";
import { usualLimits } from "../../market/known.ts";
import { runBytes } from "../../sandbox/run-bytes.ts";
import { Sandbox } from "../../sandbox/sandbox.ts";
import { crashSignature } from "../../verification/crashes/signature.ts";
import { crashOfTrap } from "../../verification/crashes/trap.ts";
import { Computing, type Program } from "../compute/computing.ts";
import { chunks, grouped, lines, pieceBytesMax } from "../compute/pieces.ts";
import type { CommandContext } from "../context.ts";
import { keypairOption } from "../contributor.ts";
import { sha256 } from "../crypto.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { checkPlace, readBinaryFile, readTextFile, writeFileWhole } from "../files.ts";
import type { AddCommand } from "../options.ts";
import { jsonLine, printable } from "../output.ts";
import { parseMarket, parsePositive } from "../parse-options.ts";
import { ComputeSolver } from "../work/compute-solver.ts";
import { workBy } from "../work/work-by-solver.ts";

interface RunOptions {
  readonly module: string;
  readonly inputs: string;
  readonly pieceBytes?: number;
  readonly reduce?: string;
  readonly out?: string;
}

interface WorkOptions {
  readonly keypair: string;
  readonly limit?: number;
  readonly stay?: true;
}

interface TryOptions {
  readonly out?: string;
}

const inputsBytesMax = 64 * 1_048_576;
const id = "00112233445566778899aabbccddeeff";

export const addCompute: AddCommand = (program, run) => {
  const compute = program
    .command("compute")
    .description("Have others run a program over many inputs, or run programs for others");
  examples(
    compute
      .command("run")
      .description("Have a market run a program on each piece of a file; a line of JSON for each result")
      .argument("<market>", "An open market of the kind compute", parseMarket)
      .requiredOption("--module <file>", "The program: a script, or a module where it ends in .wasm")
      .requiredOption("--inputs <file>", "The inputs, a piece a line")
      .option("--piece-bytes <n>", "Pieces of so many bytes instead of lines", parsePieceBytes)
      .option("--reduce <file>", "A program that makes one result of several, as often as it takes until one is left")
      .option("--out <file>", "Write the results there, as they are and in the order of their pieces")
      .action(run<[string], RunOptions>(runInputs)),
    `earnest compute run ${id} --module sum.js --inputs numbers.txt > results.jsonl`,
    `earnest compute run ${id} --module count.js --inputs words.txt --reduce add.js`,
    `earnest compute run ${id} --module pack.wasm --inputs film.raw --piece-bytes 32768 --out film.packed --json`,
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
  examples(
    compute
      .command("try")
      .description(
        "Run a program on one input in the sandbox of this machine, as markets do; a crash has its signature",
      )
      .argument("<program>", "A script, or a module where it ends in .wasm")
      .argument("<input>", "Its input")
      .option("--out <file>", "Write the output there")
      .action(run<[string, string], TryOptions>(tryOnce)),
    "earnest compute try sum.js piece.bin",
    "earnest compute try parser.wasm proof.bin --json",
  );
};

const parsePieceBytes = (text: string): number => {
  const bytes = parsePositive(text);
  if (bytes <= pieceBytesMax) return bytes;
  throw new InvalidArgumentError(`At most ${pieceBytesMax}.`);
};

async function runInputs(context: CommandContext, options: RunOptions, market: string): Promise<ExitCode> {
  const { output } = context;
  const client = await context.client();
  const read = (path: string): Promise<Program> => readProgram(context.path(path));
  const program = await read(options.module);
  const reducer = options.reduce === undefined ? null : await read(options.reduce);
  const cut = options.pieceBytes === undefined ? lines : chunks(options.pieceBytes);
  const out = options.out === undefined ? null : context.path(options.out);
  if (out !== null) await checkPlace(out);
  const pieces = cut.split(await readInputs(context.path(options.inputs), cut === lines));
  const { decimals } = await client.network();
  const spent = async (): Promise<bigint> => {
    const { earned, fee } = (await client.markets.get(market)).escrow;
    return parseAmount(earned, decimals) + parseAmount(fee, decimals);
  };
  const before = await spent();
  const costNow = async (): Promise<string> => formatAmount((await spent()) - before, decimals);
  const computing = new Computing(client, market, context.stopped);
  const isShown = reducer === null && out === null;
  let results = await computing.run(program, pieces, async (piece, result, done) => {
    if (isShown) await output.rows(jsonLine({ piece, ...resultJson(result) }));
    output.live(`${done} of ${pieces.length} pieces, ${await costNow()} so far`);
  });
  let reductions = 0;
  while (reducer !== null && results.length > (reductions === 0 ? 0 : 1)) {
    const groups = grouped(cut, results);
    results = await computing.run(reducer, groups, async (_, __, done) => {
      output.live(`${done} of ${groups.length} reductions of ${results.length} results, ${await costNow()} so far`);
    });
    reductions += groups.length;
  }
  output.liveEnd();
  if (out !== null)
    await writeFileWhole(out, reducer === null ? cut.whole(results) : (results[0] ?? new Uint8Array(0)));
  else if (reducer !== null) for (const result of results) await output.rows(jsonLine(resultJson(result)));
  const cost = await costNow();
  const reduced = reducer === null ? "" : ` and put together by ${reductions} reductions`;
  output.note(`${pieces.length} pieces computed${reduced} for ${cost}`);
  output.result({ ok: true, market, pieces: pieces.length, ...(reducer !== null && { reductions }), cost });
  return exitCodes.ok;
}

async function readProgram(path: string): Promise<Program> {
  const language = extname(path) === ".wasm" ? "webassembly" : "javascript";
  return { language, bytes: await readBinaryFile(path, limits.programBytes) };
}

async function readInputs(path: string, isText: boolean): Promise<Uint8Array> {
  return isText ? toUtf8(await readTextFile(path, inputsBytesMax)) : await readBinaryFile(path, inputsBytesMax);
}

/** As a text where it is one. */
function resultJson(result: Uint8Array): { readonly output: string } | { readonly outputBase64: string } {
  try {
    return { output: fromUtf8(result) };
  } catch {
    return { outputBase64: toBase64(result) };
  }
}

async function tryOnce(
  context: CommandContext,
  { out }: TryOptions,
  file: string,
  inputFile: string,
): Promise<ExitCode> {
  const { output } = context;
  const { language, bytes } = await readProgram(context.path(file));
  const input = await readBinaryFile(context.path(inputFile), inputsBytesMax);
  const sandbox = new Sandbox({ threads: 1 });
  const ended = await runBytes(sandbox, language, { bytes, hash: sha256(bytes) }, input, usualLimits);
  await sandbox.close();
  const { outcome, fuel } = ended;
  const trapped = ended.outcome === "trapped" ? crashOfTrap(ended.trap) : null;
  const crash = trapped && { ...trapped, signature: toHex(crashSignature(sha256, trapped)) };
  output.line(`${outcome} with ${fuel} of fuel`);
  if ("problem" in ended) output.line(`  ${ended.problem}`);
  if (crash !== null) output.line(`  ${printable(`${crash.type}: ${crash.state.join(" < ")}`)}`);
  if (crash !== null) output.line(`  signature ${crash.signature}`);
  const result = ended.outcome === "finished" ? ended.output : null;
  if (result !== null) output.line(`  ${result.length} bytes, ${toHex(sha256(result))}`);
  if (result !== null && out !== undefined) await writeFileWhole(context.path(out), result);
  const found = result === null ? {} : { outputBytes: result.length, outputHash: toHex(sha256(result)) };
  output.result({ ok: true, outcome, fuel, ...found, crash });
  return exitCodes.ok;
}

async function work(context: CommandContext, options: WorkOptions, market?: string): Promise<ExitCode> {
  const solver = new ComputeSolver(await context.client(), new Sandbox());
  return await workBy(context, solver, options, market);
}
