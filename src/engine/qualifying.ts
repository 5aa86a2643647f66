import { type Bytes32, bytes32 } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import { canonicalJson, type Json } from "../core/json.ts";
import { type MarketId, marketIdToBytes } from "../core/market-id.ts";
import { testOf } from "../market/admit.ts";
import type { Command } from "../market/decide.ts";
import { decodeEntry, type EntryOf } from "../market/entries.ts";
import {
  answersCommitment,
  gradeTest,
  openTest,
  type Question,
  questionsHash,
  type SealedTest,
  sealTest,
} from "../market/qualifying.ts";
import type { Test } from "../market/state.ts";
import { readEntriesAt } from "../store/log/read-entries.ts";
import type { Queryable } from "../store/pool.ts";
import { type EngineContext, hashOf } from "./context.ts";
import type { Engine } from "./engine.ts";
import { claiming } from "./idempotency.ts";
import type { createIdentity } from "./identity.ts";
import { firstLane, type Lanes } from "./lanes.ts";
import type { NewTest, TestView } from "./types.ts";

type Qualifying = Pick<Engine, "putTest" | "listTests" | "test" | "takeTest" | "score">;

interface Parts {
  readonly lanes: Lanes;
  readonly identity: ReturnType<typeof createIdentity>;
  readonly markets: {
    row(market: MarketId): Promise<unknown>;
    owned(owner: Bytes32, market: MarketId): Promise<unknown>;
  };
}

/**
 * Qualification tests. The log holds what commits to them, and the sealed part lies beside their entry: nobody but the
 * server reads the answers, and it cannot exchange them afterwards.
 */
export function createQualifying(context: EngineContext, { lanes, identity, markets }: Parts): Qualifying {
  const { pool } = context;
  const hash = hashOf(context);

  /** The sealed part, checked against its commitment. */
  const sealedOf = async (on: Queryable, market: MarketId, { sequence }: Test): Promise<SealedTest> => {
    const [stored] = await readEntriesAt(on, marketIdToBytes(market), firstLane, [sequence]);
    if (stored === undefined || stored.attachment === null)
      throw earnestError("ENTRY_NOT_FOUND", { lane: firstLane, sequence });
    return openTest(hash, decodeEntry(stored.encoded) as EntryOf<"testAdded">, stored.attachment);
  };

  const viewOf = async (market: MarketId, name: string, test: Test): Promise<TestView> => {
    const { questions } = await sealedOf(pool, market, test);
    const { passPpm, validMs, sequence } = test;
    return { name, questions, passPpm, validMs, sequence };
  };

  const testNamed = async (market: MarketId, name: string): Promise<TestView> => {
    await markets.row(market);
    return await viewOf(market, name, await lanes.get(market).read((state) => testOf(state, name)));
  };

  const entryOf = (name: string, { passPpm, validMs }: NewTest, sealed: SealedTest): EntryOf<"testAdded"> => ({
    kind: "testAdded",
    name,
    questions: questionsHash(hash, sealed.questions),
    count: sealed.questions.length,
    passPpm,
    validMs,
    answers: answersCommitment(hash, sealed),
  });

  const putTest: Qualifying["putTest"] = async (owner, market, name, test, once) => {
    await markets.owned(owner, market);
    const sealed = sealedFrom(test, bytes32(context.random(32)));
    await lanes.get(market).runAlong({
      ...claiming(once),
      commands: async (dbTx, state) => {
        const stands = state.tests.get(name);
        if (stands !== undefined && isSame(test, stands, sealed, await sealedOf(dbTx, market, stands))) return [];
        const record = { entry: entryOf(name, test, sealed), attachment: sealTest(sealed) };
        return [{ type: "input", record }];
      },
    });
    return await testNamed(market, name);
  };

  const score: Qualifying["score"] = async ({ contributor }, market, name) =>
    await lanes.get(market).read((state) => {
      const member = state.members.get(contributor);
      const expiresAtMs = member?.attempts.get(name);
      if (member === undefined || expiresAtMs === undefined) throw earnestError("TEST_NOT_FOUND", { test: name });
      const scorePpm = member.qualifications.get(name)?.value ?? 0;
      return { scorePpm, isPassed: scorePpm >= testOf(state, name).passPpm, expiresAtMs };
    });

  return {
    putTest,
    score,
    test: testNamed,

    async listTests(market) {
      await markets.row(market);
      const tests = await lanes.get(market).read((state) => [...state.tests]);
      return await Promise.all(tests.map(([name, test]) => viewOf(market, name, test)));
    },

    async takeTest(session, market, name, answers, once) {
      await markets.row(market);
      const { contributor } = session;
      const join = await identity.joinOf(contributor);
      await lanes.get(market).runAlong({
        ...claiming(once),
        commands: async (dbTx, state): Promise<readonly Command[]> => {
          const value = gradeTest(await sealedOf(dbTx, market, testOf(state, name)), answers);
          return [{ type: "attempt", contributor, name, value, join }];
        },
      });
      return await score(session, market, name);
    },
  };
}

function sealedFrom({ questions }: NewTest, salt: Bytes32): SealedTest {
  const answers = questions.map(({ choices, answer }, i) => {
    const choice = choices.indexOf(answer);
    if (choice >= 0) return choice;
    throw earnestError("MALFORMED_REQUEST", { where: `questions[${i}].answer`, problem: "is none of the choices" });
  });
  const shown = questions.map(({ content, choices }): Question => ({ content, choices }));
  return { questions: shown, answers, salt };
}

/** Whether the test stands already, whatever salt it was sealed with. */
function isSame(wanted: NewTest, stands: Test, given: SealedTest, sealed: SealedTest): boolean {
  const text = ({ questions, answers }: SealedTest): string =>
    canonicalJson({ questions: questions as unknown as Json, answers });
  return wanted.passPpm === stands.passPpm && wanted.validMs === stands.validMs && text(given) === text(sealed);
}
