import { describe, expect, it } from "vitest";
import { type CrashPolicy, readCrash, usualPolicy } from "./read-crash.ts";

/** Reports in the form of each tool, written for these tests, with what is read of them. */
interface Case {
  readonly name: string;
  readonly report: string;
  readonly type: string;
  readonly state: readonly string[];
  readonly address?: string;
  readonly isSecurity?: boolean;
  readonly policy?: CrashPolicy;
}

const policyOf = (target: string | null): CrashPolicy => ({ exhaustion: "crash", target });

function expectRead({ report, type, state, address, isSecurity, policy }: Case): void {
  const crash = readCrash(report, policy);
  expect(crash).toMatchObject({ type, state });
  if (address !== undefined) expect(crash?.address).toBe(address);
  if (isSecurity !== undefined) expect(crash?.isSecurity).toBe(isSecurity);
}

const frames = (...names: readonly string[]): string =>
  names.map((name, i) => `    #${i} 0x55d0c0de00${i}0 in ${name} src/parser.c:${i + 10}:5`).join("\n");

const parserFrames = frames("__interceptor_memcpy", "take(char const*, unsigned long)", "parse_item", "parse", "main");
const parserState = ["take", "parse_item", "parse"];

const sanitizers: readonly Case[] = [
  {
    name: "AddressSanitizer: use after free",
    report: `==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x60200000eff0 at pc 0x0 bp 0x1 sp 0x2
READ of size 4 at 0x60200000eff0 thread T0
${parserFrames}
0x60200000eff0 is located 0 bytes inside of 4-byte region
previously allocated by thread T0 here:
${frames("make", "make_all")}
SUMMARY: AddressSanitizer: heap-use-after-free src/parser.c:11:5 in take`,
    type: "Heap-use-after-free\nREAD 4",
    state: parserState,
    address: "0x60200000eff0",
    isSecurity: true,
  },
  {
    name: "AddressSanitizer: large writes are of one sort",
    report: `==7==ERROR: AddressSanitizer: stack-buffer-overflow on address 0x7ffe00001234 at pc 0x0
WRITE of size 4097 at 0x7ffe00001234 thread T0
${parserFrames}`,
    type: "Stack-buffer-overflow\nWRITE {*}",
    state: parserState,
  },
  {
    name: "AddressSanitizer: a null pointer",
    report: `==7==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000028 (pc 0x1 bp 0x2 sp 0x3 T0)
==7==The signal is caused by a WRITE memory access.
${parserFrames}`,
    type: "Null-dereference WRITE",
    state: parserState,
    address: "0x000000000028",
    isSecurity: false,
  },
  {
    name: "AddressSanitizer: a free of what was never allocated",
    report: `==7==ERROR: AddressSanitizer: attempting free on address which was not malloc()-ed: 0x7ffd0000aaa0 in thread T0
${parserFrames}`,
    type: "Invalid-free",
    state: parserState,
    address: "0x7ffd0000aaa0",
    isSecurity: true,
  },
  {
    name: "AddressSanitizer: overlapping copies",
    report: `==7==ERROR: AddressSanitizer: memcpy-param-overlap: memory ranges [0x10,0x20) and [0x18, 0x28) overlap
${parserFrames}`,
    type: "Memcpy-param-overlap",
    state: parserState,
    address: "[0x10,0x20) and [0x18, 0x28)",
  },
  {
    name: "HWAddressSanitizer",
    report: `==9==ERROR: HWAddressSanitizer: tag-mismatch on address 0x0040e1287be0 at pc 0x0
READ of size 8 at 0x0040e1287be0 tags: 28/a9 (ptr/mem) in thread T0
${parserFrames}`,
    type: "Tag-mismatch\nREAD 8",
    state: parserState,
  },
  {
    name: "MemorySanitizer",
    report: `==9==WARNING: MemorySanitizer: use-of-uninitialized-value\n${parserFrames}`,
    type: "Use-of-uninitialized-value",
    state: parserState,
    isSecurity: true,
  },
  {
    name: "ThreadSanitizer",
    report: `WARNING: ThreadSanitizer: data race (pid=18)
  Write of size 4 at 0x7f15d580f30c by thread T11 (mutexes: write M1608):
${parserFrames}
  Previous read of size 4 at 0x7f15d580f30c by thread T22:
${frames("other")}`,
    type: "Data race\nWRITE 4",
    state: parserState,
    isSecurity: false,
  },
  {
    name: "LeakSanitizer: a direct leak comes before an indirect one",
    report: `==3==ERROR: LeakSanitizer: detected memory leaks
Indirect leak of 16 byte(s) in 1 object(s) allocated from:
${frames("malloc", "node_new")}
Direct leak of 8 byte(s) in 1 object(s) allocated from:
${frames("malloc", "list_new", "read_list")}
Direct leak of 1 byte(s) in 1 object(s) allocated from:
${frames("malloc", "name_new")}`,
    type: "Direct-leak",
    state: ["list_new", "read_list"],
    isSecurity: false,
  },
  ...(
    [
      ["signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'", "Integer-overflow", false],
      [
        "unsigned integer overflow: 0 - 1 cannot be represented in type 'unsigned int'",
        "Unsigned-integer-overflow",
        false,
      ],
      ["index 9 out of bounds for type 'int[8]'", "Index-out-of-bounds", true],
      ["shift exponent 64 is too large for 32-bit type 'int'", "Undefined-shift", false],
      ["load of value 7, which is not a valid value for type 'bool'", "Invalid-bool-value", false],
      ["load of value 7, which is not a valid value for type 'kind'", "Invalid-enum-value", false],
      ["division by zero", "Divide-by-zero", false],
      ["null pointer passed as argument 1, which is declared to never be null", "Invalid-null-argument", false],
      ["execution reached an unreachable program point", "Unreachable code", false],
      ["something that nobody has seen yet", "UNKNOWN", false],
    ] as const
  ).map(([message, type, isSecurity]) => ({
    name: `UndefinedBehaviorSanitizer: ${message}`,
    report: `src/parser.c:12:5: runtime error: ${message}\n${parserFrames}`,
    type,
    state: parserState,
    isSecurity,
  })),
  {
    name: "a bad cast says what was cast to what",
    report: `a.cc:5:1: runtime error: downcast of address 0x2aa9a6abc480 which does not point to an object of type 'app::List'
0x2aa9a6abc480: note: object is of type 'app::Item'
${parserFrames}`,
    type: "Bad-cast",
    state: ["Bad-cast to app::List from app::Item", "take", "parse_item"],
    address: "0x2aa9a6abc480",
    isSecurity: true,
  },
];

