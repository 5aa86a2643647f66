import { parentPort } from "node:worker_threads";
import { expectChunk, prepareChunks, tablesOfThread } from "../../verification/inference/chunks.ts";
import type { SharedStep } from "./threads.ts";
import { Tickets } from "./tickets.ts";

/** The program of a further thread: it runs chunks of one fit after another. */
parentPort?.on("message", ({ step, signals }: SharedStep) => {
  const tickets = new Tickets(signals, step.moved.length);
  const tables = tablesOfThread(step);
  let prepared = -1;
  while (tickets.waitForMore()) {
    const taken = tickets.take();
    if (taken === null) continue;
    try {
      if (taken.round !== prepared) prepareChunks(tables);
      prepared = taken.round;
      expectChunk(step, tables, taken.chunk);
    } catch (error) {
      tickets.lose();
      throw error;
    }
    tickets.finish();
  }
});
