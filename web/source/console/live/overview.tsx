import type { ComponentChildren } from "preact";
import type { Earnest } from "../../../../src/client/earnest.ts";
import type { Timeline } from "../../../../src/contract/items.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import type { MarketReport } from "../../../../src/contract/report.ts";
import { numberText, t } from "../../i18n.ts";
import { isZero, sumOf } from "../../parts/amounts.ts";
import { Money } from "../../parts/money.tsx";
import { Problem } from "../../parts/problem.tsx";
import { spentOf } from "../markets.tsx";
import { Meter } from "../parts/meter.tsx";
import { percent } from "../units.ts";
import { GrowthChart } from "./chart.tsx";
import { useCalm } from "./follow.ts";
import { Warnings } from "./warnings.tsx";
import { WorkLink } from "./work-link.tsx";

interface OverviewProps {
  readonly client: Earnest;
  readonly market: Market;
  readonly beat: number;
}

const calmMs = 1_500;

/** How it goes: work, money, how good and how soon. */
export function Overview({ client, market, beat }: OverviewProps) {
  const report = useCalm(() => client.markets.report(market.id), [market.id], beat, calmMs);
  const timeline = useCalm(() => client.markets.timeline(market.id), [market.id], beat, calmMs);
  const found = report.value;
  const spent = spentOf(market);
  return (
    <div class="overview">
      <Warnings warnings={market.warnings ?? []} />
      {(report.problem ?? timeline.problem) !== null && (
        <Problem
          error={report.problem ?? timeline.problem}
          onRetry={() => {
            report.reload();
            timeline.reload();
          }}
        />
      )}
      <section class="figures" aria-label={t("live.overview")}>
        <Figure
          label={t("live.progress")}
          value={found === null ? "…" : `${numberText(found.tasks.settled)} / ${numberText(found.tasks.asked)}`}
        >
          <Meter
            label={t("live.progress")}
            value={found?.tasks.settled ?? 0}
            max={Math.max(1, found?.tasks.asked ?? 1)}
          />
          {found !== null && found.tasks.controls > 0 && (
            <span class="faint">{t("live.controlsBeside", { count: numberText(found.tasks.controls) })}</span>
          )}
        </Figure>
        <Figure label={t("live.answers")} value={numberText(market.answers)} id="figure-answers">
          {found !== null && found.answers.perTask !== null && (
            <span class="faint">{t("live.perTask", { mean: numberText(found.answers.perTask, 1) })}</span>
          )}
        </Figure>
        <Figure label={t("live.spent")} value={<Money amount={spent} />}>
          <Meter label={t("live.spent")} value={Number(spent)} max={Number(market.escrow.deposited)} />
          <span class="faint">
            {t("live.of")} <Money amount={market.escrow.deposited} />
          </span>
        </Figure>
        <Figure label={t("live.confidence")} value={shareOf(found?.confidence)}>
          {found !== null && found.tasks.settled > 0 && (
            <span class="faint">
              {t("live.decided", { count: numberText(found.tasks.decided), all: numberText(found.tasks.settled) })}
            </span>
          )}
        </Figure>
        <Figure label={t("live.agreement")} value={shareOf(found === null ? null : agreedShare(found))}>
          {found !== null && found.agreement.judged > 0 && (
            <span class="faint">
              {t("live.agreed", {
                count: numberText(found.agreement.agreed),
                all: numberText(found.agreement.judged),
              })}
            </span>
          )}
        </Figure>
        <Figure label={t("live.controls")} value={shareOf(found === null ? null : controlAccuracy(found))}>
          {found !== null && (
            <span class="faint">{t("live.controlAnswers", { count: numberText(controlAnswers(found)) })}</span>
          )}
        </Figure>
        <Figure label={t("live.machines")} value={shareOf(found === null ? null : machineShare(found))}>
          {found !== null && found.saved !== null && found.saved.answers > 0 && (
            <span class="faint">{t("live.saved", { answers: numberText(Math.round(found.saved.answers)) })}</span>
          )}
        </Figure>
        <Figure label={t("live.latency")} value={latencyOf(timeline.value)} />
        <Figure label={t("live.free")} value={<Money amount={market.escrow.free} />}>
          {!isZero(market.escrow.held) && (
            <span class="faint">
              {t("live.held")} <Money amount={market.escrow.held} />
            </span>
          )}
          <SetAside market={market} />
        </Figure>
      </section>
      <section class="panel">
        <h2>{t("live.growth")}</h2>
        {timeline.value !== null && <GrowthChart label={t("live.growth")} timeline={timeline.value} />}
      </section>
      {timeline.value !== null && timeline.value.calibration.length > 0 && (
        <Calibration parts={timeline.value.calibration} />
      )}
      <WorkLink market={market} />
    </div>
  );
}

/** What is neither free nor spent, so that a requester finds all of a deposit again. */
export function SetAside({ market: { escrow } }: { readonly market: Market }) {
  const amount = sumOf([escrow.newcomerBudget, escrow.appealBudget]);
  return isZero(amount) ? null : (
    <span class="faint">
      {t("live.setAside")} <Money amount={amount} />
    </span>
  );
}

interface FigureProps {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly id?: string;
  readonly children?: ComponentChildren;
}

export function Figure({ label, value, id, children }: FigureProps) {
  return (
    <div class="figure" id={id}>
      <h2 class="figure-label">{label}</h2>
      <p class="figure-value">{value}</p>
      {children}
    </div>
  );
}

const agreedShare = ({ agreement: { judged, agreed } }: MarketReport): number | null =>
  judged === 0 ? null : agreed / judged;

const shareOf = (share: number | null | undefined): string =>
  share === null || share === undefined ? "—" : percent(share);

const controlAnswers = ({ people, machines }: MarketReport): number =>
  machines.reduce((sum, { measured }) => sum + measured.tasks, people.measured.tasks);

function controlAccuracy(report: MarketReport): number | null {
  const { people, machines } = report;
  const right = machines.reduce((sum, { measured }) => sum + measured.right, people.measured.right);
  const all = controlAnswers(report);
  return all === 0 ? null : right / all;
}

function machineShare({ answers }: MarketReport): number | null {
  const all = answers.machines + answers.people;
  return all === 0 ? null : answers.machines / all;
}

function latencyOf(timeline: Timeline | null): string {
  const found = timeline?.verdictMs ?? null;
  if (found === null) return "—";
  // What is decided in the batch that brought the answer has its time.
  if (found.p50 < 1) return t("live.atOnce");
  return found.p50 < 1_000
    ? t("live.ms", { value: numberText(found.p50) })
    : t("live.seconds", { value: numberText(found.p50 / 1_000, 1) });
}

/** Labels that claim to be that certain, and how many of them were right where it is known. */
function Calibration({ parts }: { readonly parts: Timeline["calibration"] }) {
  return (
    <section class="panel">
      <h2>{t("live.calibration")}</h2>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{t("live.claimed")}</th>
            <th scope="col">{t("live.wereRight")}</th>
            <th scope="col">{t("live.tasks")}</th>
          </tr>
        </thead>
        <tbody>
          {parts.map(({ confidence, tasks, right }) => (
            <tr key={confidence}>
              <th scope="row">{percent(confidence)}</th>
              <td>{percent(right / tasks)}</td>
              <td>{numberText(tasks)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
