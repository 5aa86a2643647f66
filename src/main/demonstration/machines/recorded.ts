import type { Earnest } from "../../../client/earnest.ts";
import type { MarketEvent } from "../../../contract/events.ts";
import type { Json } from "../../../core/json.ts";

/** One answer that the public log has the hash of. */
export interface Recorded {
  /** The requester's id of the task. */
  readonly task: string;
  /** The contributor's key in hexadecimal. */
  readonly contributor: string;
  readonly answer: string;
}

/** What anybody can read of a market: its tasks and the entries of its log so far. */
export interface PublicRecord {
  readonly tasks: readonly PublicTask[];
  readonly entries: readonly MarketEvent[];
}

export interface PublicTask {
  readonly task: number;
  readonly id: string;
  readonly content: Json;
  readonly choices: readonly string[];
}

/** Reads a market as a stranger would, without a key. */
export async function readPublic(client: Earnest, market: string): Promise<PublicRecord> {
  const { lanes } = await client.markets.get(market);
  const newest = lanes[0]?.sequence ?? 0;
  const tasks: PublicTask[] = [];
  for await (const { task, id, content, terms } of client.markets.tasks(market)) {
    tasks.push({ task, id, content, choices: terms.answer.choices ?? [] });
  }
  const entries: MarketEvent[] = [];
  if (newest > 0) {
    for await (const entry of client.markets.events(market)) {
      entries.push(entry);
      if (entry.sequence >= newest) break;
    }
  }
  return { tasks, entries };
}

/** The answers of control tasks that were shown to everybody, by the task's id. */
export function openedAnswers({ tasks, entries }: PublicRecord): ReadonlyMap<string, string> {
  const opened = new Map<string, string>();
  for (const { kind, data } of entries) {
    if (kind !== "controlRetired") continue;
    const { task: number, answer } = data as unknown as { readonly task: number; readonly answer: number | string };
    const task = tasks.find((each) => each.task === number);
    const choice = typeof answer === "number" ? task?.choices[answer] : answer;
    if (task !== undefined && choice !== undefined) opened.set(task.id, choice);
  }
  return opened;
}

interface SubmittedData {
  readonly task: number;
  readonly contributor: number;
  /** The hash of the submission's body, in hexadecimal. */
  readonly body: string;
}

/**
 * Who answered what. An entry has the hash of a salted body, which tells nothing: the answers are those that their
 * contributors kept, by that hash.
 */
export function recordedAnswers(
  { tasks, entries }: PublicRecord,
  kept: ReadonlyMap<string, string>,
): readonly Recorded[] {
  const keys = new Map<number, string>();
  const recorded: Recorded[] = [];
  for (const { kind, data } of entries) {
    if (kind === "joined") {
      const { contributor, key } = data as unknown as { readonly contributor: number; readonly key: string };
      keys.set(contributor, key);
    }
    if (kind !== "submitted") continue;
    const { task: number, contributor, body } = data as unknown as SubmittedData;
    const task = tasks.find((each) => each.task === number);
    const answer = kept.get(body);
    if (task === undefined || answer === undefined) continue;
    recorded.push({ task: task.id, contributor: keys.get(contributor) ?? "", answer });
  }
  return recorded;
}
