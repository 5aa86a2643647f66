import { type Amount, amount, zero } from "#src/core/amount";
import { equalBytes, toHex } from "#src/core/bytes";
import { earnestError } from "#src/core/errors";
import type { Said } from "#src/store/settlement/commit-signatures";
import type { CommitPlace, CommitRow } from "#src/store/settlement/commits";
import type { Transaction } from "../database/database.ts";
import { checkViolation, missingReference } from "../database/server-error.ts";
import type { Balance, ClaimRecord, CommitRecord, OfLane } from "../database/tables.ts";
import type { Models } from "./asking.ts";
import { laneKey, must, padded, placeKey } from "./keys.ts";
import { change } from "./lanes.ts";

export const insertDeposit = {
  async insertDeposit(on, { signature, market, amount: value }) {
    const isNew = await on.ask(async (transaction) => {
      const { deposits } = transaction.database.tables;
      const key = `${signature} ${toHex(market)}`;
      await transaction.lock(deposits, key);
      if (transaction.get(deposits, key) !== undefined) return false;
      transaction.put(deposits, key, { amount: value });
      return true;
    });
    if (!isNew) throw earnestError("DEPOSIT_STATE", { signature });
  },
} satisfies Models<typeof import("#src/store/money/insert-deposit")>;

const isOf =
  (market: Uint8Array, lane: number) =>
  (row: OfLane): boolean =>
    row.lane === lane && equalBytes(row.market, market);

export const readUncut = {
  readUncut: (on) =>
    on.ask((transaction) => {
      const { lanes, cuts } = transaction.database.tables;
      let uncut = 0n;
      for (const { market, lane, sequence, cutSequence, books } of transaction.all(lanes)) {
        const allocated = transaction.get(cuts, laneKey(market, lane))?.allocated ?? zero;
        if (sequence !== cutSequence) uncut += books.earned + books.bonus + books.fee - allocated;
      }
      return amount(uncut);
    }),
} satisfies Models<typeof import("#src/store/settlement/read-uncut")>;

export const cutLane = {
  insertEpoch: (on, cutAtMs) =>
    on.ask(async (transaction) => {
      await transaction.lock({ name: "advisory" }, "epoch");
      const epoch = transaction.database.nextIdentity("epochs");
      transaction.put(transaction.database.tables.epochs, padded(epoch), { cutAtMs });
      return epoch;
    }),
  async holdEpoch(on, epoch) {
    await on.ask((transaction) => transaction.lockShared({ name: "advisory" }, "epoch"));
    return await on.ask((transaction) => newestEpoch(transaction) === epoch);
  },
  async cutLane(on, market, lane, epoch) {
    await on.ask((transaction) => putCut(transaction, market, lane, epoch));
    await on.ask((transaction) => putShares(transaction, market, lane, epoch));
    await on.ask((transaction) => {
      const { lanes } = transaction.database.tables;
      const { sequence } = transaction.get(lanes, laneKey(market, lane)) ?? { sequence: 0 };
      return change(transaction, market, lane, { cutSequence: sequence });
    });
  },
} satisfies Models<typeof import("#src/store/settlement/cut-lane")>;

const newestEpoch = (transaction: Transaction): number =>
  Math.max(0, ...[...transaction.database.tables.epochs.rows.keys()].map(Number));

async function putCut(transaction: Transaction, market: Uint8Array, lane: number, epoch: number): Promise<void> {
  const { lanes, cuts } = transaction.database.tables;
  const key = laneKey(market, lane);
  const row = transaction.get(lanes, key);
  if (row === undefined) return;
  const { sequence, head, timeMs, status, books } = row;
  const { deposited, earned, bonus, fee } = books;
  if (transaction.get(transaction.database.tables.epochs, padded(epoch)) === undefined)
    throw missingReference("epochs");
  await transaction.lock(cuts, key);
  transaction.put(cuts, key, {
    market,
    lane,
    epoch,
    size: sequence,
    root: head,
    timeMs,
    isClosed: status === "closed",
    deposited,
    allocated: amount(earned + bonus + fee),
    fee,
  });
}

