import { type Bytes32, bytes32, equalBytes, fromBase58, toHex } from "../core/bytes.ts";
import type { AttestorSet, AttestorSignature } from "../core/commit/attestors.ts";
import { decodeCommit, signedBytes } from "../core/commit/commit-message.ts";
import { earnestError } from "../core/errors.ts";
import { attestorStatement, type OutcomeStatement, outcomeStatement } from "../core/statements.ts";
import { insertSignature, readSaid, upsertOutcome } from "../store/settlement/commit-signatures.ts";
import {
  type CommitPlace,
  type CommitRow,
  listCommits,
  readCommit,
  readLeafFileOf,
} from "../store/settlement/commits.ts";
import { Cache } from "./cache.ts";
import type { EngineContext } from "./context.ts";
import type { Engine } from "./engine.ts";
import { noCursor } from "./page.ts";
import type { Pools } from "./pools.ts";
import type { CommitView } from "./types.ts";

/** How long the set of attestors is remembered: it changes by rotations, which take a delay of days. */
const setMs = 10_000;
/** How long a leaf file is at hand: all attestors ask for the newest within a moment, and it is large. */
const leafFileMs = 10_000;
/** How far an attestor's clock may be off, and how long a header of its may be used. */
const skewMsMax = 300_000;

type Commits = Pick<
  Engine,
  "listCommits" | "commit" | "leafFile" | "signCommit" | "refuseCommit" | "authenticateAttestor"
> & {
  /** Who may sign now, and how many have to. */
  attestors(): Promise<AttestorSet>;
};

/** What attestors ask for and say. Nothing here moves money: the program counts their signatures itself. */
export function createCommits(context: EngineContext, pools: Pools): Commits {
  const { pool, rail, clock, verify } = context;
  const sets = new Cache<Promise<AttestorSet>>({ max: 1, ttlMs: setMs, clock });

  const leafFiles = new Cache<Promise<Uint8Array | null>>({ max: 1, ttlMs: leafFileMs, clock });

  const attestors = async (): Promise<AttestorSet> => {
    const known =
      sets.get("newest") ??
      sets.set(
        "newest",
        rail.readPool().then((each) => each.network.attestors),
      );
    return await known.catch((error: unknown) => {
      sets.clear();
      throw error;
    });
  };
  const requireAttestor = async (key: Bytes32, what: string): Promise<void> => {
    const { keys } = await attestors();
    if (!keys.some((each) => equalBytes(each, key))) throw earnestError("SIGNATURE_MISMATCH", { what });
  };
  const row = async (digest: Bytes32): Promise<CommitRow> => {
    const found = await readCommit(pool, digest);
    if (found === null) throw earnestError("COMMIT_NOT_FOUND", { digest: toHex(digest) });
    return found;
  };
  const views = async (rows: readonly CommitRow[]): Promise<CommitView[]> => {
    const said = await readSaid(
      pool,
      rows.map(({ digest }) => digest),
    );
    return rows.map((found) => {
      const { signatures = [], outcomes = [] } = said.get(toHex(found.digest)) ?? {};
      return { ...found, digest: bytes32(found.digest), body: decodeCommit(found.message).body, signatures, outcomes };
    });
  };
  const view = async (found: CommitRow): Promise<CommitView> => (await views([found]))[0] as CommitView;

  return {
    attestors,

    async listCommits({ mint, after = null, limit }) {
      const { poolNumber } = await pools.byMint(mint);
      const rows = await listCommits(pool, poolNumber, after === null ? null : readCursor(after), limit + 1);
      const items = await views(rows.slice(0, limit));
      return { items, next: rows.length > limit ? cursorOf(items[limit - 1] as CommitView) : null };
    },

    async commit(digest) {
      return await view(await row(digest));
    },

    async leafFile(digest) {
      const name = toHex(digest);
      const read = leafFiles.get(name) ?? leafFiles.set(name, readLeafFileOf(pool, digest));
      const file = await read.catch((error: unknown) => {
        leafFiles.delete(name);
        throw error;
      });
      if (file !== null) return file;
      // It may still come.
      leafFiles.delete(name);
      throw earnestError("COMMIT_NOT_FOUND", { digest: name });
    },

    async signCommit(digest, { key, signature }: AttestorSignature) {
      const found = await row(digest);
      const what = "the attestor";
      await requireAttestor(key, what);
      if (!(await verify(key, signedBytes("commit", digest), signature)))
        throw earnestError("SIGNATURE_MISMATCH", { what });
      await insertSignature(pool, digest, { key, signature });
      return await view(found);
    },

    async refuseCommit(said: OutcomeStatement, { key, signature }: AttestorSignature) {
      const found = await row(said.digest);
      const what = "the attestor's outcome";
      await requireAttestor(key, what);
      if (!(await verify(key, outcomeStatement(said), signature))) throw earnestError("SIGNATURE_MISMATCH", { what });
      await upsertOutcome(pool, said.digest, { ...said, key, signature });
      return await view(found);
    },

    async authenticateAttestor({ key, timeMs, signature }) {
      const what = "the attestor's request";
      const isTimely = Math.abs(clock() - timeMs) <= skewMsMax;
      const statement = attestorStatement({ pool: bytes32(fromBase58(rail.pool)), timeMs });
      if (!isTimely || !(await verify(key, statement, signature))) throw earnestError("SIGNATURE_MISMATCH", { what });
      await requireAttestor(key, what);
    },
  };
}

const cursorOf = ({ body: { epoch }, proposedAtMs }: CommitView): string => `${epoch}.${proposedAtMs}`;

function readCursor(text: string): CommitPlace {
  const [, epoch, proposedAtMs] = /^(\d{1,18})\.(\d{1,15})$/.exec(text) ?? [];
  if (epoch !== undefined) return { epoch: BigInt(epoch), proposedAtMs: Number(proposedAtMs) };
  throw noCursor();
}
