import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { attest } from "../attestor/attest.ts";
import { eventText } from "../attestor/events.ts";
import { SharedReads } from "../attestor/shared-reads.ts";
import { isEarnestError } from "../core/errors.ts";
import { nameThread } from "../rails/localnet/name-thread.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import type { AttestorSaid, AttestorsData, LocalAttestor } from "./attestors.ts";
import { sha256, verifyEd25519 } from "./crypto.ts";
import { verifyingOnce } from "./verified-signatures.ts";

/** A thread: attestors that follow the server of the same machine. */
const { server, rpcUrl, attestors } = workerData as AttestorsData;
nameThread("attestors");
const closing = new AbortController();
parentPort?.once("message", () => closing.abort());
const { signal } = closing;

/** One for all of them here. */
const sandbox = new Sandbox({ threads: 1 });
const verify = verifyingOnce(verifyEd25519, sha256);

/** Epochs are short here, and the server is near. */
const pollMs = 200;
/** Of three that look every 200 ms, two find what the first one read. */
const shared = new SharedReads({ clock: Date.now, freshMs: 150 });
const takenPauseMs = 2_000;

const say = (name: string, text: string): void => parentPort?.postMessage({ name, text } satisfies AttestorSaid);

async function run({ name, seed, folder }: LocalAttestor): Promise<void> {
  const attesting = await attest({
    server,
    rpcUrl,
    seed,
    folder,
    listen: null,
    pollMs,
    sandbox,
    hash: sha256,
    verify,
    shared,
    clock: Date.now,
    tell: (event) => say(name, eventText(event)),
    say: (text) => say(name, text),
    signal,
  });
  await attesting.ended;
}

/** Another process may have the folder; when that has ended, its attestors go on here. */
async function keepRunning(attestor: LocalAttestor): Promise<void> {
  while (!signal.aborted) {
    await run(attestor).catch((error: unknown) => {
      if (!signal.aborted && !isEarnestError(error, "DATA_FOLDER_UNAVAILABLE")) say(attestor.name, String(error));
    });
    await sleep(takenPauseMs, undefined, { signal }).catch(() => undefined);
  }
}

await Promise.all(attestors.map(keepRunning));
parentPort?.close();
