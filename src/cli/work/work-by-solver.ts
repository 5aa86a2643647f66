import type { Command } from "commander";
import { Contributor, type Work } from "../../client/contributor.ts";
import { isApiError } from "../../client/errors.ts";
import { pause } from "../../client/pause.ts";
import type { Market } from "../../contract/markets.ts";
import type { Offer, Submission } from "../../contract/work.ts";
import { earnestError } from "../../core/errors.ts";
import { readKeypair } from "../commands/login.ts";
import type { CommandContext } from "../context.ts";
import { keypairOption } from "../contributor.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { Run } from "../options.ts";
import { printable } from "../output.ts";
import { parseMarket, parsePositive } from "../parse-options.ts";
import { Predicting } from "./predicting.ts";
import { Solver, type Solving } from "./solver.ts";

interface SolveOptions {
  readonly solver?: string;
  readonly predictions?: string;
  readonly keypair?: string;
  readonly limit?: number;
  readonly stay?: true;
  readonly checkpoints?: true;
}

const lookAgainMs = 5_000;

/** `earnest work [MARKET] --solver FILE`: a program does the tasks, or what a model said of them before. */
export function addSolve(work: Command, run: Run): void {
  examples(
    work
      .argument("[market]", "Only this one (default: all with work, the best paid by the hour first)", parseMarket)
      .option("--solver <file>", "Program that does the tasks: a line of JSON in, a line of JSON out")
      .option("--predictions <file>", "What a model said before, by task: of Label Studio, or lines with id and answer")
      .option("--limit <n>", "End after so many tasks", parsePositive)
      .option("--stay", "When there is no more work, wait for some")
      .option("--checkpoints", "Sign once for 50 answers and at the end instead of each; until then their pay is held")
      .option(...keypairOption)
      .action(run(solve)),
    "earnest work --solver solver.mjs --keypair id.json",
    "earnest work 00112233445566778899aabbccddeeff --predictions exported.json --keypair machine.json",
    "earnest work 00112233445566778899aabbccddeeff --solver ./agent --keypair id.json --limit 100 --json",
  );
}

/** What became of the tasks so far. */
interface Tally {
  tasks: number;
  skipped: number;
  accepted: number;
  rejected: number;
  held: number;
}

async function solve(context: CommandContext, options: SolveOptions, only?: string): Promise<ExitCode> {
  const { output, stopped } = context;
  const { solver: file, predictions, keypair } = options;
  if ((file === undefined) === (predictions === undefined) || keypair === undefined) {
    const problem =
      "`earnest work` wants --solver FILE or --predictions FILE, and --keypair FILE; or one of list, record and earnings";
    throw earnestError("MALFORMED_COMMAND", { problem });
  }
  const solver =
    predictions === undefined
      ? new Solver(context.path(file ?? ""), { stopped, onRemark: (line) => output.note(printable(line)) })
      : await Predicting.read(context.path(predictions));
  return await workBy(context, solver, { ...options, keypair }, only);
}

type WorkOptions = Pick<SolveOptions, "limit" | "stay" | "checkpoints"> & { readonly keypair: string };

/** Does tasks until there are no more, or enough, and says what became of them. */
export async function workBy(
  context: CommandContext,
  solver: Solving,
  options: WorkOptions,
  only?: string,
): Promise<ExitCode> {
  const { output, stopped } = context;
  const signer = await readKeypair(context, options.keypair);
  const isCheckpointed = options.checkpoints === true;
  const contributor = new Contributor({ ...(await context.clientOptions()), signer, automated: true, isCheckpointed });
  const tally: Tally = { tasks: 0, skipped: 0, accepted: 0, rejected: 0, held: 0 };
  const worker = new Worker(context, contributor, solver, tally, options.limit ?? Number.POSITIVE_INFINITY);
  try {
    for (;;) {
      const before = tally.tasks;
      for (const market of only === undefined ? await marketsWithWork(contributor) : [only]) await worker.work(market);
      if (worker.isDone || (tally.tasks === before && options.stay !== true)) break;
      if (tally.tasks === before) await pause(lookAgainMs, stopped);
    }
  } finally {
    output.liveEnd();
    await solver.close();
    await contributor.signOut().catch(() => undefined);
  }
  const { tasks, accepted, rejected, held, skipped } = tally;
  output.line(`${tasks} tasks: ${accepted} accepted, ${rejected} rejected, ${held} held; ${skipped} left to others`);
  output.result({ ok: true, ...tally });
  return exitCodes.ok;
}

async function marketsWithWork(contributor: Contributor): Promise<readonly string[]> {
  const markets: string[] = [];
  for await (const { market, qualifies } of contributor.work()) if (qualifies !== false) markets.push(market);
  return markets;
}

class Worker {
  readonly #context: CommandContext;
  readonly #contributor: Contributor;
  readonly #solver: Solving;
  readonly #tally: Tally;
  readonly #tasksMax: number;

  constructor(context: CommandContext, contributor: Contributor, solver: Solving, tally: Tally, tasksMax: number) {
    this.#context = context;
    this.#contributor = contributor;
    this.#solver = solver;
    this.#tally = tally;
    this.#tasksMax = tasksMax;
  }

  get isDone(): boolean {
    return this.#tally.tasks >= this.#tasksMax;
  }

  /** Does tasks of a market until there are no more, or enough. */
  async work(market: string): Promise<void> {
    const { markets } = await this.#context.client();
    const found = await markets.get(market);
    // A skipped slot stays with us until its lease ends: we do not ask the solver for it again.
    const left = new Set<string>();
    let offers = await this.#offers(market);
    while (!this.isDone) {
      const [offer] = offers;
      if (offer === undefined || left.has(offer.slot)) return;
      this.#context.stopped.throwIfAborted();
      const solution = await this.#solver.solve(taskOf(found, offer));
      if (solution === null) {
        left.add(offer.slot);
        this.#tally.skipped++;
        offers = await this.#offers(market);
        continue;
      }
      offers = await this.#submit(found, { slot: offer.slot, body: { ...solution } });
    }
  }

  async #offers(market: string): Promise<readonly Offer[]> {
    try {
      return await this.#contributor.assign(market);
    } catch (error) {
      if (isApiError(error, "WORK_NOT_FOUND", "NOT_ELIGIBLE")) return [];
      throw error;
    }
  }

  async #submit(found: Market, work: Work): Promise<readonly Offer[]> {
    const next = this.#tally.tasks + 1 < this.#tasksMax ? 1 : 0;
    const market = found.id;
    if (isFirstPaid(found)) await this.#contributor.commitTo(market, work);
    const { submissions, offers } = await this.#contributor.turn(market, work, next);
    for (const submission of submissions) this.#count(submission);
    return offers;
  }

  #count({ state }: Submission): void {
    const tally = this.#tally;
    tally.tasks++;
    if (state === "accepted") tally.accepted++;
    else if (state === "rejected" || state === "appealable") tally.rejected++;
    else tally.held++;
    this.#context.output.live(`${tally.tasks} tasks: ${tally.accepted} accepted, ${tally.rejected} rejected`);
  }
}

/** Whether whoever commits first is paid: then what is submitted must be committed to. */
const isFirstPaid = ({ verification }: Market): boolean => JSON.stringify(verification).includes('"type":"crash"');

/** What the solver is told: all that a person sees. */
const taskOf = ({ id, title, kind }: Market, { slot, expiresAtMs, reward, task }: Offer) => ({
  market: id,
  title,
  kind,
  slot,
  expiresAtMs,
  reward,
  task: task.id,
  content: task.content,
  answer: task.terms.answer,
  known: task.terms.known,
});