const assertions: readonly Case[] = [
  {
    name: "glibc",
    report: `parser: src/parser.c:40: int parse(const char *): Assertion \`depth < max' failed.
==2==ERROR: AddressSanitizer: ABRT on unknown address 0x000000000002 (pc 0x1 bp 0x2 sp 0x3 T0)
${frames("gsignal", "abort", "__assert_fail", "parse", "main")}`,
    type: "ASSERT",
    state: ["depth < max", "parse"],
  },
  {
    name: "libstdc++",
    report: "/usr/include/array:200: assertion __n < this->size() failed: index out of bounds",
    type: "ASSERT",
    state: ["index out of bounds"],
  },
  {
    name: "a program's own",
    report: `[2020-01-01 00:00:00][critical] assert failure: a == b. Details: no.\n${parserFrames}`,
    type: "ASSERT",
    state: ["a == b. Details: no.", "take", "parse_item"],
  },
  {
    name: "Chromium: without the values that were compared",
    report: "[3:4:0101/101010.5:FATAL:app/queue.cc:42] Check failed: size == expected (3 vs. 4)",
    type: "CHECK failure",
    state: ["size == expected in queue.cc"],
    isSecurity: false,
  },
  {
    name: "Chromium: without what the program adds",
    report: "[3:4:0101/101010.5:FATAL:queue.cc(42)] DCHECK failed: !closed_; queue was closed by somebody",
    type: "CHECK failure",
    state: ["!closed_ in queue.cc"],
  },
  {
    name: "Chromium: where values go on in the next line",
    report: "[3:4:0101/101010.5:FATAL:queue.cc(42)] Check failed: a == b (one\ntwo vs. three)",
    type: "CHECK failure",
    state: ["a == b in queue.cc"],
  },
  {
    name: "Chromium: code that should not be reached",
    report: "[3:4:0101/101010.5:FATAL:queue.cc(42)] NOTREACHED hit. state 17",
    type: "CHECK failure",
    state: ["NOTREACHED hit in queue.cc"],
  },
  {
    name: "V8: a debug check",
    report: `#\n# Fatal error in ../src/heap.cc, line 12\n# Debug check failed: IsFree() (1 vs. 0).\n#\n${parserFrames}`,
    type: "DCHECK failure",
    state: ["IsFree() in heap.cc", "take", "parse_item"],
    isSecurity: true,
  },
  {
    name: "Google's log",
    report: 'F0813 00:29:27.775753  384244 store/file.cc:130] Check failed: query failed: "fuzzed456$data"',
    type: "CHECK failure",
    state: ["query failed in file.cc"],
  },
  {
    name: "a sanitizer that fails itself: what follows does not count",
    report: `==1==AddressSanitizer CHECK failed: ../asan_poisoning.cc:27 "((AddrIsInMem(addr))) != (0)" (0x0, 0x0)
==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x60200000eff0 at pc 0x0`,
    type: "Sanitizer CHECK failure",
    state: ['"((AddrIsInMem(addr))) != (0)" (0x0, 0x0)'],
  },
];

