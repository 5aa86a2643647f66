import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../../../test/support/cli.ts";
import { Solver } from "./solver.ts";

/** A solver of that program, with what it wrote to its standard error. */
function solverOf(source: string, name = "solver.mjs") {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, source);
  chmodSync(path, 0o700);
  const remarks: string[] = [];
  const stop = new AbortController();
  const solver = new Solver(path, { stopped: stop.signal, onRemark: (line) => remarks.push(line) });
  onTestFinished(() => solver.close());
  return { solver, remarks, stop };
}

const answering = (each: string): string => `
  import { createInterface } from "node:readline";
  for await (const line of createInterface({ input: process.stdin })) { const task = JSON.parse(line); ${each} }`;

describe("a solver", () => {
  it("is asked line by line", async () => {
    const { solver, remarks } = solverOf(
      answering(
        `console.error("now", task.n); console.log(JSON.stringify({ answer: task.n * 2, evidence: { nonce: "x" } }))`,
      ),
    );
    expect(await solver.solve({ n: 1 })).toEqual({ answer: 2, evidence: { nonce: "x" } });
    expect(await solver.solve({ n: 21 })).toEqual({ answer: 42, evidence: { nonce: "x" } });
    await solver.close();
    expect(remarks).toEqual(["now 1", "now 21"]);
  });

  it("may leave a task to others, or have nothing to say but evidence", async () => {
    const { solver } = solverOf(answering("console.log(JSON.stringify(task.said))"));
    expect(await solver.solve({ said: { skip: true } })).toBeNull();
    expect(await solver.solve({ said: { skip: false } })).toEqual({});
    expect(await solver.solve({ said: { answer: null } })).toEqual({ answer: null });
  });

  it.each(["hello", "[1]", '{"answers": 1}', '{"skip": "yes"}', `"${"x".repeat(200_001)}"`])(
    "that writes %s is told so",
    async (line) => {
      const { solver } = solverOf(answering("console.log(task.line)"));
      await expect(solver.solve({ line })).rejects.toMatchObject({ code: "MALFORMED_SOLUTION" });
    },
  );

  it.each([
    ["process.exit(3)", "solver.mjs", "exit code 3"],
    ["process.kill(process.pid, 'SIGKILL')", "solver.mjs", "SIGKILL"],
    ["#!/no/such/interpreter", "solver", "ENOENT"],
  ])("that ends by %s is told so, and each time", async (source, name, problem) => {
    const { solver } = solverOf(source, name);
    for (const _ of [1, 2]) {
      await expect(solver.solve({})).rejects.toMatchObject({
        code: "SOLVER_UNAVAILABLE",
        context: { problem: expect.stringContaining(problem) },
      });
    }
  });

  it("may be any program", async () => {
    const { solver } = solverOf('#!/bin/sh\nwhile read -r line; do echo \'{"answer": "a"}\'; done\n', "solver");
    expect(await solver.solve({ n: 1 })).toEqual({ answer: "a" });
  });

  it("is ended where the person ends the work, also in the middle of a task", async () => {
    const { solver, stop } = solverOf(answering("await new Promise((resolve) => setTimeout(resolve, 600_000))"));
    const solving = solver.solve({});
    stop.abort();
    await expect(solving).rejects.toMatchObject({ code: "SOLVER_UNAVAILABLE" });
  });

  it("that does not end by itself is ended", async () => {
    const { solver } = solverOf("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)");
    await solver.close();
    await expect(solver.solve({})).rejects.toMatchObject({ code: "SOLVER_UNAVAILABLE" });
  });
});
