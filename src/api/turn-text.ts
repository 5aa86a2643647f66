import type { Acknowledgement, SignedHead, TurnView } from "../engine/types.ts";
import { JsonText } from "./json-text.ts";
import { type Money, writeBytes, writeHash } from "./values.ts";
import { headView, offerView, submissionView } from "./views.ts";

/**
 * What a turn answers, as its text. Most of that is paths, and those of one batch share most of their nodes: so many texts
 * are joined here of what other answers had already, where JSON.stringify would write node by node.
 */
export function turnText(money: Money, { submissions, offers, acknowledgement }: TurnView): JsonText {
  const judged = JSON.stringify(submissions.map((each) => submissionView(money, each)));
  const offered = JSON.stringify(offers.map((each) => offerView(money, each)));
  return new JsonText(
    `{"submissions":${judged},"offers":${offered},"acknowledgement":${acknowledgementText(acknowledgement)}}`,
  );
}

/** What the answers to one batch have in common. */
interface Shared {
  readonly head: string;
  /** From a node of a path to its end: whatever leads to a node goes on in one way. */
  readonly from: Map<Uint8Array, string>;
}

const sharedUnder = new WeakMap<SignedHead, Shared>();

function sharedOf(head: SignedHead): Shared {
  const known = sharedUnder.get(head);
  if (known !== undefined) return known;
  const shared = { head: JSON.stringify(headView(head)), from: new Map() };
  sharedUnder.set(head, shared);
  return shared;
}

function acknowledgementText({ market, lane, head, entries }: Acknowledgement): string {
  const shared = sharedOf(head);
  const texts = entries.map(({ sequence, encoded, path: { index, size, siblings } }) => {
    const path = `{"index":${index},"size":${size},"siblings":[${siblingsText(shared, siblings, 0)}]}`;
    return `{"sequence":${sequence},"encoded":"${writeBytes(encoded)}","path":${path}}`;
  });
  return `{"market":"${market}","lane":${lane},"head":${shared.head},"entries":[${texts.join(",")}]}`;
}

function siblingsText(shared: Shared, siblings: readonly Uint8Array[], at: number): string {
  const node = siblings[at];
  if (node === undefined) return "";
  const known = shared.from.get(node);
  if (known !== undefined) return known;
  const rest = siblingsText(shared, siblings, at + 1);
  const text = rest === "" ? `"${writeHash(node)}"` : `"${writeHash(node)}",${rest}`;
  shared.from.set(node, text);
  return text;
}
