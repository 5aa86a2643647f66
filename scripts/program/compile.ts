import { execFileSync, spawnSync } from "node:child_process";

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
  const defined = defines.map((name) => `-D${name}=1`);
  execFileSync(compiler, [...flags, ...defined, "-c", source, "-o", object], {
    stdio: ["ignore", "inherit", "inherit"],
  });
}
