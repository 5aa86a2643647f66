import { type Draft, isKernelFailure, setType } from "../draft.ts";
import type { Captures } from "../pattern.ts";
import { lines, type RuleGroup } from "../rule.ts";
import { capitalise, hyphenate } from "../texts.ts";

/** Bits 0 to 3 of ARM's fault status register, as ClusterFuzz names them. */
const faultStatus: Readonly<Record<number, string>> = {
  1: "Alignment Fault",
  3: "Access Flag Fault, Section",
  4: "Instruction Cache Maintenance Fault",
  5: "Translation Fault, Section",
  6: "Access Flag Fault, Page",
  7: "Translation Fault, Page",
  9: "Domain Fault, Section",
  11: "Domain Fault, Page",
  12: "L1 Translation",
  13: "Permission Fault, Section",
  14: "L2 Translation",
  15: "Permissions Fault, Page",
};

/** Bit 11 of the register. */
const writeBit = 0x800;

function faultOf(code: string): string {
  if (code === "BUG") return code;
  const value = Number.parseInt(code, 16);
  const access = (value & writeBit) === 0 ? "READ" : "WRITE";
  return `Kernel failure\n${access} ${faultStatus[value & 0xf] ?? "Unknown"} (${value})`;
}

const kernelFailure = ({ kind = "" }: Captures): string => `Kernel failure\n${capitalise(hyphenate(kind))}`;

function addAccess(draft: Draft, { access = "", size = "", digits = "" }: Captures): void {
  setType(draft, `${draft.type}\n${access.toUpperCase()} ${size}`);
  if (draft.address === "" && digits !== "") draft.address = `0x${digits}`;
}

const withDigits = ({ digits = "" }: Captures): string => `0x${digits}`;

/** Linux and Android kernels, with KASAN and without it. */
export const kernel: readonly RuleGroup[] = [
  {
    // A report of KASAN says more than the panic behind it.
    when: (_draft, { isKasan }) => !isKasan,
    rules: [
      {
        line: lines(
          "{}Internal error: Oops: {code:word}",
          "{}Internal error: Oops - {code:word}",
          "{}Internal error: : {code:word}",
          "{}Internal error:  - {code:word}",
        ),
        type: ({ code = "" }) => faultOf(code),
        isNew: true,
      },
      {
        line: lines("Kernel panic - not syncing: {kind}"),
        type: ({ kind = "" }) => `Kernel failure\n${hyphenate(kind)}`,
        isNew: true,
      },
    ],
  },
  {
    rules: [
      { line: lines("kernel BUG at {kind}"), type: kernelFailure },
      {
        line: lines(
          "BUG: KASAN: {kind} in {} at addr {digits:hex}",
          "BUG: KASAN: {kind} in {} at address {digits:hex}",
          "BUG: KASAN: {kind} on {} address {digits:hex}",
          "BUG: KASAN: {kind} on address {digits:hex}",
        ),
        type: kernelFailure,
        address: withDigits,
      },
      {
        line: lines("{}KASAN: {kind} in range [{address:hex}-", "{}KASAN: {kind} on range [{address:hex}-"),
        type: kernelFailure,
      },
      {
        line: lines(
          "BUG: KASAN: {kind} in {:word}+{:word}/{:word}",
          "BUG: KASAN: {kind} in {} {:word}+{:word}/{:word}",
        ),
        type: kernelFailure,
      },
      {
        line: lines("general protection fault:{}KASAN"),
        type: "Kernel failure\nGeneral-protection-fault",
      },
    ],
  },
  {
    when: isKernelFailure,
    rules: [
      {
        line: lines(
          "{access:letters} of size {size:digits} at addr {digits:hex}",
          "{access:letters} of size {size:digits} at address {digits:hex}",
          "{access:letters} of size {size:digits}",
        ),
        also: addAccess,
      },
    ],
  },
];
