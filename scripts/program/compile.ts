import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

/** Other versions compile other bytes, and the bytes are what attestors pin. */
const compiler = "clang-22";

/**
 * `-mcpu=v2`: v3's 32-bit arithmetic differs from sBPF's. No built-ins, jump tables or stack protector: there is no
 * library, no indirect jump and no place for them. The virtual machine allows unaligned access, and a frame has 4,096
 * bytes.
 */
const flags = [
  "-target bpfel -mcpu=v2 -O2 -std=c11 -Wall -Wextra -Werror",
  "-ffreestanding -fno-builtin -fno-jump-tables -fno-stack-protector -fno-ident",
  "-Xclang -target-feature -Xclang +allows-misaligned-mem-access -mllvm -bpf-stack-size=4096",
].flatMap((line) => line.split(" "));

/** The compiler's version, or undefined where it is not installed. */
export function compilerVersion(): string | undefined {
  const result = spawnSync(compiler, ["--version"], { encoding: "utf8" });
  return result.status === 0 ? result.stdout.split("\n")[0] : undefined;
}

export const compilerMissing = `${compiler} is not installed: on Debian, apt-get install ${compiler}`;

/** Compiles one C file; the compiler's complaints go to our standard error, and make it fail. */
export function compile(source: string, object: string, defines: readonly string[] = []): void {
  run(compiler, [...flags, ...defines.map((name) => `-D${name}=1`), "-c", source, "-o", object]);
}

/** What the C SDK of the platform tools compiles with (`C_FLAGS` and `SBF_C_FLAGS` of its `sbf.mk`), but for the target. */
const sdkFlags = "-Werror -O2 -fno-builtin -std=c17 -fPIC -DSOL_SBPFV3=1".split(" ");

/** With those flags and this compiler, which lacks the target `sbf`: its nearest, with that one's size of a frame. */
export function compileAsSdk(source: string, object: string): void {
  const target = "-target bpfel -mcpu=v2 -mllvm -bpf-stack-size=4096".split(" ");
  run(compiler, [...sdkFlags, ...target, "-c", source, "-o", object]);
}

/** Where the platform tools and the C SDK are, the folder with `c/` and `dependencies/` in it; null where nobody said. */
export const sdkFolder = process.env["EARNEST_SBF_SDK"] ?? null;

/** With the platform tools themselves, to the linked program. */
export function buildWithSdk(sdk: string, source: string, object: string, program: string): void {
  const tool = (name: string): string => join(sdk, "dependencies/platform-tools/llvm/bin", name);
  run(tool("clang"), ["-target", "sbf", "-mcpu=v3", ...sdkFlags, "-c", source, "-o", object]);
  const options = "-z notext -shared --Bdynamic -Bsymbolic --entry entrypoint".split(" ");
  run(tool("ld.lld"), [...options, "-T", join(sdk, "c/sbf.ld"), "-o", program, object]);
}

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: ["ignore", "inherit", "inherit"] });
}
