import { type Bytes32, toHex } from "../core/bytes.ts";
import type { Execution, Limits, Program } from "./execution.ts";
import type { Sandbox } from "./sandbox.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Executes a program as it lies in a file or a log, with its SHA-256. A script that is no UTF-8 is refused, as a module that is none. */
export async function runBytes(
  sandbox: Pick<Sandbox, "execute">,
  language: Program["language"],
  { bytes, hash }: { readonly bytes: Uint8Array; readonly hash: Bytes32 },
  input: Uint8Array,
  limits: Limits,
): Promise<Execution> {
  if (language === "webassembly")
    return await sandbox.execute({ language, module: bytes, hash: toHex(hash) }, input, limits);
  let source: string;
  try {
    source = utf8.decode(bytes);
  } catch {
    return { outcome: "refused", problem: "it is no UTF-8", fuel: 0 };
  }
  return await sandbox.execute({ language, source }, input, limits);
}
