import { toBase64, toHex, toUtf8 } from "../../src/core/bytes.ts";
import { canonicalJson, type Json } from "../../src/core/json.ts";
import type { Slot } from "../../src/core/slot.ts";
import { bodyHashOf, commitmentOf } from "../../src/core/statements.ts";
import type { SlotOutcome } from "../../src/market/decide.ts";
import { type Ended, executedEntry } from "../../src/market/executed.ts";
import { type WantedExecution, wantedExecution } from "../../src/market/executions.ts";
import { readComposition } from "../../src/verification/algebra/verify.ts";
import { commands, type SpecParts, specWith, TestLane, testAuthorisation } from "./market.ts";
import { named, sha256 } from "./market-hash.ts";

/** Lanes whose markets execute, with what the sandbox would say made up. */

export const program = toUtf8("const main = (input) => { if (input[0] === 33) throw new Error('bang'); }");
export const programHash = toHex(sha256(program));
export const control = toUtf8("fine");
export const attest: Json = { attest: { isSignatureNeeded: true, isNonceNeeded: false, isOnePerOwner: true } };
const limits = { fuelMax: 1_000, memoryBytesMax: 65_536, outputBytesMax: 100, faultsMax: 2 };
export const replays = (name: string, expected: string, runsMin = 3): Json => ({
  replay: { name, expect: expected, runsMin, ...limits },
});

/** A lane with a program, and with tasks that execute it. */
export function laneOf(composition: Json, spec: SpecParts, runs: Json, tasks = 2): TestLane {
  const lane = new TestLane();
  const verification = { version: 1, composition: readComposition(composition, "composition") };
  const answer = { type: "text", charactersMax: 100, normalise: [], distancePpm: 0 } as const;
  lane.do(commands.created(specWith({ ...spec, verification, terms: { answer, ...spec.terms } })));
  lane.do(commands.funded(1_000_000n));
  lane.do(commands.input("opened", {}));
  const entry = { hash: sha256(program), language: "javascript", bytes: program.length } as const;
  lane.do(commands.input("programAdded", entry, program));
  if (tasks > 0) lane.do(commands.batch(0, tasks, { known: { runs } }));
  lane.join(1, 2, 3, 4, 5);
  return lane;
}

type Content = { readonly [name: string]: Uint8Array };

export const bodyOf = (answer: Json, content: Content, evidence?: Json): Json => ({
  answer,
  content: Object.fromEntries(Object.entries(content).map(([name, bytes]) => [name, toBase64(bytes)])),
  ...(evidence !== undefined && { evidence }),
});

export function submit(lane: TestLane, contributor: number, slot: Slot, body: Json): SlotOutcome {
  const submission = { slot, body: toUtf8(canonicalJson(body)), bodyHash: bodyHashOf(sha256, body) };
  return lane.do({
    type: "submit",
    contributor,
    session: named(`session ${contributor}`),
    authorisation: testAuthorisation(contributor),
    signed: { timeMs: lane.timeMs, signature: new Uint8Array(64).fill(contributor) },
    submissions: [submission],
    next: 0,
  }).slots[0] as SlotOutcome;
}

export const commit = (contributor: number, slot: Slot, body: Json) =>
  commands.input("committed", {
    ...slot,
    contributor,
    commitment: commitmentOf(sha256, named(`key ${contributor}`), bodyHashOf(sha256, body)),
  });

export const executed = (wanted: WantedExecution, ended: Ended) => {
  const { kind, ...fields } = executedEntry(sha256, wanted, ended);
  return commands.input(kind, fields);
};

export const finished = (output: Uint8Array = new Uint8Array(0)): Ended => ({ outcome: "finished", output, fuel: 10 });
export const bang = (...frames: string[]): Ended => ({
  outcome: "trapped",
  fuel: 7,
  trap: { kind: "Error", message: "bang", frames: frames.map((frame) => `${frame} (program.js:1:1)`) },
});

/** Executes for a slot until it waits for nothing. */
export function execute(lane: TestLane, slot: Slot, how: (wanted: WantedExecution) => Ended): void {
  for (let wanted = wantedExecution(lane.state, slot); wanted !== null; wanted = wantedExecution(lane.state, slot))
    lane.do(executed(wanted, how(wanted)));
}