const systems: readonly Case[] = [
  {
    name: "KASAN",
    report: `[   12.345678] ==================================================================
[   12.345679] BUG: KASAN: use-after-free in sock_wake+0x1f0/0x210 at addr ffffffc01640e9d0
[   12.345680] Read of size 8 by task syz/99
[   12.345681] Call trace:
[   12.345682] [<ffffffc00020dbcc>] dump_backtrace+0x0/0x258
[   12.345683] [<ffffffc00020de40>] kasan_report+0x1c/0x2c
[   12.345684] [<ffffffc000d36974>] sock_wake+0x100/0x1d8 net/socket.c:834
[   12.345685] [<ffffffc000d36974>] ? not_sure+0x100/0x1d8
[   12.345686] [<ffffffc000d32f58>] sock_readable+0x108/0x1a4`,
    type: "Kernel failure\nUse-after-free\nREAD 8",
    state: ["sock_wake", "sock_readable"],
    address: "0xffffffc01640e9d0",
    isSecurity: true,
  },
  {
    name: "an ARM kernel",
    report: `[   88.1] Internal error: Oops: 805 [#1] PREEMPT SMP ARM
[   88.2] [<c0667574>] (vidc_prepare+0xa0/0x124) from [<c0650000>] (v4l_prepare+0x10/0x14)
[   88.3] [<c0650000>] (v4l_prepare+0x10/0x14)`,
    type: "Kernel failure\nWRITE Translation Fault, Section ({*})",
    state: ["v4l_prepare", "v4l_prepare"],
  },
  {
    name: "a kernel's panic",
    report: "Kernel panic - not syncing: stack corrupted\n dump_stack+0x10/0x20\n do_thing+0x10/0x20",
    type: "Kernel failure\nstack-corrupted",
    state: ["do_thing"],
  },
  {
    name: "Android: a signal without a stack is known by its process",
    report: "Fatal signal 11 (SIGSEGV), code 2, fault addr 0xb6e43000 in tid 1544 (surfaceflinger)",
    type: "UNKNOWN",
    state: ["Surfaceflinger"],
    address: "0xb6e43000",
    isSecurity: true,
  },
  {
    name: "Android: what was asserted",
    report: `signal 6 (SIGABRT), code -6 (SI_TKILL), fault addr --------
Abort message: media/Extractor.cpp:36 CHECK_EQ( (unsigned)ptr[0],1u) failed: 25 vs. 1`,
    type: "CHECK failure",
    state: ["CHECK_EQ( (unsigned)ptr[0],1u) failed: in Extractor.cpp"],
    address: "",
  },
  {
    name: "Android: Java",
    report: `FATAL EXCEPTION: main
java.util.NoSuchElementException
\tat java.util.ArrayList$Itr.next(ArrayList.java:576)
\tat com.example.App.fire(App.java:12)`,
    type: "Fatal Exception",
    state: ["java.util.ArrayList$Itr.next", "com.example.App.fire"],
    isSecurity: false,
  },
  {
    name: "Windows: cdb",
    report: `Attempt to read from address 0000000000000010
DEFAULT_BUCKET_ID:  NULL_POINTER_READ
ChildEBP RetAddr
002df7e4 00fd1423 App!crash+0x1e [c:\\src\\c++\\app.cc @ 12]
002df8b8 00fd1969 App!std::vector<int>::at+0x23
002df924 770bad1f KERNEL32!BaseThreadInitThunk+0x24`,
    type: "READ",
    state: ["crash", "std::vector<int>::at"],
    address: "0x000000000010",
    isSecurity: false,
  },
  {
    name: "Windows: what the verifier found",
    report: "DEFAULT_BUCKET_ID:  STATUS_INTEGER_OVERFLOW_AVRF\nChildEBP RetAddr\n002df7e4 00fd1423 App!divide+0x1e",
    type: "Integer-overflow",
    state: ["divide"],
  },
  {
    name: "gdb",
    report: `Program received signal SIGTRAP, Trace/breakpoint trap.
0x0000000000000ac8 in load ()
#0  0x0000000000000ac8 in load () at boot.c:12
#1  0x0000000000000b00 in boot () at boot.c:34`,
    type: "SIGTRAP",
    state: ["load", "boot"],
    address: "0x000000000ac8",
  },
  {
    name: "macOS: names as the linker has them",
    report: `[1:2:0603/143054:FATAL:curve.cc(48)] Check failed: speed > 0 (0 vs. 0)
0   Shell Framework                     0x000000010a9dd9e8 _ZN7logging10LogMessageD2Ev + 392
1   Shell Framework                     0x000000010cbf477a _ZN2ui5CurveC2ERKN3gfx8Vector2dE + 698
2   Shell Framework                     0x0000000114f10eef _ZNK2ui12_GLOBAL__N_14ListIiSt6vectorIiEE3addEv + 79`,
    type: "CHECK failure",
    state: ["speed > 0 in curve.cc", "ui::Curve::Curve", "ui::List::add"],
  },
];

