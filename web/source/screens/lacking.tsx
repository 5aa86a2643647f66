import { useEffect, useState } from "preact/hooks";
import type { Lack } from "../../../src/contract/open-work.ts";
import type { Requirement } from "../../../src/contract/terms.ts";
import { watched } from "../connection.ts";
import { safeText } from "../content/safe-text.ts";
import { nameOf, t } from "../i18n.ts";
import { Link } from "../parts/link.tsx";
import { Loading, Problem } from "../parts/problem.tsx";
import { openWork } from "../work/open-work.ts";

/** How to come by what somebody lacks: by saying who they are, and by the market's tests. */
export function Ways({ market, missing }: { readonly market: string; readonly missing: readonly Lack[] }) {
  const names = [...new Set(missing.flatMap(({ test }) => (test === null ? [] : [test])))];
  const isAskedWho = missing.some(({ requirement }) => requirement !== null && said.has(requirement.type));
  return (
    <>
      {isAskedWho && (
        <Link to="/me" class="button">
          {t("about.say")}
        </Link>
      )}
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
        {missing.map((lack, i) => (
          <li key={i}>{lackText(lack)}</li>
        ))}
      </ul>
      <Ways market={market} missing={missing} />
      <Link to="/find" class="button">
        {t("work.elsewhere")}
      </Link>
    </section>
  );
}

/** What people say of themselves. */
const said: ReadonlySet<Requirement["type"]> = new Set(["language", "country", "age"] as const);

/** In the words of who lacks it. */
export const lackText = ({ requirement }: Lack): string =>
  t("find.lack", { what: requirement === null ? t("find.own") : requirementText(requirement) });

export function requirementText(requirement: Requirement): string {
  switch (requirement.type) {
    case "qualification":
      return t("find.qualification", { name: safeText(requirement.name, 64) });
    case "language":
      return t("find.language", { list: listOf(requirement.anyOf, "language") });
    case "country":
      return t("find.country", { list: listOf(requirement.anyOf, "region") });
    case "age":
      return t("find.age", { count: requirement.min });
    case "place":
      return t("find.place");
    case "person":
      return t("find.person");
  }
}

const listOf = (codes: readonly string[], type: "language" | "region"): string =>
  safeText(
    codes
      .slice(0, 5)
      .map((code) => nameOf(code, type))
      .join(", "),
    200,
  );
