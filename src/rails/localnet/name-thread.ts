import { writeFileSync } from "node:fs";

/** What tools such as `top -H` call this thread, at most 15 letters; nothing where the system is not Linux. */
export function nameThread(name: string): void {
  try {
    writeFileSync("/proc/thread-self/comm", name);
  } catch {
    // It keeps its number.
  }
}