const fuzzers: readonly Case[] = [
  {
    name: "libFuzzer: the target's file stands for its function",
    report: `==5== ERROR: libFuzzer: fuzz target exited\n${frames("fuzzer::Fuzzer::ExitCallback()", "LLVMFuzzerTestOneInput")}`,
    type: "Unexpected-exit",
    state: ["parser.c"],
  },
  {
    name: "libFuzzer: a time-out",
    report: `==5== ERROR: libFuzzer: timeout after 25 seconds\n${parserFrames}`,
    type: "Timeout",
    state: ["parser_fuzzer"],
    isSecurity: false,
    policy: policyOf("parser_fuzzer"),
  },
  {
    name: "libFuzzer: memory used up",
    report: `==5== ERROR: libFuzzer: out-of-memory (used: 2049Mb; limit: 2048Mb)\n${parserFrames}`,
    type: "Out-of-memory",
    state: parserState,
    isSecurity: false,
    policy: policyOf(null),
  },
  {
    name: "Centipede: the abort that ends it is no crash of its own",
    report: `========= Per-input timeout exceeded: 61 > 60 (sec); exiting
==5==ERROR: AddressSanitizer: ABRT on unknown address 0x0539000001dd (pc 0x1)
${frames("fuzztest::internal::CheckTime()", "work")}`,
    type: "Timeout",
    state: ["target"],
    policy: policyOf("target"),
  },
  {
    name: "honggfuzz: its wrappers do not count",
    report: `==5==ERROR: AddressSanitizer: SEGV on unknown address 0x0000deadbeef (pc 0x1 bp 0x2 sp 0x3 T0)
    #0 0x55f2fda19db0 in HF_strcmp honggfuzz/libhfuzz/memorycmp.c:17:26
    #1 0x55f2fd41dfc6 in compare file1.c:486:12`,
    type: "UNKNOWN",
    state: ["compare"],
  },
  {
    name: "extra sanitizers",
    report: `===BUG DETECTED: Shell injection===\n${parserFrames}`,
    type: "Command injection",
    state: parserState,
    isSecurity: true,
  },
  {
    name: "a library that is not there",
    report:
      "./parser: error while loading shared libraries: libtest.so.1: cannot open shared object file: No such file",
    type: "Missing-library",
    state: ["libtest.so.1"],
    isSecurity: false,
  },
];

