import { numberText, t } from "../../i18n.ts";
import { Money } from "../../parts/money.tsx";
import { Problem } from "../../parts/problem.tsx";
import { spanText } from "../units.ts";
import type { Costs } from "./costs.ts";
import type { missingIn } from "./draft.ts";
import { type LaunchStep, launchSteps } from "./launch.ts";

interface SummaryProps {
  /** What is paid is the network's own token, of which one is about a dollar where it is not worth nothing. */
  readonly isHome: boolean;
  readonly costs: Costs | null;
  readonly sampleCosts: Costs | null;
  readonly tasks: number;
  readonly sampleSize: number;
  readonly missing: ReturnType<typeof missingIn> | "file";
  readonly step: LaunchStep | null;
  readonly problem: unknown;
  readonly isBusy: boolean;
  readonly onLaunch: (isSample: boolean) => void;
  readonly onRetry: () => void;
}

/** What it will cost and take before anything is paid; and the two ways to begin. */
export function Summary({
  isHome,
  costs,
  sampleCosts,
  tasks,
  sampleSize,
  missing,
  step,
  problem,
  isBusy,
  onLaunch,
  onRetry,
}: SummaryProps) {
  const isLow = isHome && costs !== null && Number(costs.perHour) < lowPerHour;
  return (
    <section class="panel summary" aria-labelledby="summary-title">
      <h2 id="summary-title">{t("create.summary")}</h2>
      {costs !== null && (
        <dl class="summary-facts">
          <div>
            <dt>{t("create.expected")}</dt>
            <dd class="summary-main">
              <Money amount={costs.expected} />
            </dd>
          </div>
          <div>
            <dt>{t("create.maximum")}</dt>
            <dd>
              <Money amount={costs.maximum} />
            </dd>
          </div>
          <div>
            <dt>{t("create.deposit")}</dt>
            <dd>
              <Money amount={costs.deposit} />
            </dd>
          </div>
          <div>
            <dt>{t("create.finish")}</dt>
            <dd>{spanText(costs.finishMs)}</dd>
          </div>
          <div>
            <dt>{t("create.wage")}</dt>
            <dd>
              <Money amount={costs.perHour} />
            </dd>
          </div>
        </dl>
      )}
      {isLow && <p class="warning">{t("create.lowWage")}</p>}
      <p class="faint">{t("create.comesBack")}</p>
      {problem !== null && <Problem error={problem} onRetry={onRetry} />}
      {step !== null && <Steps step={step} />}
      {missing !== null && <p class="faint">{t(`missing.${missing}`)}</p>}
      <div class="buttons">
        {tasks > sampleSize && (
          <button
            type="button"
            class="button button-go"
            disabled={missing !== null || isBusy || costs === null}
            onClick={() => onLaunch(true)}
          >
            {t("create.sample", { rows: numberText(sampleSize) })}
            {sampleCosts !== null && <Money amount={sampleCosts.deposit} />}
          </button>
        )}
        <button
          type="button"
          class={tasks > sampleSize ? "button" : "button button-go"}
          disabled={missing !== null || isBusy || costs === null}
          onClick={() => onLaunch(false)}
        >
          {t("create.all", { rows: numberText(tasks) })}
        </button>
      </div>
    </section>
  );
}

/** Tokens an hour below which few stay, where a token is about a dollar. */
const lowPerHour = 8;

function Steps({ step }: { readonly step: LaunchStep }) {
  const at = launchSteps.indexOf(step);
  return (
    <ol class="steps" role="status">
      {launchSteps.map((each, i) => (
        <li
          key={each}
          class={i < at ? "step-done" : i === at ? "step-now" : ""}
          aria-current={i === at ? "step" : undefined}
        >
          {t(`step.${each}`)}
        </li>
      ))}
    </ol>
  );
}
