import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { seededRandom } from "#src/cli/overlap/random";

const perTask = 5;
const rowsAtOnce = 100_000;

/**
 * A CSV of answers of two classes for `earnest infer`, however long: five a task, by contributors who are right from 55% to
 * 95% of the time, each task's answers far apart in the file.
 */
export async function writeAnswers(path: string, answers: number, contributors: number): Promise<object> {
  await pipeline(Readable.from(rowsOf(answers, contributors)), createWriteStream(path));
  return { path, answers, tasks: Math.ceil(answers / perTask), contributors };
}

function* rowsOf(answers: number, contributors: number): Generator<string> {
  const random = seededRandom(7);
  const tasks = Math.ceil(answers / perTask);
  let rows = "task,contributor,label\n";
  for (let i = 0; i < answers; i++) {
    const by = Math.floor(random() * contributors);
    const isRight = random() < 0.55 + (0.4 * by) / contributors;
    const task = i % tasks;
    rows += `t${task},w${by},${(task % 2 === 0) === isRight ? "yes" : "no"}\n`;
    if ((i + 1) % rowsAtOnce !== 0) continue;
    yield rows;
    rows = "";
  }
  yield rows;
}
