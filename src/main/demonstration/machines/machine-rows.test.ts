import { describe, expect, it } from "vitest";
import type { MachineReport } from "./demonstrate-machines.ts";
import { machineRows } from "./machine-rows.ts";

const accuracy = (tasks: number, right: number) => ({ tasks, right, accuracy: tasks === 0 ? null : right / tasks });

const report: MachineReport = {
  market: "m",
  marketOfPeopleAlone: "p",
  tasks: 10,
  examples: 4,
  controls: 4,
  target: 0.9,
  answers: { machine: 4, people: 15, peopleAlone: 22 },
  people: { count: 8, simulated: true, slipRate: 0.125 },
  settledByMachine: 3,
  settledByMachineShare: 0.3,
  measured: { ...accuracy(4, 3), interval: [0.3006, 0.9544], errors: [] },
  read: { machine: accuracy(4, 3), peopleAlone: accuracy(4, 4), together: accuracy(4, 3) },
  all: { peopleAlone: accuracy(10, 10), together: accuracy(10, 9) },
  cost: { together: "0.36", peopleAlone: "0.4" },
  saved: { answers: 7, share: 0.3182, tokens: "0.04" },
  settled: true,
};

describe("machineRows", () => {
  it("says what the machine did, that the people are simulated, and what it came to without the machine", () => {
    expect(machineRows(report).map((row) => row.join(": "))).toEqual([
      "machine: read 4 of 10 texts; 3 of 4 control tasks right (30.1% to 95.4%)",
      "settled: 3 by the machine alone, 7 with people; target 90.0%",
      "people: 8, simulated: programs that slip 12.5% of the time",
      "on those read: machine 75.0% right, people alone 100.0% right, together 75.0% right",
      "on all texts: people alone 100.0% right, together 90.0% right",
      "people gave: 15 answers, 22 without the machine",
      "cost: 0.36 EARN, 0.4 without the machine",
    ]);
  });

  it("does not give a share of nothing", () => {
    const none = accuracy(0, 0);
    const rows = machineRows({ ...report, read: { machine: none, peopleAlone: none, together: none } });
    expect(new Map(rows).get("on those read")).toBe("machine none, people alone none, together none");
  });
});
