import { openDataFolder } from "#src/main/folder";
import { createLogs, type Logs } from "#src/main/log";
import { type Network, startNetwork } from "#src/main/network";
import { type Parts, type Places, startProfile } from "./profile.ts";

/** Answers each question of whoever started this by beginning a profile, or by ending it and saying what it found. */
function answerProfiles(places?: Places): void {
  let end: (() => Promise<Parts>) | null = null;
  const next = async (): Promise<Parts | null> => {
    const ended = end === null ? null : await end();
    end = ended === null ? await startProfile(places) : null;
    return ended;
  };
  process.on("message", () => {
    next()
      .then((answer) => process.send?.(answer))
      .catch((error: unknown) => {
        console.error(error);
        process.exit(1);
      });
  });
}

interface Opened {
  readonly url: string;
  close(): Promise<void>;
}

const hourMs = 3_600_000;

/**
 * Earnest on a data folder as `earnest serve` runs it, but for epochs and attestors, which `bench settle` measures: says
 * in a line of JSON where it is, and ends on SIGTERM.
 */
export async function serve(
  dataFolder: string,
  open: (network: Network, logs: Logs) => Promise<Opened>,
  places?: Places,
): Promise<void> {
  const folder = await openDataFolder(dataFolder);
  const logs = createLogs(null);
  let domain = "";
  const network = await startNetwork({
    folder,
    databaseUrl: null,
    localnetPort: 0,
    epochMs: hourMs,
    domain: () => domain,
    log: logs.log,
    say: (line) => console.error(line),
  });
  const opened = await open(network, logs);
  domain = new URL(opened.url).host;
  process.once("SIGTERM", () => {
    opened
      .close()
      .then(() => network.close())
      .then(() => process.exit(0))
      .catch((error: unknown) => {
        console.error(error);
        process.exit(1);
      });
  });
  answerProfiles(places);
  console.log(JSON.stringify({ url: opened.url, rpcUrl: network.rpcUrl }));
}
