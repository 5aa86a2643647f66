import { type Bytes32, equalBytes, equalLists } from "../../core/bytes.ts";
import type { Hash } from "../../core/hash.ts";
import { logLeaf } from "../../core/log-tree.ts";
import type { KnownNodes } from "../../core/merkle/known-nodes.ts";
import { decodeEntry, type EntryKind } from "../entries.ts";
import type { ReceiptEntry } from "./receipt.ts";
import type { ProvedEntry } from "./ruling-on.ts";

/** What many receipts of a market have among their entries: its creation, a batch, the verdicts on a task. */
const sharedKinds: ReadonlySet<EntryKind> = new Set<EntryKind>(["created", "batchAdded", "settled"]);
const sharedMax = 256;

/** A log as somebody trusted signed it, and the entries of receipts that are shown to stand in it. */
export class ProvedLog {
  readonly #hash: Hash;
  readonly #nodes: KnownNodes;
  readonly #root: Bytes32;
  readonly #size: number;
  /** By sequence. What is here was copied, so that it stays what was proved. */
  readonly #shared = new Map<number, { readonly given: ReceiptEntry; readonly proved: ProvedEntry }>();

  /** `nodes` are those under this root. */
  constructor(hash: Hash, nodes: KnownNodes, root: Bytes32, size: number) {
    this.#hash = hash;
    this.#nodes = nodes;
    this.#root = root;
    this.#size = size;
  }

  is(root: Bytes32, size: number): boolean {
    return size === this.#size && equalBytes(root, this.#root);
  }

  /** What was proved before, to the byte, is not hashed and decoded again. */
  prove(given: ReceiptEntry): ProvedEntry | "ENTRY_NOT_IN_LOG" | "ENTRY_MALFORMED" {
    const { sequence, encoded, path } = given;
    const shared = this.#shared.get(sequence);
    if (shared !== undefined && isSame(shared.given, given)) return shared.proved;
    const isPlaced = path.index === sequence - 1 && path.size === this.#size;
    if (!isPlaced || !this.#nodes.verifyPath(logLeaf(this.#hash, encoded), path)) return "ENTRY_NOT_IN_LOG";
    try {
      const proved = { sequence, entry: decodeEntry(encoded) };
      if (sharedKinds.has(proved.entry.kind)) this.#keep(given, proved);
      return proved;
    } catch {
      return "ENTRY_MALFORMED";
    }
  }

  #keep({ sequence, encoded, path }: ReceiptEntry, proved: ProvedEntry): void {
    if (this.#shared.size >= sharedMax) this.#shared.clear();
    const siblings = path.siblings.map((each) => each.slice() as Bytes32);
    this.#shared.set(sequence, { given: { sequence, encoded: encoded.slice(), path: { ...path, siblings } }, proved });
  }
}

const isSame = (a: ReceiptEntry, b: ReceiptEntry): boolean =>
  a.sequence === b.sequence &&
  a.path.index === b.path.index &&
  a.path.size === b.path.size &&
  equalBytes(a.encoded, b.encoded) &&
  equalLists(a.path.siblings, b.path.siblings);
