import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { headerLine } from "#src/cli/log/log-file";
import { toHex } from "#src/core/bytes";
import { logRoot } from "#src/core/log-tree";
import { headStatement } from "#src/core/statements";
import { sha256, signerFromSeed } from "#src/main/crypto";
import { benchMarket, buildLane, type LaneParts } from "./build-lane.ts";

export const logSigner = signerFromSeed(new Uint8Array(32).fill(1));

export interface WrittenLog {
  readonly path: string;
  readonly lanes: number;
  readonly entries: number;
  readonly bytes: number;
  /** Processor time that `decide` took for an entry. */
  readonly decideMicroseconds: number;
}

const recordsAtOnce = 10_000;

/** A file as `earnest log` writes it, of lanes as `decide` makes them: no longer in memory than a lane's state is. */
export function writeLog(path: string, lanes: readonly LaneParts[]): WrittenLog {
  const file = openSync(path, "w");
  let entries = 0;
  let decideMicroseconds = 0;
  for (const parts of lanes) {
    const built = writeLane(file, parts);
    entries += built.state.tree.size;
    decideMicroseconds += built.decideMicroseconds;
  }
  closeSync(file);
  const { size } = statSync(path);
  return { path, lanes: lanes.length, entries, bytes: size, decideMicroseconds: decideMicroseconds / entries };
}

function writeLane(file: number, parts: LaneParts) {
  let lines = [headerLine(benchMarket, parts.lane, null)];
  const flush = (): void => {
    writeSync(file, lines.join(""));
    lines = [];
  };
  const built = buildLane(parts, ({ sequence, encoded, attachment }) => {
    const attached = attachment === null ? "null" : `"${base64(attachment)}"`;
    lines.push(`{"sequence":${sequence},"encoded":"${base64(encoded)}","attachment":${attached}}\n`);
    if (lines.length === recordsAtOnce) flush();
  });
  const { market, lane, tree, timeMs } = built.state;
  const root = logRoot(sha256, tree);
  const signature = logSigner.sign(headStatement({ market, lane, sequence: tree.size, root, timeMs }));
  const head = { sequence: tree.size, root: toHex(root), timeMs, signature: base64(signature) };
  lines.push(`${JSON.stringify({ head })}\n`);
  flush();
  return built;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
