import { expect, it } from "vitest";
import { bytes32, toHex } from "../core/bytes.ts";
import { decodeCommit } from "../core/commit/commit-message.ts";
import { sha256 } from "../main/crypto.ts";
import type { Kept, KeptCommits } from "./kept-commits.ts";
import { Proofs } from "./proofs.ts";

const { context, body } = decodeCommit(new Uint8Array(340));
const keptOf = (epoch: bigint): Kept => ({
  digest: bytes32(new Uint8Array(32).fill(Number(epoch))),
  message: { context, body: { ...body, epoch } },
  signatures: [],
});

function proofsOf(kept: readonly Kept[]): Proofs {
  const all = { list: () => kept, get: () => undefined } as unknown as KeptCommits;
  return new Proofs({
    kept: all,
    hash: sha256,
    pool: context.pool,
    tokenAccountOf: (wallet) => wallet,
    poolNow: () => null,
  });
}

it("shows what it keeps page by page, to the last", () => {
  const epochs = [5n, 4n, 3n, 2n, 1n];
  const proofs = proofsOf(epochs.map(keptOf));
  for (const limit of [1, 2, 5, 9]) {
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const page: ReturnType<Proofs["commits"]> = proofs.commits(limit, after);
      seen.push(...page.items.map(({ epoch }) => epoch));
      after = page.next;
      if (after === null) break;
      expect(page.items).toHaveLength(limit);
    }
    expect(seen, `${limit} at once`).toEqual(epochs.map(String));
  }
});

it("ends the list where the place in it is kept no more, and does not begin anew", () => {
  const proofs = proofsOf([5n, 4n].map(keptOf));
  expect(proofs.commits(10, toHex(keptOf(1n).digest))).toEqual({ items: [], next: null });
});
