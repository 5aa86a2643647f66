/** What a metered module exports beside its own; no module may bring such names along. */
export const meterExports = {
  fuel: "earnest:fuel",
  stack: "earnest:stack",
  pagesMax: "earnest:pages-max",
  memoryEvents: "earnest:memory-events",
  start: "earnest:start",
} as const;

/** In `memoryEvents`: more memory was asked for than allowed; the host had none left. */
export const memoryEvent = { denied: 1, hostFailed: 2 } as const;

/** Indexes of what metering adds. */
export interface Added {
  readonly fuel: number;
  readonly stack: number;
  readonly pagesMax: number;
  readonly memoryEvents: number;
  readonly grow: number;
}
