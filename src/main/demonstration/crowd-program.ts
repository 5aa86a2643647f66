import { parentPort, workerData } from "node:worker_threads";
import { Earnest } from "../../client/earnest.ts";
import { nameThread } from "../../rails/localnet/name-thread.ts";
import { replayCrowd } from "./crowd.ts";
import type { CrowdData, CrowdSaid } from "./crowd-thread.ts";
import { patientRetries } from "./patience.ts";

/** A thread: a recorded crowd at work, as the clients of a server elsewhere would be. */
const { apiKey, ...crowd } = workerData as CrowdData;
nameThread("crowd");
const stopping = new AbortController();
parentPort?.once("message", () => stopping.abort());

const say = (said: CrowdSaid): void => parentPort?.postMessage(said);

const clock = await replayCrowd({
  ...crowd,
  client: new Earnest({ server: crowd.server, apiKey, retriesMax: patientRetries }),
  onAnswer: (done) => say({ done }),
  stopped: stopping.signal,
});
say({ submitToPaidMs: clock.summary() });
parentPort?.close();
