import type { Bytes32 } from "#src/core/bytes";
import { equalBytes, toBase58, toHex } from "#src/core/bytes";
import { appendLeaf, emptyLogTree, logLeaf, logRoot } from "#src/core/log-tree";
import { type MarketId, marketId, marketIdToBytes } from "#src/core/market-id";
import { formatSlot } from "#src/core/slot";
import { bodyHashOf } from "#src/core/statements";
import { isConserved } from "#src/ledger/books";
import { purseTotal } from "#src/ledger/purse";
import { sha256 } from "#src/main/crypto";
import { decodeEntry, type Entry } from "#src/market/entries";
import { Replay } from "#src/market/replay";
import { emptyLaneState, type LaneState, type Member } from "#src/market/state";
import { readLanes } from "#src/store/lanes/read-lanes";
import { streamEntries } from "#src/store/log/read-entries";
import type { Pool } from "#src/store/pool";

/** An answer as the log has it. */
export interface LoggedSubmission {
  readonly contributor: string;
  /** Hexadecimal. */
  readonly bodyHash: string;
  readonly sequence: number;
}

/** A lane's log, replayed from its first entry by the rules, with what the checks ask of it. */
export interface ReplayedLane {
  readonly market: MarketId;
  readonly state: LaneState;
  readonly entries: number;
  /** By slot. */
  readonly submissions: ReadonlyMap<string, LoggedSubmission>;
  readonly encoded: readonly Uint8Array[];
  /** Roots at the sequences that were asked for. */
  readonly roots: ReadonlyMap<number, Bytes32>;
  readonly bonuses: readonly { readonly contributor: string; readonly amount: bigint; readonly note: string }[];
  readonly appeals: ReadonlySet<string>;
  /** Address by number. */
  readonly contributors: ReadonlyMap<number, string>;
}

interface Growing {
  readonly submissions: Map<string, LoggedSubmission>;
  readonly contributors: Map<number, string>;
  readonly bonuses: { contributor: string; amount: bigint; note: string }[];
  readonly appeals: Set<string>;
}

/**
 * Replays a market's log and compares the end with the lane's row.
 * @throws REPLAY_MISMATCH where an entry does not follow from the rules
 */
export async function replayMarket(
  pool: Pool,
  market: string,
  rootsAt: ReadonlySet<number>,
  fail: (what: string) => void,
): Promise<ReplayedLane> {
  const key = marketIdToBytes(marketId(market));
  const [row] = await readLanes(pool, key);
  if (row === undefined) throw new Error(`market ${market} has no lane`);
  const state = emptyLaneState();
  const replay = new Replay(state, sha256);
  const encoded: Uint8Array[] = [];
  const roots = new Map<number, Bytes32>();
  const seen: Growing = { submissions: new Map(), contributors: new Map(), bonuses: [], appeals: new Set() };
  for await (const portion of streamEntries(pool, key, row.lane, 1, row.sequence)) {
    for (const stored of portion) {
      const entry = decodeEntry(stored.encoded);
      if (stored.sequence !== encoded.length + 1) fail(`${market}: entry ${encoded.length + 1} is missing`);
      encoded.push(stored.encoded);
      replay.feed([{ entry, attachment: stored.attachment }]);
      note(seen, entry, stored, fail);
    }
  }
  replay.end({ size: row.sequence, root: row.head as Bytes32 });
  rootsOf(encoded, rootsAt, roots);
  checkMoney(state, market, fail);
  return { market: marketId(market), state, entries: encoded.length, encoded, roots, ...seen };
}

function note(
  seen: Growing,
  entry: Entry,
  { sequence, attachment }: { readonly sequence: number; readonly attachment: Uint8Array | null },
  fail: (what: string) => void,
): void {
  if (entry.kind === "joined") seen.contributors.set(entry.contributor, toBase58(entry.key));
  else if (entry.kind === "bonusPaid") {
    const contributor = seen.contributors.get(entry.contributor) ?? "";
    seen.bonuses.push({ contributor, amount: entry.amount, note: entry.note });
  } else if (entry.kind === "appealed") seen.appeals.add(formatSlot(entry));
  else if (entry.kind === "submitted") {
    const slot = formatSlot(entry);
    if (seen.submissions.has(slot)) fail(`${slot} was submitted twice`);
    const body = JSON.parse(new TextDecoder().decode(attachment ?? new Uint8Array())) as { readonly answer: string };
    if (!equalBytes(bodyHashOf(sha256, { ...body }), entry.body)) fail(`the body of ${slot} is not that of its hash`);
    const contributor = seen.contributors.get(entry.contributor) ?? "";
    seen.submissions.set(slot, { contributor, bodyHash: toHex(entry.body), sequence });
  }
}

/** What anybody would compute from the encoded entries alone. */
function rootsOf(encoded: readonly Uint8Array[], at: ReadonlySet<number>, roots: Map<number, Bytes32>): void {
  let tree = emptyLogTree;
  for (const [i, bytes] of encoded.entries()) {
    tree = appendLeaf(sha256, tree, logLeaf(sha256, bytes));
    if (at.has(i + 1)) roots.set(i + 1, logRoot(sha256, tree));
  }
}

function checkMoney({ books, members }: LaneState, market: string, fail: (what: string) => void): void {
  if (!isConserved(books)) fail(`${market}: the books are not conserved`);
  let purses = 0n;
  for (const number of members.keys()) purses += purseTotal((members.get(number) as Member).purse);
  if (purses !== books.earned + books.bonus) {
    fail(`${market}: purses hold ${purses}, the books say ${books.earned} earned and ${books.bonus} bonus`);
  }
}