const languages: readonly Case[] = [
  {
    name: "Go",
    report: `panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
example.com/parser.(*Reader).next(0xc000012345, {0x1, 0x2})
\t/src/parser/reader.go:12 +0x1b
panic(0xc30720, 0x144ca60)
main.main()
\t/src/main.go:5 +0x1d`,
    type: "Index out of range",
    state: ["parser.(*Reader).next"],
    isSecurity: false,
  },
  {
    name: "Rust, as it wrote until 1.72",
    report: `thread 'main' panicked at 'no such port: 7', src/net.rs:10:5
stack backtrace:
   0: rust_begin_unwind
             at /rustc/abc/library/std/src/panicking.rs:593:5
   1: core::panicking::panic_fmt
   2: app::net::listen::h0123456789abcdef
   3: app::main`,
    type: "ASSERT",
    state: ["no such port: 7", "app::net::listen", "app::main"],
  },
  {
    name: "Rust, as it writes from 1.73 on",
    report: `thread 'main' panicked at src/net.rs:10:5:
no such port: 7
stack backtrace:
   0:     0x5581f2a3c0d0 - rust_begin_unwind
   1:     0x5581f2a3c0d1 - app::net::listen::h0123456789abcdef
   2:     0x5581f2a3c0d2 - app::main`,
    type: "ASSERT",
    state: ["no such port: 7", "app::net::listen", "app::main"],
  },
  {
    name: "Python: the innermost frame first",
    report: `Traceback (most recent call last):
  File "/app/run.py", line 9, in <module>
    read("x")
  File "/app/read.py", line 5, in read
    return parse(name)
  File "/app/read.py", line 2, in parse
    raise ValueError(name)
ValueError: x`,
    type: "Uncaught exception",
    state: ["parse", "read", "<module>"],
    isSecurity: false,
  },
  {
    name: "Java",
    report: `== Java Exception: java.lang.IllegalStateException: mustNeverBeCalled has been called
\tat com.example.Parser.never(Parser.java:45)
\tat com.example.Parser.fuzzerTestOneInput(Parser.java:32)
== libFuzzer crashing input ==`,
    type: "Uncaught exception",
    state: ["com.example.Parser.never", "com.example.Parser.fuzzerTestOneInput"],
    isSecurity: false,
  },
  {
    name: "Java: what its own code calls severe",
    report: `== Java Exception: com.code_intelligence.jazzer.api.FuzzerSecurityIssueHigh: out
\tat com.example.Parser.never(Parser.java:45)`,
    type: "Security exception",
    state: ["com.example.Parser.never"],
    isSecurity: true,
  },
  {
    name: "QuickJS",
    report: `TypeError: cannot read property 'length' of undefined
    at take (parser.js:3:9)
    at parse (parser.js:14:10)
    at <anonymous> (proof.js:1:1)
    at <eval> (proof.js)`,
    type: "Uncaught TypeError",
    state: ["take", "parse", "<anonymous>"],
    isSecurity: false,
  },
  {
    name: "QuickJS: a stack that overflows is known by its cycle",
    report: `InternalError: stack overflow
    at leaf (parser.js:9:1)
${"    at even (parser.js:3:9)\n    at odd (parser.js:4:9)\n".repeat(5)}`,
    type: "Stack-overflow",
    state: ["even", "odd"],
    isSecurity: false,
  },
];

