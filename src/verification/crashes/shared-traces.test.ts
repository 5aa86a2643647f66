import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { areTracesHere, type CrashTrace, readCrashTraces } from "../../../test/support/crash-traces.ts";
import { sha256 } from "../../../test/support/market-hash.ts";
import { toHex } from "../../core/bytes.ts";
import { type Crash, stateText } from "./crash.ts";
import { isDuplicate } from "./duplicates.ts";
import { readCrash } from "./read-crash.ts";
import { crashSignature } from "./signature.ts";

const traces = readCrashTraces();
if (!areTracesHere)
  console.warn("The traces of ../shared/data/kinds/clusterfuzz are not here: tests on them are left out.");

const read = ({ text }: CrashTrace): Crash | null => readCrash(text);
const whoDiffers = (differs: (trace: CrashTrace, crash: Crash | null) => boolean): string[] =>
  traces.filter((trace) => differs(trace, read(trace))).map(({ file }) => file);

describe.skipIf(!areTracesHere)("ClusterFuzz's traces", () => {
  it("are all there", () => expect(traces).toHaveLength(80));

  it("have the type that ClusterFuzz gives them", () => {
    expect(whoDiffers(({ type }, crash) => type !== undefined && (crash?.type ?? "") !== type)).toEqual([]);
  });

  it("have the state that ClusterFuzz gives them", () => {
    expect(whoDiffers(({ state }, crash) => (crash === null ? "" : stateText(crash)) !== state)).toEqual([]);
  });

  it("have the address that ClusterFuzz gives them", () => {
    expect(whoDiffers(({ address }, crash) => address !== undefined && (crash?.address ?? "") !== address)).toEqual([]);
  });

  it("are of interest for security where ClusterFuzz says so", () => {
    const differs = ({ security_flag: flag }: CrashTrace, crash: Crash | null): boolean =>
      flag !== undefined && (crash?.isSecurity ?? false) !== flag;
    expect(whoDiffers(differs)).toEqual([]);
  });

  it("have signatures that never change", () => {
    const signatures = traces.map((trace) => {
      const crash = read(trace);
      return `${trace.file} ${crash === null ? "" : toHex(crashSignature(sha256, crash))}`;
    });
    const all = createHash("sha256").update(signatures.join("\n")).digest("hex");
    expect(all).toBe("5b3e8986811bd2e188b66b9e52fecd662a4caaddc6350518afe3a93268c3e8aa");
  });

  it("read the same with the line ends of Windows", () => {
    for (const trace of traces) expect(readCrash(trace.text.replaceAll("\n", "\r\n"))).toEqual(read(trace));
  });

  it("are duplicates of each other only where they are one stack", () => {
    const crashes = traces.flatMap((trace) => {
      const crash = read(trace);
      return crash === null ? [] : [{ file: trace.file, crash }];
    });
    const pairs = crashes.flatMap((one, i) =>
      crashes
        .slice(i + 1)
        .flatMap((other) => (isDuplicate(one.crash, other.crash) ? [`${one.file} = ${other.file}`] : [])),
    );
    expect(pairs).toEqual([
      "address_in_state.txt = ignore_sanitizer.txt",
      "android_asan_null_dereference_write.txt = android_asan_unknown_read.txt",
      "ubsan_null_pointer_read.txt = ubsan_null_pointer_write.txt",
      "asan_ill.txt = asan_ill_null_address.txt",
      "asan_null_dereference_win_read.txt = asan_unknown_win_write.txt",
    ]);
  });
});