async function putShares(transaction: Transaction, market: Uint8Array, lane: number, epoch: number): Promise<void> {
  const { balances, shares } = transaction.database.tables;
  const isSame = (a: Balance, b: Balance): boolean =>
    a.released === b.released && a.held === b.held && a.paying?.number === b.paying?.number;
  for (const balance of transaction.all(balances).filter(isOf(market, lane))) {
    const key = placeKey(market, lane, balance.contributor);
    const share = transaction.get(shares, key);
    if (share !== undefined && isSame(share, balance)) continue;
    await transaction.lock(shares, key);
    transaction.put(shares, key, { ...balance, epoch });
  }
}

export const readCuts = {
  readCutsFrom: (on, from) =>
    on.ask((transaction) => {
      const { cuts, markets } = transaction.database.tables;
      return transaction
        .all(cuts)
        .filter(({ epoch }) => epoch >= from)
        .map((cut) => ({ ...cut, specHash: must(transaction.get(markets, toHex(cut.market)), "a market").specHash }));
    }),
  readSharesAfter: (on, market, lane, after) =>
    on.ask((transaction) => {
      const { shares, contributors } = transaction.database.tables;
      return transaction
        .all(shares)
        .filter((row) => isOf(market, lane)(row) && row.epoch > after)
        .map(({ contributor, released, held, paying }) => {
          const { key } = must(transaction.get(contributors, padded(contributor)), "the contributor of a share");
          return { contributor, key, released, held, paying };
        });
    }),
} satisfies Models<typeof import("#src/store/settlement/read-cuts")>;

const rowOf = ({ leafFile, epoch: _, ...row }: CommitRecord): CommitRow => ({ ...row, hasLeafFile: leafFile !== null });

const newestFirst = (a: CommitRecord, b: CommitRecord): number =>
  a.epoch === b.epoch ? b.proposedAtMs - a.proposedAtMs : Number(b.epoch - a.epoch);

const isBehind = (row: CommitRecord, { epoch, proposedAtMs }: CommitPlace): boolean =>
  row.epoch < epoch || (row.epoch === epoch && row.proposedAtMs < proposedAtMs);

const commitsOf = (transaction: Transaction): CommitRecord[] =>
  transaction.all(transaction.database.tables.commits).sort(newestFirst);

async function putCommit(transaction: Transaction, row: CommitRecord): Promise<void> {
  const { commits: table } = transaction.database.tables;
  await transaction.lock(table, toHex(row.digest));
  transaction.put(table, toHex(row.digest), row);
}

export const commits = {
  insertCommit: (on, { digest, epoch, message, leafFile, proposedAtMs }) =>
    on.ask(async (transaction) => {
      const { commits: table } = transaction.database.tables;
      await transaction.lock(table, toHex(digest));
      await transaction.lock({ name: "commits_proposed" }, "");
      const isTaken = transaction
        .all(table)
        .some((row) => row.state === "proposed" || (row.state === "committed" && row.epoch >= epoch));
      if (isTaken || transaction.get(table, toHex(digest)) !== undefined) return false;
      const fresh = { digest, epoch, message, leafFile, proposedAtMs };
      await putCommit(transaction, { ...fresh, state: "proposed", committedAtMs: null });
      return true;
    }),
  readCommit: (on, digest) =>
    on.ask((transaction) => {
      const row = transaction.get(transaction.database.tables.commits, toHex(digest));
      return row === undefined ? null : rowOf(row);
    }),
  listCommits: (on, _pool, after, limit) =>
    on.ask((transaction) =>
      commitsOf(transaction)
        .filter((row) => after === null || isBehind(row, after))
        .slice(0, limit)
        .map(rowOf),
    ),
  readNewestOf: (on, state) =>
    on.ask((transaction) => {
      const found = commitsOf(transaction).find((row) => row.state === state);
      return found === undefined ? null : rowOf(found);
    }),
  readLeafFileOf: (on, digest) =>
    on.ask((transaction) => transaction.get(transaction.database.tables.commits, toHex(digest))?.leafFile ?? null),
  async finishCommit(on, digest, end) {
    await on.ask(async (transaction) => {
      const { commits: table } = transaction.database.tables;
      await transaction.lock(table, toHex(digest));
      const row = transaction.get(table, toHex(digest));
      if (row === undefined || row.state === "committed") return;
      const committedAtMs = end.state === "committed" ? end.atMs : null;
      await putCommit(transaction, { ...row, state: end.state, committedAtMs });
    });
    await on.ask(async (transaction) => {
      const all = commitsOf(transaction);
      const kept = new Set(all.filter(({ state }) => state === "committed").slice(0, 4));
      for (const row of all) {
        if (row.leafFile === null || row.state === "proposed" || kept.has(row)) continue;
        await putCommit(transaction, { ...row, leafFile: null });
      }
    });
  },
} satisfies Models<typeof import("#src/store/settlement/commits")>;

