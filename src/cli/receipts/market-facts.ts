import type { SignedHead } from "../../contract/receipts.ts";
import type { Result } from "../../contract/results.ts";
import { formatAmount } from "../../core/amount.ts";
import { bytes32, equalBytes, fromBase64, fromHex, toBase58 } from "../../core/bytes.ts";
import { earnestError } from "../../core/errors.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import { emptyLogTree, GrowingLogTree, type LogTree, logRoot } from "../../core/log-tree.ts";
import { marketId } from "../../core/market-id.ts";
import { type Slot, slotKey } from "../../core/slot.ts";
import { headStatement } from "../../core/statements.ts";
import { decodeEntry, type Entry } from "../../market/entries.ts";
import { payOf } from "../../market/paying.ts";
import { type MarketSpec, parseSpecText, parseTermsText, type Terms } from "../../market/spec.ts";
import type { Answer } from "../../verification/answers/answer.ts";
import { answerJson } from "../../verification/answers/answer-schema.ts";
import { sha256 } from "../crypto.ts";
import { readLogFile } from "../log/log-file.ts";
import { sha256All } from "../sha256/sha256-all.ts";
import type { VerifySignature } from "./check-acknowledgement.ts";
import { refuse } from "./refused.ts";

interface Batch {
  readonly first: number;
  readonly count: number;
  readonly terms: Terms;
}

/** What a market's log says that a receipt alone does not: prices, choices, who is behind a contributor's number. */
export class MarketFacts {
  readonly decimals: number | null;
  #spec: MarketSpec | null = null;
  readonly #batches: Batch[] = [];
  readonly #keys = new Map<number, string>();
  /** What a composition said of each slot last: a review or an appeal that ends well pays that. */
  readonly #units = new Map<number, number>();

  constructor(decimals: number | null) {
    this.decimals = decimals;
  }

  learn(entry: Entry): void {
    if (entry.kind === "created") this.#spec = parseSpecText(entry.spec);
    if (entry.kind === "verified") this.#units.set(slotKey(entry), entry.units);
    if (entry.kind === "joined") this.#keys.set(entry.contributor, toBase58(entry.key));
    if (entry.kind !== "batchAdded" || this.#spec === null) return;
    const terms = entry.terms === "" ? this.#spec.terms : parseTermsText(this.#spec, entry.terms);
    this.#batches.push({ first: entry.first, count: entry.count, terms });
  }

  checkAnswer(contributor: number, answer: Result["paid"][number], slot: Slot): void {
    const key = this.#keys.get(contributor) ?? refuse(`the log does not know contributor ${contributor}`);
    if (key !== answer.contributor) refuse(`slot ${answer.slot} was answered by ${key}`);
    if (this.decimals === null) return;
    const { reward } = payOf(this.#specOf(), this.#termsOf(slot.task), this.#units.get(slotKey(slot)) ?? null);
    const promised = formatAmount(reward, this.decimals);
    if (promised !== answer.reward) refuse(`slot ${answer.slot} was promised ${promised}, not ${answer.reward}`);
  }

  checkLabel(task: number, settled: Answer, label: Json): void {
    const said = canonicalJson(answerJson(this.#termsOf(task).answer, settled));
    if (said !== canonicalJson(label)) refuse(`the task settled on ${said}`);
  }

  #specOf(): MarketSpec {
    return this.#spec ?? refuse("the log does not begin with its market");
  }

  #termsOf(task: number): Terms {
    const batch = this.#batches.find(({ first, count }) => task >= first && task < first + count);
    return batch?.terms ?? refuse(`the log has no task ${task}`);
  }
}

/** Facts of the markets in an exported log, once it is shown to be the one its signed head is of. */
export async function readMarketFacts(path: string, verify: VerifySignature): Promise<Map<string, MarketFacts>> {
  const facts = new Map<string, MarketFacts>();
  let lane: { market: string; lane: number; tree: GrowingLogTree } | null = null;
  for await (const { lines } of readLogFile(path)) {
    for (const line of lines) {
      if (line.type === "header") {
        lane = { market: line.market, lane: line.lane, tree: new GrowingLogTree(sha256, emptyLogTree, sha256All) };
        if (!facts.has(line.market)) facts.set(line.market, new MarketFacts(line.network?.decimals ?? null));
        continue;
      }
      if (line.type === "damaged") throw earnestError("MALFORMED_FILE", { path, problem: line.problem });
      if (lane === null || line.type === "inputs") continue;
      if (line.type === "record") {
        lane.tree.append(line.encoded);
        facts.get(lane.market)?.learn(decodeEntry(line.encoded));
      } else if (!isHeadOf(lane, line.head, verify)) {
        throw earnestError("MALFORMED_FILE", { path, problem: "its entries are not those that its signed head is of" });
      } else lane = null;
    }
  }
  if (lane !== null) throw earnestError("MALFORMED_FILE", { path, problem: "it ends without a signed head" });
  return facts;
}

interface LaneTree {
  readonly market: string;
  readonly lane: number;
  readonly tree: LogTree;
}

function isHeadOf({ market, lane, tree }: LaneTree, head: SignedHead, verify: VerifySignature): boolean {
  const { sequence, timeMs } = head;
  const root = bytes32(fromHex(head.root));
  if (tree.size !== sequence || !equalBytes(logRoot(sha256, tree), root)) return false;
  return verify(headStatement({ market: marketId(market), lane, sequence, root, timeMs }), fromBase64(head.signature));
}