describe.each([
  ["sanitizers", sanitizers],
  ["assertions", assertions],
  ["systems and debuggers", systems],
  ["fuzzers", fuzzers],
  ["languages", languages],
])("a report of %s", (_name, cases) => {
  it.each(cases)("$name", expectRead);
});

describe("what is no crash", () => {
  it.each([
    ["nothing", ""],
    ["a text", "All 12 tests passed.\nAddressSanitizer was on.\n"],
    ["a log", "[1:2:0603/143054:ERROR:bus.cc(408)] Failed to connect\n#1 0x1234 in main main.c:1\n"],
    ["an error that was caught", "TypeError: x is not a function (ignored)\n"],
    ["a warning of a sanitizer", "==1==WARNING: AddressSanitizer failed to allocate 0xfff bytes\n"],
    ["what a page logs", '[1:2:0603/143054:INFO:CONSOLE(6)] "ASSERTION FAILED: x", source: a.html (6)\n'],
  ])("%s", (_name, text) => expect(readCrash(text)).toBeNull());

  it("time and memory that ran out, where they are not to count", () => {
    for (const { report, policy } of fuzzers.filter((each) => each.policy !== undefined)) {
      expect(policy?.exhaustion).toBe("crash");
      expect(["Abrt", undefined]).toContain(readCrash(report, usualPolicy)?.type);
    }
  });
});

/** What our own process says: the form of V8's stacks is V8's, and not what we think it is. */
describe("V8", () => {
  const stackOf = (run: () => void): string => {
    try {
      run();
    } catch (error) {
      return (error as Error).stack ?? "";
    }
    throw new Error("nothing was thrown");
  };

  interface WebAssemblyOfV8 {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, () => void>> };
  }
  const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyOfV8 }).WebAssembly;

  /** One function runs the instructions, another calls it. They have no names, as in a module that was stripped. */
  function wasm(code: readonly number[]): () => void {
    const body = [0x00, ...code, 0x0b];
    const bytes = [
      [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      [0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
      [0x03, 0x03, 0x02, 0x00, 0x00],
      [0x05, 0x03, 0x01, 0x00, 0x01],
      [0x07, 0x07, 0x01, 0x03, 0x72, 0x75, 0x6e, 0x00, 0x01],
      [0x0a, body.length + 7, 0x02, body.length, ...body, 0x04, 0x00, 0x10, 0x00, 0x0b],
    ];
    return new Instance(new Module(Uint8Array.from(bytes.flat()))).exports["run"] as () => void;
  }

  it("says what an error of a program is", () => {
    function parseItem(value: unknown): number {
      return (value as { readonly list: readonly number[] }).list.length;
    }
    const crash = readCrash(stackOf(() => parseItem(null)));
    expect(crash?.type).toBe("Uncaught TypeError");
    expect(crash?.state[0]).toBe("parseItem");
    expect(crash?.isSecurity).toBe(false);
  });

  it.each([
    ["unreachable", [0x00], "Unreachable code"],
    ["a division by zero", [0x41, 0x01, 0x41, 0x00, 0x6d, 0x1a], "Divide-by-zero"],
    ["an access outside memory", [0x41, 0x7f, 0x28, 0x02, 0x00, 0x1a], "Out-of-bounds access"],
  ])("says where WebAssembly trapped: %s", (_name, code, type) => {
    const crash = readCrash(stackOf(wasm(code)));
    expect(crash?.type).toBe(type);
    expect(crash?.state.slice(0, 2)).toEqual(["wasm-function[0]", "wasm-function[1]"]);
  });

  it("says that a stack overflowed, by its cycle", () => {
    const down = (depth: number): number => up(depth + 1) + 1;
    const up = (depth: number): number => down(depth + 1) + 1;
    const crash = readCrash(stackOf(() => down(0)));
    expect(crash?.type).toBe("Stack-overflow");
    expect(crash?.state.toSorted()).toEqual(["down", "up"]);
  });
});
