import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { NewMarket } from "../../contract/markets.ts";
import type { NewTask } from "../../contract/tasks.ts";

/** One task of examples/judge/tasks.jsonl. */
interface JudgeTask {
  readonly id: string;
  readonly choices: readonly { readonly id: string; readonly label: string }[];
  readonly answer: string | null;
  readonly explanation?: string;
}

/** examples/judge/market.json, as much of it as a market has a place for. */
interface JudgeMarket extends JudgeGuide {
  readonly title: string;
  readonly kind: string;
  readonly reward: string;
}

interface JudgeGuide {
  readonly description: string;
  readonly question: { readonly style: string };
  readonly guide: readonly {
    readonly title: string;
    readonly rule: string;
    readonly good: readonly JudgeExample[];
    readonly bad: readonly JudgeExample[];
  }[];
}

interface JudgeExample {
  readonly task: string;
  readonly answer: string;
  readonly why: string;
}

/** From dist/main/demonstration/ and src/main/demonstration/ alike. */
const folder = new URL("../../../examples/judge/", import.meta.url);

/** Of the tasks with a known answer every third is a control task; the others are work like any. */
const controlEvery = 3;

/** So many control tasks stand first: a page shows strangers the first tasks of a market, and these pay at once. */
const shownFirst = 8;

/** A task with its right answer: a choice's id. */
export interface KnownTask {
  readonly task: NewTask;
  readonly answer: string;
}

/** The market for visitors: small judgements with something to see. */
export async function judgeMarket(): Promise<{ readonly market: NewMarket; readonly tasks: readonly NewTask[] }> {
  const description = await readFile(fileURLToPath(new URL("market.json", folder)), "utf8");
  const { title, kind, reward, ...guide } = JSON.parse(description) as JudgeMarket;
  const tasks = await readTasks();
  let known = 0;
  const described = tasks.map((task) => ({
    ...shownTask(task),
    ...(task.answer !== null && known++ % controlEvery === 0 ? { control: task.answer } : {}),
  }));
  const first = new Set(described.filter((task) => "control" in task).slice(0, shownFirst));
  return {
    market: {
      title,
      kind,
      reward,
      answer: { type: "choice", choices: ["a", "b", "c", "d"] },
      overlap: { min: 2, max: 5, target: 0.9 },
      newcomer: { answers: 5, budget: "20" },
      guide: guideText(guide),
      examples: workedExamples(guide),
    },
    tasks: [...first, ...described.filter((task) => !first.has(task))],
  };
}

function guideText({ description, question, guide }: JudgeGuide): string {
  const rules = guide.map(({ title, rule }) => `### ${title}\n\n${rule}`);
  return [description, question.style, ...rules].join("\n\n");
}

/** Of each family one of either sort: more than a market may have, and than anybody reads, are left out. */
const workedExamples = ({ guide }: JudgeGuide): NonNullable<NewMarket["examples"]> =>
  guide.flatMap(({ good, bad }) => [
    ...good.slice(0, 1).map((each) => workedExample(each, true)),
    ...bad.slice(0, 1).map((each) => workedExample(each, false)),
  ]);

const workedExample = ({ task, answer, why }: JudgeExample, good: boolean) => ({
  content: { question: task, choices: [{ id: "a", label: answer }] },
  answer: "a",
  good,
  why,
});

/** The small judgements whose right answer is known, in the order of the file. */
export async function knownTasks(): Promise<readonly KnownTask[]> {
  return (await readTasks()).flatMap((task) =>
    task.answer === null ? [] : [{ task: shownTask(task), answer: task.answer }],
  );
}

async function readTasks(): Promise<readonly JudgeTask[]> {
  const lines = await readFile(fileURLToPath(new URL("tasks.jsonl", folder)), "utf8");
  return lines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as JudgeTask);
}

/** As contributors see it: without the answer, and what explains it. */
const shownTask = ({ answer: _answer, explanation: _explanation, ...content }: JudgeTask): NewTask => ({
  id: content.id,
  content,
  terms: { answer: { type: "choice", choices: content.choices.map(({ id }) => id) } },
});
