import { useEffect, useState } from "preact/hooks";
import type { OpenWork } from "../../../src/contract/open-work.ts";
import type { Requirement } from "../../../src/contract/terms.ts";
import { watched } from "../connection.ts";
import { safeText } from "../content/safe-text.ts";
import { amountText, numberText, t } from "../i18n.ts";
import { Link } from "../parts/link.tsx";
import { Money, token } from "../parts/money.tsx";
import { Loading, Problem } from "../parts/problem.tsx";
import { openWork } from "../work/open-work.ts";
import { TestLinks } from "./lacking.tsx";
import { shortKey } from "./work-header.tsx";

/** Markets that have work, as the network ranks them: by what an hour of it pays. */
export function Find() {
  const [found, setFound] = useState<readonly OpenWork[] | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const load = (): void => {
    setProblem(null);
    watched(openWork()).then(setFound, setProblem);
  };
  useEffect(load, []);
  return (
    <div class="column">
      <h1 tabIndex={-1}>{t("find.title")}</h1>
      {problem !== null && <Problem error={problem} onRetry={load} />}
      {found === null && problem === null && <Loading />}
      {found?.length === 0 && <p class="notice">{t("find.none")}</p>}
      <ul class="cards">
        {found?.map((work) => (
          <li key={work.market} class="card-item">
            <WorkCard work={work} />
            <TestLinks market={work.market} missing={work.missing} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function WorkCard({ work }: { readonly work: OpenWork }) {
  const { market, title, reward, payPerHour, secondsPerAnswer, rejected, requester, tasksLeft, missing } = work;
  return (
    <Link to={`/desk/${market}`} class="card">
      <span class="card-title" dir="auto">
        {safeText(title, 160)}
      </span>
      <span class="card-pay">
        <Money amount={reward} />
      </span>
      <span class="card-facts faint">
        {payPerHour !== null && <strong>{t("find.perHour", { rate: amountText(payPerHour, 2), token })}</strong>}
        {secondsPerAnswer !== null && (
          <span>{t("find.pace", { seconds: numberText(secondsPerAnswer, secondsPerAnswer < 10 ? 1 : 0) })}</span>
        )}
        <span>{t("find.tasks", { count: tasksLeft })}</span>
        {rejected !== null && <span>{t("find.rejected", { share: numberText(rejected * 100) })}</span>}
        <span>{t("work.requester", { key: shortKey(requester) })}</span>
        {work.eligibility.map((each, i) => (
          <span key={i}>{requirementText(each)}</span>
        ))}
      </span>
      {missing.map(({ what, next }, i) => (
        <span key={i} class="card-lack">
          {t("find.lack", { what: safeText(what, 200) })} {safeText(next, 300)}
        </span>
      ))}
    </Link>
  );
}

function requirementText(requirement: Requirement): string {
  switch (requirement.type) {
    case "qualification":
      return t("find.qualification", { name: safeText(requirement.name, 64) });
    case "language":
      return t("find.language", { list: safeText(requirement.anyOf.slice(0, 5).join(", "), 200) });
    case "country":
      return t("find.country", { list: safeText(requirement.anyOf.slice(0, 5).join(", "), 200) });
    case "age":
      return t("find.age", { count: requirement.min });
    case "place":
      return t("find.place");
    case "person":
      return t("find.person");
  }
}
