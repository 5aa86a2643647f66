import type { Execution, Limits, Program } from "./execution.ts";
import type { Sandbox } from "./sandbox.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Executes a program as it lies in a file or a log. A script that is no UTF-8 is refused, as a module that is none. */
export async function runBytes(
  sandbox: Pick<Sandbox, "execute">,
  language: Program["language"],
  program: Uint8Array,
  input: Uint8Array,
  limits: Limits,
): Promise<Execution> {
  if (language === "webassembly") return await sandbox.execute({ language, module: program }, input, limits);
  let source: string;
  try {
    source = utf8.decode(program);
  } catch {
    return { outcome: "refused", problem: "it is no UTF-8", fuel: 0 };
  }
  return await sandbox.execute({ language, source }, input, limits);
}
