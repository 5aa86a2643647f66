import { type NewTest, newTest, type Score, type Test } from "../../contract/qualifying.ts";
import { routes } from "../../contract/routes.ts";
import { earnestError } from "../../core/errors.ts";
import { canPrompt, Prompter } from "../confirm.ts";
import type { CommandContext } from "../context.ts";
import { asContributor, type ContributorOptions, keypairOption } from "../contributor.ts";
import { readDescription } from "../description.ts";
import { examples } from "../examples.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import type { AddCommand } from "../options.ts";
import { printable } from "../output.ts";
import { parseMarket } from "../parse-options.ts";
import { showPercent, showTime } from "../show.ts";

const anId = "00112233445566778899aabbccddeeff";
const marketArgument = ["<market>", "The market's id", parseMarket] as const;
const nameArgument = ["<name>", "The test's name, which tasks ask for by their eligibility"] as const;

interface PutOptions {
  readonly dryRun?: true;
}

export const addTests: AddCommand = (program, run) => {
  const tests = program.command("tests").description("Qualification tests of a market");
  examples(
    tests
      .command("create")
      .description("Add a qualification test to a market, or replace the one of that name")
      .argument(...marketArgument)
      .argument(...nameArgument)
      .argument("<file>", "JSON with questions: each has content, choices and the right answer")
      .option("--dry-run", "Check the description, and change nothing")
      .action(run(create)),
    `earnest tests create ${anId} reading reading.json`,
  );
  examples(
    tests
      .command("list")
      .description("The market's qualification tests")
      .argument(...marketArgument)
      .action(run(list)),
    `earnest tests list ${anId}`,
  );
  examples(
    tests
      .command("show")
      .description("A test's questions and choices, without the answers")
      .argument(...marketArgument)
      .argument(...nameArgument)
      .action(run(showOne)),
    `earnest tests show ${anId} reading`,
  );
  examples(
    tests
      .command("take")
      .description("Take a test, once while the score stands; asks question by question at a terminal")
      .argument(...marketArgument)
      .argument(...nameArgument)
      .argument("[answers...]", "One choice for each question, in order")
      .option(...keypairOption)
      .action(run(take)),
    `earnest tests take ${anId} reading 4 cat`,
  );
};

async function create(
  context: CommandContext,
  { dryRun }: PutOptions,
  market: string,
  name: string,
  file: string,
): Promise<ExitCode> {
  const { output } = context;
  const wanted = await readDescription<NewTest>(context, file, newTest);
  if (dryRun === true) {
    output.line(`${file} describes a test of ${wanted.questions.length} questions.`);
    output.result({ ok: true, dryRun: true, test: newTest.parse(wanted) });
    return exitCodes.ok;
  }
  const test = await (await context.client()).markets.putTest(market, name, wanted);
  output.line(`${output.colours.green("✓")} ${name} has ${test.questions.length} questions`);
  output.result({ ok: true, test });
  return exitCodes.ok;
}

async function list(context: CommandContext, _: object, market: string): Promise<ExitCode> {
  const tests = await (await context.client()).markets.tests(market);
  if (tests.length === 0) context.output.line("No tests.");
  else context.output.table(["name", "questions", "to pass", "score stands"], tests.map(rowOf));
  context.output.result({ ok: true, tests });
  return exitCodes.ok;
}

const rowOf = ({ name, questions, passingShare, validDays }: Test): string[] => [
  name,
  `${questions.length}`,
  showPercent(passingShare),
  `${validDays} days`,
];

async function showOne(context: CommandContext, _: object, market: string, name: string): Promise<ExitCode> {
  const { output } = context;
  const test = await (await context.client()).markets.test(market, name);
  output.line(
    `${output.colours.bold(test.name)}  ${showPercent(test.passingShare)} to pass, stands ${test.validDays} days`,
  );
  output.table(
    ["", "question", "choices"],
    test.questions.map(({ content, choices }, i) => [`${i + 1}`, textOf(content), choices.join(", ")]),
  );
  output.result({ ok: true, test });
  return exitCodes.ok;
}

async function take(
  context: CommandContext,
  options: ContributorOptions,
  market: string,
  name: string,
  given: readonly string[],
): Promise<ExitCode> {
  const { output } = context;
  const answers = given.length > 0 ? [...given] : await askAnswers(context, market, name);
  const score = await asContributor(context, options, (transport, token) =>
    transport.call(routes.takeTest, { params: { market, name }, body: { answers }, token }),
  );
  output.line(scoreText(context, score));
  output.result({ ok: true, ...score });
  return exitCodes.ok;
}

const scoreText = ({ output: { colours } }: CommandContext, { passed, score, expiresAtMs }: Score): string =>
  `${passed ? colours.green("✓ passed") : colours.red("✗ not passed")}: ${showPercent(score)} right, stands until ${showTime(expiresAtMs)}`;

async function askAnswers(context: CommandContext, market: string, name: string): Promise<string[]> {
  if (!canPrompt(context)) {
    throw earnestError("MALFORMED_COMMAND", {
      problem: "No answers were given",
      mend: "Name one choice for each question; `earnest tests show` has them.",
    });
  }
  const { questions } = await (await context.client()).markets.test(market, name);
  const prompter = new Prompter(context);
  const answers: string[] = [];
  try {
    for (const question of questions) answers.push(await askOne(prompter, question));
    return answers;
  } finally {
    prompter.end();
  }
}

async function askOne(prompter: Prompter, { content, choices }: Test["questions"][number]): Promise<string> {
  const shown = choices.map((choice, i) => `${i + 1} ${choice}`).join(", ");
  for (;;) {
    const reply = await prompter.ask(printable(`${textOf(content)}  (${shown})? `));
    if (reply === null) throw earnestError("MALFORMED_COMMAND", { problem: "The test was left before its end" });
    const text = reply.trim();
    const choice = choices.includes(text) ? text : choices[Number(text) - 1];
    if (choice !== undefined) return choice;
  }
}

const textOf = (content: Test["questions"][number]["content"]): string =>
  typeof content === "string" ? content : JSON.stringify(content);
