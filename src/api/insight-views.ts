import type { OwnRecord as WireOwnRecord, ContributorRecord as WireRecord } from "../contract/contributors.ts";
import type { EarnedDay as WireEarnedDay } from "../contract/earnings.ts";
import type { OpenWork as WireOpenWork } from "../contract/open-work.ts";
import type { MarketReport as WireReport } from "../contract/report.ts";
import type { Warning as WireWarning } from "../contract/warnings.ts";
import type {
  ContributorRecord,
  EarnedDay,
  MachineReport,
  MarketReport,
  OpenWork,
  OwnRecord,
  Warning,
} from "../engine/insight/insight.ts";
import { type Money, writeKey } from "./values.ts";
import { requirementView, templateView, termsView, tokenView } from "./views.ts";

type Measured = MarketReport["people"]["measured"];
type WireMeasured = WireReport["people"]["measured"];

/** How a market goes, as it looks on the wire. One function a thing; `money` knows the token's decimals. */

export const contributorView = (money: Money, view: ContributorRecord): WireRecord => ({
  contributor: writeKey(view.contributor),
  automated: view.automated,
  isBlocked: view.isBlocked,
  answers: view.answers,
  accepted: view.accepted,
  rejected: view.rejected,
  held: view.held,
  earned: money.write(view.earned),
  controls: { ...view.controls },
  agreement: { ...view.agreement },
  standing: view.standing === null ? null : { ...view.standing },
  errors: view.errors === null ? null : view.errors.map((cell) => ({ ...cell })),
});

export const ownRecordView = (money: Money, view: OwnRecord): WireOwnRecord => ({
  ...view,
  held: { ...view.held },
  earned: money.write(view.earned),
  reserve: money.write(view.reserve),
  controls: { ...view.controls },
  pace:
    view.pace === null
      ? null
      : {
          answers: view.pace.answers,
          activeSeconds: view.pace.activeSeconds,
          earned: money.write(view.pace.earned),
          perHour: view.pace.perHour === null ? null : money.write(view.pace.perHour),
        },
});

export const reportView = (money: Money, view: MarketReport): WireReport => ({
  ...view,
  machines: view.machines.map((each) => machineView(money, each)),
  people: { ...view.people, measured: measuredView(view.people.measured) },
  rings: view.rings.map(({ devices, reports }) => ({ devices: [...devices], reports })),
  cost: money.write(view.cost),
  warnings: view.warnings.map((each) => warningView(money, each)),
});

const machineView = (money: Money, view: MachineReport): WireReport["machines"][number] => ({
  ...view,
  contributor: writeKey(view.contributor),
  measured: { ...measuredView(view.measured), errors: [...view.measured.errors] },
  earned: money.write(view.earned),
});

export function warningView(money: Money, view: Warning): WireWarning {
  const { what, next } = view;
  switch (view.code) {
    case "TARGET_OUT_OF_REACH": {
      const { code, targetPpm, accuracy } = view;
      return { code, context: { target: targetPpm / 1_000_000, accuracy }, what, next };
    }
    case "TARGET_SELDOM_REACHED": {
      const { code, targetPpm, reached, answersMax } = view;
      return { code, context: { target: targetPpm / 1_000_000, reached, answersMax }, what, next };
    }
    case "CONTROLS_MISSING":
      return { code: view.code, context: {}, what, next };
    case "CONTRIBUTORS_UNPROVEN":
      return { code: view.code, context: { contributors: view.contributors }, what, next };
    case "ESCROW_SHORT": {
      const { code, tasks, needed, free } = view;
      return { code, context: { tasks, needed: money.write(needed), free: money.write(free) }, what, next };
    }
  }
}

const measuredView = ({ tasks, right, accuracy, interval: [low, high] }: Measured): WireMeasured => ({
  tasks,
  right,
  accuracy,
  interval: [low, high],
});

export const openWorkView = (money: Money, view: OpenWork): WireOpenWork => {
  const { spec } = view;
  const { answer, eligibility, reward } = termsView(money, spec.terms);
  return {
    market: view.market,
    title: spec.title,
    kind: spec.kind,
    requester: writeKey(view.requester),
    token: tokenView(view.token),
    reward,
    payPerHour: view.payPerHour === null ? null : money.write(view.payPerHour),
    secondsPerAnswer: view.secondsPerAnswer,
    measuredAnswers: view.measuredAnswers,
    rejected: view.rejected,
    answer,
    template: templateView(spec),
    hasGuide: spec.guide !== undefined,
    examples: spec.examples?.length ?? 0,
    eligibility,
    tasksLeft: view.tasksLeft,
    automatedAllowed: view.automatedAllowed,
    hasPlaces: view.hasPlaces,
    qualifies: view.qualifies,
    missing: view.missing.map(({ requirement, ...each }) => ({
      ...each,
      requirement: requirement === null ? null : requirementView(requirement),
    })),
  };
};

export const earnedDayView = (money: Money, { day, mint, answers, rewards, bonuses }: EarnedDay): WireEarnedDay => ({
  day,
  mint,
  answers,
  rewards: money.write(rewards),
  bonuses: money.write(bonuses),
  earned: money.write(rewards + bonuses),
});
