/** A stretch in which use should fall, and when its contributors were told. */
export interface LoadEvent {
  readonly noticeMs: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Comfort or health came first, and that was said before it began: it counts for nothing, and nothing is counted. */
  readonly isOptedOut: boolean;
}

/** The events that one meter is paid for, and the calendar of its place. */
export interface Season {
  /** Of the place's standard time, all year. */
  readonly utcOffsetMinutes: number;
  /** Days that are like weekends, such as "2013-09-02". */
  readonly holidays: readonly string[];
  /** In order of time, at most one a day. */
  readonly events: readonly LoadEvent[];
}

/** The most events of a season. */
export const eventsMax = 40;