const saidKey = (digest: Uint8Array, key: Uint8Array): string => `${toHex(digest)} ${toHex(key)}`;

const saidOf = (transaction: Transaction, digest: Uint8Array): Said => {
  const { signatures, outcomes } = transaction.database.tables;
  const isOfIt = (row: { readonly digest: Uint8Array }): boolean => equalBytes(row.digest, digest);
  const bare = <Row extends { readonly digest: Uint8Array }>({ digest: _, ...row }: Row): Omit<Row, "digest"> => row;
  return {
    signatures: transaction.all(signatures).filter(isOfIt).map(bare),
    outcomes: transaction.all(outcomes).filter(isOfIt).map(bare),
  };
};

function requireCommit(transaction: Transaction, digest: Uint8Array): void {
  if (transaction.get(transaction.database.tables.commits, toHex(digest)) === undefined) {
    throw missingReference("commits");
  }
}

export const commitSignatures = {
  async insertSignature(on, digest, { key, signature }) {
    await on.ask(async (transaction) => {
      const { signatures } = transaction.database.tables;
      if (signature.length !== 64) throw checkViolation("commit_signatures");
      requireCommit(transaction, digest);
      await transaction.lock(signatures, saidKey(digest, key));
      if (transaction.get(signatures, saidKey(digest, key)) !== undefined) return;
      transaction.put(signatures, saidKey(digest, key), { digest, key, signature });
    });
    await on.ask(async (transaction) => {
      const { outcomes } = transaction.database.tables;
      await transaction.lock(outcomes, saidKey(digest, key));
      transaction.delete(outcomes, saidKey(digest, key));
    });
  },
  upsertOutcome: (on, digest, { key, outcome, code, place, what, signature }) =>
    on.ask(async (transaction) => {
      requireCommit(transaction, digest);
      const { outcomes } = transaction.database.tables;
      await transaction.lock(outcomes, saidKey(digest, key));
      transaction.put(outcomes, saidKey(digest, key), { digest, key, outcome, code, place, what, signature });
    }),
  readSaid: async (on, digests) => {
    const [signed, told] = await Promise.all([
      on.ask((transaction) => digests.map((digest) => saidOf(transaction, digest).signatures)),
      on.ask((transaction) => digests.map((digest) => saidOf(transaction, digest).outcomes)),
    ]);
    return new Map(
      digests.map((digest, i) => [toHex(digest), { signatures: signed[i] ?? [], outcomes: told[i] ?? [] }]),
    );
  },
  readSignatures: (on, digest) => on.ask((transaction) => saidOf(transaction, digest).signatures),
} satisfies Models<typeof import("#src/store/settlement/commit-signatures")>;

