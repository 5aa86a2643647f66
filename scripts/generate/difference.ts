const linesMax = 40;

/** The lines that differ, without the equal ones before and after: enough to see what drifted. */
export function difference(before: string, after: string): string {
  const old = before.split("\n");
  const made = after.split("\n");
  let start = 0;
  while (start < Math.min(old.length, made.length) && old[start] === made[start]) start++;
  let end = 0;
  const rest = Math.min(old.length, made.length) - start;
  while (end < rest && old[old.length - 1 - end] === made[made.length - 1 - end]) end++;
  const removed = old.slice(start, old.length - end).map((line) => `- ${line}`);
  const added = made.slice(start, made.length - end).map((line) => `+ ${line}`);
  return [`@ line ${start + 1}`, ...shortened(removed), ...shortened(added)].join("\n");
}

const shortened = (lines: readonly string[]): string[] =>
  lines.length <= linesMax ? [...lines] : [...lines.slice(0, linesMax), `  … and ${lines.length - linesMax} more`];
