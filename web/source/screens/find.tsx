import { useEffect, useState } from "preact/hooks";
import type { OpenWork } from "../../../src/contract/open-work.ts";
import { watched } from "../connection.ts";
import { safeText } from "../content/safe-text.ts";
import { amountText, distanceText, numberText, t } from "../i18n.ts";
import { Link } from "../parts/link.tsx";
import { Money } from "../parts/money.tsx";
import { Loading, Problem } from "../parts/problem.tsx";
import { OfToken, useToken } from "../parts/tokens.tsx";
import { useStore } from "../store.ts";
import { start } from "../trouble.ts";
import type { PlaceProblem } from "../widgets/report/sighting.ts";
import { distancesTo } from "../work/near.ts";
import { openWork } from "../work/open-work.ts";
import { here, locate } from "../work/position.ts";
import { ranked } from "../work/rank.ts";
import { lackText, requirementText, Ways } from "./lacking.tsx";
import { shortKey } from "./work-header.tsx";

/** Markets that have work: what is near for whoever says where they are, else by what an hour of it pays. */
export function Find() {
  const [found, setFound] = useState<readonly OpenWork[] | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [distances, setDistances] = useState<ReadonlyMap<string, number>>(nowhere);
  const from = useStore(here);
  const load = (): void => {
    setProblem(null);
    watched(openWork()).then(setFound, setProblem);
  };
  useEffect(load, []);
  useEffect(() => {
    let isCurrent = true;
    if (found === null || from === null) setDistances(nowhere);
    else distancesTo(found, from).then((all) => isCurrent && setDistances(all), setProblem);
    return () => {
      isCurrent = false;
    };
  }, [found, from]);
  return (
    <div class="column">
      <h1 tabIndex={-1}>{t("find.title")}</h1>
      {found?.some(({ hasPlaces }) => hasPlaces) === true && <Order />}
      {problem !== null && <Problem error={problem} onRetry={load} />}
      {found === null && problem === null && <Loading />}
      {found?.length === 0 && <p class="notice">{t("find.none")}</p>}
      <ul class="cards">
        {ranked(found ?? [], distances).map((work) => (
          <li key={work.market} class="card-item">
            <OfToken token={work.token}>
              <WorkCard work={work} distanceMm={distances.get(work.market) ?? null} />
            </OfToken>
            <Ways market={work.market} missing={work.missing} />
          </li>
        ))}
      </ul>
      <Link to="/me" class="button-text">
        {t("about.link")}
      </Link>
    </div>
  );
}

const nowhere: ReadonlyMap<string, number> = new Map();

/** By pay, or from where one is: the device is asked when somebody chooses that, and never before. */
function Order() {
  const from = useStore(here);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<PlaceProblem | null>(null);
  const look = async (): Promise<void> => {
    setBusy(true);
    setProblem(await locate());
    setBusy(false);
  };
  return (
    <>
      <fieldset class="segments">
        <legend class="hidden">{t("find.order")}</legend>
        <label class="segment">
          <input type="radio" name="order" checked={from === null && !isBusy} onChange={() => here.set(null)} />
          <span>{t("find.byPay")}</span>
        </label>
        <label class="segment">
          <input type="radio" name="order" checked={from !== null || isBusy} onChange={() => start(look())} />
          <span>{t("find.nearMe")}</span>
        </label>
      </fieldset>
      <p class={problem === null ? "faint" : "wrong"} role="status">
        {isBusy ? t("report.locating") : t(problem === null ? "find.nearText" : `report.${problem}`)}
      </p>
    </>
  );
}

interface WorkCardProps {
  readonly work: OpenWork;
  /** To its nearest task, where that is known. */
  readonly distanceMm: number | null;
}

function WorkCard({ work, distanceMm }: WorkCardProps) {
  const { name } = useToken();
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
        {distanceMm !== null && <strong>{t("find.away", { distance: distanceText(distanceMm) })}</strong>}
        {payPerHour !== null && <strong>{t("find.perHour", { rate: amountText(payPerHour, 2), token: name })}</strong>}
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
      {missing.map((lack, i) => (
        <span key={i} class="card-lack">
          {lackText(lack)}
        </span>
      ))}
    </Link>
  );
}