async function changeClaim(
  transaction: Transaction,
  contributor: number,
  next: (row: ClaimRecord) => ClaimRecord | null,
): Promise<void> {
  const { claims: table } = transaction.database.tables;
  const empty = {
    contributor,
    claimed: zero,
    sponsored: null,
    sponsoredAtMs: Number.NEGATIVE_INFINITY,
    sponsoredLamports: 0n,
  };
  await transaction.lock(table, padded(contributor));
  const row = next(transaction.get(table, padded(contributor)) ?? empty);
  if (row !== null) transaction.put(table, padded(contributor), row);
}

export const claims = {
  readClaims: (on) =>
    on.ask((transaction) =>
      transaction
        .all(transaction.database.tables.claims)
        .map(({ contributor, claimed, sponsored }) => ({ contributor, claimed, sponsored })),
    ),
  upsertClaimed: async (on, rows) => {
    if (rows.length === 0) return;
    await on.ask(async (transaction) => {
      for (const { contributor, claimed } of rows) {
        await changeClaim(transaction, contributor, (row) => (row.claimed < claimed ? { ...row, claimed } : row));
      }
    });
  },
  grantSponsorships: (on, contributors, { atMs, lamportsEach }) =>
    on.ask(async (transaction) => {
      for (const contributor of contributors) {
        const granted = { sponsored: "granted", sponsoredAtMs: atMs, sponsoredLamports: lamportsEach } as const;
        await changeClaim(transaction, contributor, (row) => (row.sponsored === null ? { ...row, ...granted } : null));
      }
    }),
  endSponsorships: (on, contributors) =>
    on.ask(async (transaction) => {
      const { claims: table } = transaction.database.tables;
      for (const contributor of contributors) {
        const isThere = transaction.get(table, padded(contributor)) !== undefined;
        if (isThere) await changeClaim(transaction, contributor, (row) => ({ ...row, sponsored: "made" }));
      }
    }),
  claimedOf: (on, contributor) =>
    on.ask(
      (transaction): Amount =>
        transaction.get(transaction.database.tables.claims, padded(contributor))?.claimed ?? zero,
    ),
} satisfies Models<typeof import("#src/store/settlement/claims")>;

export const sponsored = {
  lockSponsor: (on) => on.ask((transaction) => transaction.lock({ name: "advisory" }, "sponsor")),
  readSponsored: (on, sinceMs) =>
    on.ask((transaction) => {
      const made = transaction.all(transaction.database.tables.claims).filter((row) => row.sponsored !== null);
      return {
        today: made.filter(({ sponsoredAtMs }) => sponsoredAtMs >= sinceMs).length,
        lamports: made.reduce((sum, { sponsoredLamports }) => sum + sponsoredLamports, 0n),
      };
    }),
} satisfies Models<typeof import("#src/store/settlement/sponsored")>;

/** Nobody in a simulation sends tokens on, is told of new work, or reads what work pays by the hour. */
export const withdrawals = {
  readUnderWay: (on) => on.ask(() => []),
  expirePlans: (on) => on.ask(() => undefined),
} satisfies Models<typeof import("#src/store/settlement/withdrawals")>;

export const paces = {
  findStalePaces: (on) => on.ask(() => []),
} satisfies Models<typeof import("#src/store/insight/paces")>;

export const noticeAddresses = {
  takeNoticeAddresses: (on) => on.ask(() => []),
} satisfies Models<typeof import("#src/store/identity/notice-addresses")>;

/** Nobody in a simulation wants to be told of markets, asks with an API key, or runs a node. */
export const webhooks = {
  takeWebhooks: (on) => on.ask(() => []),
} satisfies Models<typeof import("#src/store/webhooks/webhooks")>;

export const webhookMessages = {
  pruneMessages: (on) => on.ask(() => undefined),
} satisfies Models<typeof import("#src/store/webhooks/messages")>;

export const requests = {
  pruneRequests: (on) => on.ask(() => undefined),
} satisfies Models<typeof import("#src/store/identity/requests")>;

export const nodeStandings = {
  pruneNodes: (on) => on.ask(() => undefined),
} satisfies Models<typeof import("#src/store/nodes/standings")>;
