import { type Assessment, assess } from "#src/verification/pay/assess";
import { type LabelState, labelTask } from "#src/verification/pay/label";
import type { PayPolicy } from "#src/verification/pay/policy";
import { type PayReason, ruleAnswer, type Standing } from "#src/verification/pay/rule";
import { createWindow } from "#src/verification/pay/window";
import type { Stream } from "./inject.ts";

export interface ReplayOptions {
  readonly policy: PayPolicy;
  /** The known answer of each control task, −1 of every other. */
  readonly controls: Int32Array;
  /** A model is adopted when answers grew by one in so many. */
  readonly growth: number;
  /** The latest answers that a model is computed from. */
  readonly windowMax: number;
  /** Answers of a contributor, from the first on, that are paid from the newcomer budget while it lasts. */
  readonly newcomerAnswers: number;
  /** The newcomer budget, in answers. */
  readonly newcomerBudget: number;
}

export interface Replayed {
  /** Whether each answer of the stream was paid. */
  readonly paid: Uint8Array;
  readonly reasons: readonly PayReason[];
  /** How many answers came between a task's last answer and the verdict of each paid one. */
  readonly waited: Int32Array;
  readonly labels: Int32Array;
  readonly newcomerSpent: number;
  readonly models: number;
}

/** A market's lane, one answer after the other: isRuled as tasks are complete, models as answers grow by a tenth. */
export function replay(stream: Stream, options: ReplayOptions): Replayed {
  const lane = new Lane(stream, options);
  for (let i = 0; i < stream.task.length; i++) lane.submit(i);
  return lane.close();
}

/** The first model is of so many answers. */
const answersMin = 50;

class Lane {
  readonly stream: Stream;
  readonly options: ReplayOptions;
  readonly waiting: Int32Array;
  readonly answersOf: number[][];
  readonly slotsTaken: Int32Array;
  readonly isEarly: Uint8Array;
  readonly isRuled: Uint8Array;
  readonly paid: Uint8Array;
  readonly reasons: PayReason[];
  readonly waited: Int32Array;
  readonly completedAt: Int32Array;
  readonly labels: Int32Array;
  readonly states: LabelState[];
  /** Complete tasks with an answer that is held. */
  readonly open = new Set<number>();
  assessment: Assessment | null = null;
  known = 0;
  answers = 0;
  newcomerSpent = 0;
  models = 0;

  constructor(stream: Stream, options: ReplayOptions) {
    this.stream = stream;
    this.options = options;
    const { tasks, contributors, task } = stream;
    this.waiting = new Int32Array(tasks);
    for (const each of task) this.waiting[each] = (this.waiting[each] as number) + 1;
    this.answersOf = Array.from({ length: tasks }, () => []);
    this.slotsTaken = new Int32Array(contributors);
    this.isEarly = new Uint8Array(task.length);
    this.isRuled = new Uint8Array(task.length);
    this.paid = new Uint8Array(task.length);
    this.reasons = Array.from(task, (): PayReason => "UNPROVEN");
    this.waited = new Int32Array(task.length);
    this.completedAt = new Int32Array(tasks);
    this.labels = new Int32Array(tasks).fill(-1);
    this.states = Array.from({ length: tasks }, (): LabelState => "awaited");
  }

  submit(i: number): void {
    const { task, contributor } = this.stream;
    const [t, w] = [task[i] as number, contributor[i] as number];
    const { newcomerAnswers } = this.options;
    this.isEarly[i] = Number((this.slotsTaken[w] as number) < newcomerAnswers);
    this.slotsTaken[w] = (this.slotsTaken[w] as number) + 1;
    (this.answersOf[t] as number[]).push(i);
    this.answers++;
    this.waiting[t] = (this.waiting[t] as number) - 1;
    if (this.waiting[t] === 0) {
      this.completedAt[t] = this.answers;
      this.open.add(t);
      if (this.assessment !== null) this.judge(t, this.assessment, false);
    }
    const grown = this.answers - this.known;
    if (grown >= answersMin && grown * this.options.growth >= this.known) this.adopt(false);
  }

  adopt(isClosing: boolean): void {
    const { stream, options } = this;
    const from = Math.max(this.answers - options.windowMax, 0);
    const place = Float64Array.from({ length: this.answers - from }, (_, i) => from + i);
    const window = createWindow(
      {
        tasks: stream.tasks,
        // One more: who is not known yet.
        contributors: stream.contributors + 1,
        classes: stream.classes,
        task: stream.task.subarray(from, this.answers),
        contributor: stream.contributor.subarray(from, this.answers),
        label: stream.label.subarray(from, this.answers),
        place,
      },
      options.controls,
    );
    this.assessment = assess(window, options.policy);
    this.known = this.answers;
    this.models++;
    for (const t of this.open) this.judge(t, this.assessment, isClosing);
  }

  judge(t: number, assessment: Assessment, isClosing: boolean): void {
    const { stream, options } = this;
    const places = this.answersOf[t] as number[];
    const known = options.controls[t] as number;
    const votes = places.map((i) => ({
      contributor: stream.contributor[i] as number,
      choice: stream.label[i] as number,
    }));
    const label = labelTask(assessment, options.policy, votes, isClosing);
    if (this.states[t] !== "decided") {
      this.labels[t] = known >= 0 ? known : label.choice;
      this.states[t] = known >= 0 ? "decided" : label.state;
    }
    let isHeld = false;
    for (const i of places) {
      if (this.isRuled[i] === 1) continue;
      const ppm = label.posteriorPpm[stream.label[i] as number] as number;
      const answerPpm = known < 0 ? ppm : stream.label[i] === known ? 1_000_000 : 0;
      isHeld = !this.rule(i, t, assessment, answerPpm, isClosing) || isHeld;
    }
    if (!isHeld && this.states[t] === "decided") this.open.delete(t);
  }

  /** Whether the answer got its verdict. */
  rule(i: number, t: number, assessment: Assessment, answerPpm: number, isClosing: boolean): boolean {
    const { stream, options } = this;
    const w = stream.contributor[i] as number;
    const { verdict, reason } = ruleAnswer(options.policy, {
      standing: assessment.standing[w] as Standing,
      oddsMillinats: assessment.oddsMillinats[w] as number,
      label: this.states[t] as LabelState,
      isLabel: stream.label[i] === this.labels[t],
      answerPpm,
      isNewcomer: this.isEarly[i] === 1 && this.newcomerSpent < options.newcomerBudget,
      isClosing,
    });
    this.reasons[i] = reason;
    if (verdict === "held") return false;
    this.isRuled[i] = 1;
    this.paid[i] = Number(verdict === "accepted");
    this.waited[i] = this.answers - (this.completedAt[t] as number);
    if (reason === "NEWCOMER") this.newcomerSpent++;
    return true;
  }

  close(): Replayed {
    this.adopt(true);
    const { paid, reasons, waited, labels, newcomerSpent, models } = this;
    return { paid, reasons, waited, labels, newcomerSpent, models };
  }
}
