import { equalBytes, toHex } from "#src/core/bytes";
import type { ContributorRow } from "#src/store/identity/contributors";
import type { NewSession } from "#src/store/identity/sign-in";
import type { Transaction } from "../database/database.ts";
import { uniqueViolation } from "../database/server-error.ts";
import type { Models } from "./asking.ts";
import { must, padded } from "./keys.ts";

export const settings = {
  putSetting: (on, name, value) =>
    on.ask(async (transaction) => {
      const { settings: table } = transaction.database.tables;
      await transaction.lock(table, name);
      const stands = transaction.get(table, name) ?? { value };
      transaction.put(table, name, stands);
      return stands.value;
    }),
} satisfies Models<typeof import("#src/store/identity/settings")>;

export const challenges = {
  pruneChallenges: (on, beforeMs) =>
    on.ask(async (transaction) => {
      const { challenges: table } = transaction.database.tables;
      for (const nonce of [...table.rows.keys()].sort()) {
        if ((table.rows.get(nonce)?.expiresAtMs ?? beforeMs) >= beforeMs) continue;
        await transaction.lock(table, nonce);
        transaction.delete(table, nonce);
      }
    }),
} satisfies Models<typeof import("#src/store/identity/challenges")>;

const byKey = (transaction: Transaction, key: Uint8Array): ContributorRow | null =>
  transaction.all(transaction.database.tables.contributors).find((row) => equalBytes(row.key, key)) ?? null;

export const contributors = {
  readContributor: (on, contributor) =>
    on.ask((transaction) => transaction.get(transaction.database.tables.contributors, padded(contributor)) ?? null),
  readContributorByKey: (on, key) => on.ask((transaction) => byKey(transaction, key)),
  automatedAmong: (on, asked) =>
    on.ask((transaction) => {
      const all = transaction.all(transaction.database.tables.contributors);
      const found = all.filter(({ contributor, automated }) => automated && asked.includes(contributor));
      return new Set(found.map(({ contributor }) => contributor));
    }),
} satisfies Models<typeof import("#src/store/identity/contributors")>;

export const signIn = {
  signInAll: (on, sessions) =>
    on.ask(async (transaction) => {
      const allowed = await useChallenges(transaction, sessions);
      const known = await knownContributors(transaction, allowed);
      for (const session of allowed) {
        const { hash, key, sessionKey, expiresAtMs, text, signature } = session;
        const { contributor } = must(known.get(toHex(key)), "a contributor");
        const { sessions: table } = transaction.database.tables;
        await transaction.lock(table, toHex(hash));
        if (transaction.get(table, toHex(hash)) !== undefined) throw uniqueViolation("sessions");
        const row = { contributor, key, sessionKey, expiresAtMs, text, signature, revokedAtMs: null };
        transaction.put(table, toHex(hash), row);
      }
      return sessions.map((each) => (allowed.includes(each) ? (known.get(toHex(each.key)) ?? null) : null));
    }),
} satisfies Models<typeof import("#src/store/identity/sign-in")>;

/** Those whose challenge was not used before: the first for each. */
async function useChallenges(transaction: Transaction, sessions: readonly NewSession[]): Promise<NewSession[]> {
  const { challenges: table } = transaction.database.tables;
  const allowed = new Set<NewSession>();
  for (const nonce of [...new Set(sessions.map((each) => each.nonce))].sort()) {
    await transaction.lock(table, nonce);
    const first = must(
      sessions.find((each) => each.nonce === nonce),
      "a session",
    );
    if (transaction.get(table, nonce) !== undefined) continue;
    transaction.put(table, nonce, { expiresAtMs: first.nonceExpiresAtMs });
    allowed.add(first);
  }
  return sessions.filter((each) => allowed.has(each));
}

async function knownContributors(
  transaction: Transaction,
  sessions: readonly NewSession[],
): Promise<Map<string, ContributorRow>> {
  const { contributors: table } = transaction.database.tables;
  const known = new Map<string, ContributorRow>();
  const last = new Map(sessions.map((each) => [toHex(each.key), each]));
  for (const [name, { key, automated, facts }] of [...last].sort(([a], [b]) => (a < b ? -1 : 1))) {
    await transaction.lock({ name: "contributors_key" }, name);
    const number = transaction.database.nextIdentity("contributors");
    const found = byKey(transaction, key);
    const row = found === null ? { contributor: number, key, owner: key, automated, facts } : { ...found, facts };
    await transaction.lock(table, padded(row.contributor));
    transaction.put(table, padded(row.contributor), row);
    known.set(name, row);
  }
  return known;
}

export const sessions = {
  readSession: (on, hash, nowMs) =>
    on.ask((transaction) => {
      const row = transaction.get(transaction.database.tables.sessions, toHex(hash));
      if (row === undefined || row.revokedAtMs !== null || row.expiresAtMs <= nowMs) return null;
      const { revokedAtMs: _, ...session } = row;
      return session;
    }),
} satisfies Models<typeof import("#src/store/identity/sessions")>;

const keyOf = (scope: Uint8Array, key: string): string => `${toHex(scope)} ${key}`;
const claimed = 0;

export const idempotency = {
  findResponse: (on, scope, key) =>
    on.ask((transaction) => {
      const row = transaction.get(transaction.database.tables.keys, keyOf(scope, key));
      return row === undefined ? null : { requestHash: row.requestHash, status: row.status, response: row.response };
    }),
  saveResponse: (on, scope, key, { requestHash, status, response, createdAtMs }) =>
    on.ask(async (transaction) => {
      const { keys } = transaction.database.tables;
      await transaction.lock(keys, keyOf(scope, key));
      const row = transaction.get(keys, keyOf(scope, key)) ?? { requestHash, status: claimed, response, createdAtMs };
      if (row.status === claimed) transaction.put(keys, keyOf(scope, key), { ...row, status, response });
    }),
  claimKey: (on, scope, key, { requestHash, note, createdAtMs }) =>
    on.ask(async (transaction) => {
      const { keys } = transaction.database.tables;
      await transaction.lock(keys, keyOf(scope, key));
      if (transaction.get(keys, keyOf(scope, key)) !== undefined) return false;
      transaction.put(keys, keyOf(scope, key), { requestHash, status: claimed, response: note, createdAtMs });
      return true;
    }),
  noteOfKey: (on, scope, key, note) =>
    on.ask(async (transaction) => {
      const { keys } = transaction.database.tables;
      await transaction.lock(keys, keyOf(scope, key));
      const row = transaction.get(keys, keyOf(scope, key));
      if (row?.status === claimed) transaction.put(keys, keyOf(scope, key), { ...row, response: note });
    }),
  pruneResponses: (on, beforeMs) =>
    on.ask(async (transaction) => {
      const { keys } = transaction.database.tables;
      for (const key of [...keys.rows.keys()].sort()) {
        if ((keys.rows.get(key)?.createdAtMs ?? beforeMs) >= beforeMs) continue;
        await transaction.lock(keys, key);
        transaction.delete(keys, key);
      }
    }),
} satisfies Models<typeof import("#src/store/identity/idempotency")>;
