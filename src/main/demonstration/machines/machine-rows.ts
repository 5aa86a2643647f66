import type { Accuracy } from "../../../verification/machines/measure.ts";
import type { MachineReport } from "./demonstrate-machines.ts";

/** What the machine's part showed, for people: names with texts. */
export function machineRows(report: MachineReport): readonly (readonly [name: string, text: string])[] {
  const { answers, cost, people, read, all, measured } = report;
  const byMachine = report.settledByMachine;
  const [low, high] = measured.interval;
  const inControls = `${measured.right} of ${measured.tasks} control tasks right (${share(low)} to ${share(high)})`;
  const withPeople = report.tasks - byMachine;
  return [
    ["machine", `read ${answers.machine} of ${report.tasks} texts; ${inControls}`],
    ["settled", `${byMachine} by the machine alone, ${withPeople} with people; target ${share(report.target)}`],
    ["people", `${people.count}, simulated: programs that slip ${share(people.slipRate)} of the time`],
    ["on those read", accuracies(read.machine, read.peopleAlone, read.together)],
    ["on all texts", accuracies(null, all.peopleAlone, all.together)],
    ["people gave", `${answers.people} answers, ${answers.peopleAlone} without the machine`],
    ["cost", `${cost.together} EARN, ${cost.peopleAlone} without the machine`],
  ];
}

const accuracies = (machine: Accuracy | null, peopleAlone: Accuracy, together: Accuracy): string =>
  [
    ...(machine === null ? [] : [`machine ${rightText(machine)}`]),
    `people alone ${rightText(peopleAlone)}`,
    `together ${rightText(together)}`,
  ].join(", ");

const rightText = ({ accuracy }: Accuracy): string => (accuracy === null ? "none" : `${share(accuracy)} right`);
const share = (value: number): string => `${(value * 100).toFixed(1)}%`;
