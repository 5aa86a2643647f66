/** Values as people read them. */

export const showPercent = (share: number): string => `${(share * 100).toFixed(1)}%`;

/** UTC, to the second: the same on every machine. */
export const showTime = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19).replace("T", " ")}Z`;

export const showDuration = (seconds: number): string => {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
};

/** Enough of a key to know it again. */
export const showKey = (key: string): string => (key.length <= 12 ? key : `${key.slice(0, 6)}…${key.slice(-4)}`);

export const showSecret = (secret: string): string => `${secret.slice(0, 16)}…`;
