import { earnestError } from "../../core/errors.ts";
import { createAnswers } from "../../verification/inference/answers.ts";
import type { CommandContext } from "../context.ts";
import { readAnswers } from "../infer/read-answers.ts";
import type { Source } from "../infer/read-records.ts";
import type { Recording } from "./recording.ts";

/** Reads recorded answers and their truth, as `earnest infer` does, with a bar for whoever waits. */
export async function readRecording(context: CommandContext, answers: string, truth: string): Promise<Recording> {
  if (answers === "-" && truth === "-") {
    throw earnestError("MALFORMED_COMMAND", { problem: "Standard input can be read only once" });
  }
  const progress = context.output.progress("Reading", 1);
  const sourceOf = (given: string): Source => ({
    name: given === "-" ? "standard input" : given,
    path: given === "-" ? null : context.path(given),
    stdin: context.io.stdin,
    onBytes: (done, total) => {
      context.stopped.throwIfAborted();
      if (given === answers) progress.set(total === 0 ? 0 : done / total);
    },
  });
  try {
    return await recordingOf(sourceOf(answers), sourceOf(truth));
  } finally {
    progress.end();
  }
}

export async function recordingOf(answers: Source, truth: Source): Promise<Recording> {
  const file = await readAnswers({ answers, controls: null, truth, isNumeric: false });
  const known = file.truth?.labels ?? new Int32Array(file.tasks.length).fill(-1);
  if (known.every((label) => label === -1)) {
    throw earnestError("MALFORMED_FILE", {
      path: truth.name,
      problem: "it names none of the tasks that were answered",
    });
  }
  return { answers: createAnswers({ ...file, tasks: file.tasks.length, classes: file.labels.length }), truth: known };
}
