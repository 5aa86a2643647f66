import { useEffect, useState } from "preact/hooks";
import type { Lack } from "../../../src/contract/open-work.ts";
import { watched } from "../connection.ts";
import { safeText } from "../content/safe-text.ts";
import { t } from "../i18n.ts";
import { Link } from "../parts/link.tsx";
import { Loading, Problem } from "../parts/problem.tsx";
import { openWork } from "../work/open-work.ts";

/** The tests of a market that give what somebody lacks. */
export function TestLinks({ market, missing }: { readonly market: string; readonly missing: readonly Lack[] }) {
  const names = [...new Set(missing.flatMap(({ test }) => (test === null ? [] : [test])))];
  return (
    <>
      {names.map((name) => (
        <Link key={name} to={`/tests/${market}/${encodeURIComponent(name)}`} class="button">
          {t("test.take", { name: safeText(name, 64) })}
        </Link>
      ))}
    </>
  );
}

/** Why somebody may not work in a market, and how they come to. */
export function Lacking({ market }: { readonly market: string }) {
  const [missing, setMissing] = useState<readonly Lack[] | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const look = (): void => {
    setProblem(null);
    watched(openWork()).then(
      (found) => setMissing(found.find((each) => each.market === market)?.missing ?? []),
      setProblem,
    );
  };
  useEffect(look, [market]);
  if (problem !== null) return <Problem error={problem} onRetry={look} />;
  if (missing === null) return <Loading />;
  return (
    <section class="notice" role="status">
      <h1>{t("test.notYet")}</h1>
      <ul>
        {missing.map(({ what, next }, i) => (
          <li key={i}>{t("find.lack", { what: `${safeText(what, 200)} ${safeText(next, 300)}` })}</li>
        ))}
      </ul>
      <TestLinks market={market} missing={missing} />
      <Link to="/find" class="button">
        {t("work.elsewhere")}
      </Link>
    </section>
  );
}
