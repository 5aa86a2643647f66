import { sumAmounts } from "../core/amount.ts";
import { equalBytes } from "../core/bytes.ts";
import { earnestError } from "../core/errors.ts";
import type { MarketId } from "../core/market-id.ts";
import { coverageStatement } from "../core/statements.ts";
import type { EngineContext } from "./context.ts";
import type { Engine } from "./engine.ts";
import { firstLane, type Lanes } from "./lanes.ts";
import type { Checkpoint, Session, SessionCoverage } from "./types.ts";

/** What sessions brought with their token alone, and their signatures of that. */
export function createCoverage(context: EngineContext, lanes: Lanes): Pick<Engine, "coverage" | "cover"> {
  return {
    async coverage({ contributor, sessionKey }, market) {
      return await lanes.get(market).read((state) => {
        const sessions = state.members.get(contributor)?.sessions ?? [];
        return sessions
          .filter(({ key, uncovered }) => uncovered.length > 0 || equalBytes(key, sessionKey))
          .map(
            ({ key, coveredCount, running, uncovered }): SessionCoverage => ({
              session: key,
              count: coveredCount,
              running,
              submissions: uncovered.map(({ task, ordinal, body }) => ({ slot: { task, ordinal }, body })),
              pay: sumAmounts(uncovered.map(({ pay }) => pay)),
            }),
          );
      });
    },

    async cover(session, market, checkpoint) {
      await checkSignature(context, session, market, checkpoint);
      const { contributor, sessionKey, authorisation } = session;
      const entry = { kind: "covered", contributor, by: sessionKey, ...checkpoint } as const;
      await lanes.get(market).run({ type: "cover", entry, authorisation });
    },
  };
}

async function checkSignature(
  { verify }: EngineContext,
  { sessionKey }: Session,
  market: MarketId,
  { session, count, running, signature }: Checkpoint,
): Promise<void> {
  const statement = coverageStatement({ market, lane: firstLane, session, count, running });
  if (!(await verify(sessionKey, statement, signature)))
    throw earnestError("SIGNATURE_MISMATCH", { what: "the checkpoint" });
}
