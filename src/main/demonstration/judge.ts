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

/** From dist/main/demonstration/ and src/main/demonstration/ alike. */
const folder = new URL("../../../examples/judge/", import.meta.url);

/** Of the tasks with a known answer every third is a control task; the others are work like any. */
const controlEvery = 3;

/** The market for visitors: small judgements with something to see. */
export async function judgeMarket(): Promise<{ readonly market: NewMarket; readonly tasks: readonly NewTask[] }> {
  const [description, lines] = await Promise.all(
    ["market.json", "tasks.jsonl"].map((name) => readFile(fileURLToPath(new URL(name, folder)), "utf8")),
  );
  const { title, kind, reward } = JSON.parse(description as string) as { title: string; kind: string; reward: string };
  const tasks = (lines as string)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as JudgeTask);
  let known = 0;
  return {
    market: {
      title,
      kind,
      reward,
      answer: { type: "choice", choices: ["a", "b", "c", "d"] },
      overlap: { min: 2, max: 5, target: 0.9 },
      newcomer: { answers: 5, budget: "2" },
    },
    tasks: tasks.map(
      ({ answer, explanation: _explanation, ...content }): NewTask => ({
        id: content.id,
        content: content as unknown as NewTask["content"],
        terms: { answer: { type: "choice", choices: content.choices.map(({ id }) => id) } },
        ...(answer !== null && known++ % controlEvery === 0 ? { control: answer } : {}),
      }),
    ),
  };
}
