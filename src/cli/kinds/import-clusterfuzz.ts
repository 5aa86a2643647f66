import { basename, dirname, join } from "node:path";
import { toHex, toUtf8 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { Field } from "../../core/field.ts";
import type { Json } from "../../core/json.ts";
import { type Crash, stateText } from "../../verification/crashes/crash.ts";
import { readCrash } from "../../verification/crashes/read-crash.ts";
import { crashSignature } from "../../verification/crashes/signature.ts";
import { sha256 } from "../crypto.ts";
import { readTextFile } from "../files.ts";
import { readJsonFile } from "./find-kind.ts";
import { importedAttestation } from "./imported-attestation.ts";

/** A case of the kind `bug`, and what was read in the report. */
export interface ImportedCase {
  readonly evidence: Json;
  readonly context: Json;
  readonly crash: Crash | null;
}

/** Vectors of the kind `bug`, and how many of the reports are read as the source reads them. */
export interface ImportedVectors {
  readonly file: object;
  readonly cases: number;
  readonly agreeing: number;
  /** Files that are read otherwise. */
  readonly differing: readonly string[];
}

const reportBytesMax = 4_000_000;
const casesMax = 1_000;

/** A report as a case: whoever ran the proof three times got it, and the control input crashes nothing. */
export async function importReport(path: string): Promise<ImportedCase> {
  const text = await readTextFile(path, reportBytesMax);
  const crash = readCrash(text);
  const signature = signatureOf(crash);
  return { evidence: evidenceOf(text, signature), context: contextOf(text, crash, signature), crash };
}

/**
 * Cases as ClusterFuzz's tests have them: a file `{"cases": [{"file", "type", "state", …}]}` with the reports in `traces`
 * beside it. Each becomes a vector that claims the source's type and state; what we read is in the context.
 *
 * @throws MALFORMED_FILE, FILE_NOT_FOUND
 */
export async function importCases(path: string): Promise<ImportedVectors> {
  const misfit = (at: string, problem: string) => earnestError("MALFORMED_FILE", { path, problem: `${at} ${problem}` });
  const list = new Field(await readJsonFile(path), "file", misfit).get("cases").items(casesMax);
  const vectors: Json[] = [];
  const differing: string[] = [];
  for (const item of list) {
    const name = item.get("file").text();
    // Somebody else's list of cases must not read what it likes of this machine.
    if (basename(name) !== name || name === "..") item.get("file").fail("must be a name in the folder traces");
    const text = await readTextFile(join(dirname(path), "traces", name), reportBytesMax);
    const crash = readCrash(text);
    const expected = expectedOf(item, crash);
    if (signatureOf(expected) !== signatureOf(crash)) differing.push(name);
    vectors.push(vectorOf(name, text, crash, expected));
  }
  const file = { evidence: {}, context: {}, vectors };
  return { file, cases: vectors.length, agreeing: vectors.length - differing.length, differing };
}

/** Null where the source reads no crash; a type that it does not tell is taken to be ours. */
function expectedOf(item: Field, crash: Crash | null): Pick<Crash, "type" | "state"> | null {
  const { type, state } = item.object();
  if (state === "" && (type === undefined || type === "")) return null;
  const wanted = typeof type === "string" ? type : (crash?.type ?? "");
  const lines = typeof state === "string" ? state.split("\n").filter((line) => line !== "") : null;
  const isOurs = crash !== null && (lines === null || stateText(crash) === state);
  return { type: wanted, state: isOurs ? crash.state : (lines ?? []) };
}

function vectorOf(
  name: string,
  text: string,
  crash: Crash | null,
  expected: Pick<Crash, "type" | "state"> | null,
): Json {
  const isCrash = expected !== null;
  return {
    name,
    evidence: evidenceOf(text, signatureOf(expected)),
    context: contextOf(text, crash, signatureOf(crash)),
    verdict: isCrash ? "accepted" : "rejected",
    reasons: isCrash ? [] : ["NOT_REPRODUCED"],
  };
}

const signatureOf = (crash: Pick<Crash, "type" | "state"> | null): string =>
  crash === null ? "" : toHex(crashSignature(sha256, crash));

const hashOf = (text: string): string => toHex(sha256(toUtf8(text)));
const control = hashOf("");

function evidenceOf(text: string, signature: string): Json {
  const run = (inputHash: string): Json => ({ inputHash, outputHash: null });
  return {
    runs: { proof: run(hashOf(text)), control: run(control) },
    digests: signature === "" ? {} : { signature },
  };
}

function contextOf(text: string, crash: Crash | null, signature: string): Json {
  const outputHash = hashOf(text);
  const execution = (inputHash: string, hasFired: boolean): Json => ({
    inputHash,
    outcome: hasFired ? "trapped" : "finished",
    fuel: 0,
    outputHash,
    outputBytes: 0,
    hasFired,
  });
  const proof = execution(hashOf(text), crash !== null);
  const silent = execution(control, false);
  return {
    nowMs: 0,
    attestation: importedAttestation({ assignedAtMs: 0, expiresAtMs: 0, receivedAtMs: 0 }),
    executions: { proof: [proof, proof, proof], control: [silent, silent, silent] },
    crashes: { proof: crash === null ? null : { type: crash.type, state: crash.state, earlier: [] } },
    digests: signature === "" ? {} : { signature },
  };
}
