/**
 * Frames that say nothing of where a fault is: of sanitizers, fuzzers, allocators, runtimes, and of what reports and
 * stops. Source: ClusterFuzz (Apache-2.0), stacktraces/constants.py; those of Rust, JavaScript and honggfuzz that it
 * does not have are ours. A list is a fact about tools, and grows with them.
 */
const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const whole: ReadonlySet<string> = new Set(
  words(`
    <unknown> [vdso] __chk_fail __fortify_fail abort exit panic pthread_create pthread_kill raise tgkill
  `),
);

/** Functions that may have two underscores in front. */
const functionsOfC = words("aeabi_ memcmp memcpy memmove memset strcmp strcpy strdup strlen strncpy");

const beginnings: readonly string[] = [
  ...functionsOfC,
  ...functionsOfC.map((name) => `__${name}`),
  ...words(`
    <libclang_rt.asan.so> <null> Abort( CFCrash CrashTrampolineAsm ExitCallback IsSandboxedProcess
    LLVMFuzzerTestOneInput MSanAtExitWrapper New RaiseException SbSystemBreakIntoDebugger SignalAction SignalHandler
    TestOneProtoInput V8_Fatal WTF:: WTFCrash X11Error _$LT$ _L_unlock_ __GI_ __asan:: __asan_ __assert_ __cxa_atexit
    __cxa_rethrow __cxa_throw __dump_stack __hwasan:: __hwasan_ __interceptor_ __kasan_ __libc_ __lsan:: __lsan_
    __msan:: __msan_ __pthread_kill __run_exit_handlers __rust_start_panic __rust_try __sanitizer:: __sanitizer_
    __scrt_common_main_seh __tsan:: __tsan_ __ubsan:: __ubsan_ __zx_panic _asan_ _etext _hwasan_ _lsan_ _msan_
    _objc_terminate _sanitizer_ _start _swift_stdlib_ _tsan_ _ubsan_ abort absl::log_internal:: alloc::
    android.app.ActivityManagerProxy. android.os.Parcel. art::Thread::CreateNativeThread asan.module_ctor
    asan.module_dtor asan_ blink::ReportV8FatalError calloc check_memory_region common_exit core::fmt::write
    core::panicking:: core::result::unwrap_failed core::option::unwrap_failed core::option::expect_failed delete
    demangling_terminate_handler dump_backtrace dump_stack exit_or_terminate_process fpehandler( free fuzzer:: g_log
    generic_cpp_ gsignal kasan_ libc_io_functions_not_implemented_use_fdio_instead libfuzzer_sys::initialize
    libgcc_s.so linux-gate.so main malloc mozalloc_ new object_err operator panic_abort:: print_address_description
    print_trailer realloc runtime. rust_begin_unwind rust_fuzzer_test_input rust_oom rust_panic scanf show_stack
    std::__terminate std::io::Write::write_fmt std::panic std::process::abort std::rt:: std::sys::
    std::sys_common::backtrace std::sys::unix::abort syslog::LogMessage v8::api_internal::ToLocalEmpty
  `),
];

const parts: readonly string[] = [
  ...words(`
    +Unknown ASAN_OnSIGSEGV BaseThreadInitThunk DebugBreak DefaultDcheckHandler ForceCrashOnSigAbort
    MemoryProtection::CMemoryProtector PartitionAlloc RtlFreeHeap RtlInitializeExceptionChain RtlReportCriticalFailure
    RtlUserThreadStart RtlpHeapHandleError RtlpLogHeapFailure SkDebugf StackDumpSignalHandler __android_log_assert
    __tmainCRTStartup _asan_rtl_ agent::asan:: allocator_shim asan_Heap asan_check_access asan_osx_dynamic.dylib assert
    base::FuzzedDataProvider base::allocator base::android::CheckException base::debug::BreakDebugger
    base::debug::CollectStackTrace base::debug::StackTrace::StackTrace fuzztest::internal:: ieee754- libpthread logger
    logging::CheckError logging::ErrnoLogMessage logging::NotReachedError CheckLogMessage absl::Cleanup
    absl::cleanup_internal ImmediateCrash logging::LogMessage stdext::exception::what v8::base::OS::Abort
    v8::internal::Isolate::PushStackTraceAndDie
  `),
  "<unknown module>",
  "Inline Function @",
  // Files.
  " base/callback",
  " /rust/",
  " /rustc/",
  ...words(`
    /AOSP-toolchain/ /bindings/ToV8.h /centipede/ /crosstool/ /gcc/ /glibc- /jemalloc/ /libc++ /libc/ /llvm-build/ /memorycmp.c
    /minkernel/crts/ /sanitizer_common/ /tcmalloc/ /vc/include/ /vctools/crt/ /win_toolchain/ libc++/
    libc.so libc++.so libc++_shared.so libstdc++.so
  `),
];

const shortest = 3;

/** Whether a frame, with what it says of its file, is left out of the state. */
export function isIgnoredFrame(frame: string): boolean {
  if (frame.length < shortest || whole.has(frame)) return true;
  const text = frame.replaceAll("\\", "/");
  if (text.startsWith("c:/clusterfuzz/bot/build")) return true;
  if (beginnings.some((each) => text.startsWith(each)) || parts.some((each) => text.includes(each))) return true;
  const libc = text.indexOf("libc-");
  return libc !== -1 && text.includes(".so", libc);
}
