import type { OwnRecord as WireOwnRecord, ContributorRecord as WireRecord } from "../contract/contributors.ts";
import type { Explanation as WireExplanation } from "../contract/explanations.ts";
import type { MarketReport as WireReport } from "../contract/report.ts";
import type {
  ContributorRecord,
  Explanation,
  MachineReport,
  MarketReport,
  OwnRecord,
} from "../engine/insight/insight.ts";
import { fromPpm, type Money, writeHash, writeKey } from "./values.ts";

type Measured = MarketReport["people"]["measured"];
type WireMeasured = WireReport["people"]["measured"];

/** How a market goes, as it looks on the wire. One function a thing; `money` knows the token's decimals. */

export const contributorView = (money: Money, view: ContributorRecord): WireRecord => ({
  contributor: writeKey(view.contributor),
  automated: view.automated,
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
  cost: money.write(view.cost),
  warnings: [...view.warnings],
});

const machineView = (money: Money, view: MachineReport): WireReport["machines"][number] => ({
  ...view,
  contributor: writeKey(view.contributor),
  measured: { ...measuredView(view.measured), errors: [...view.measured.errors] },
  earned: money.write(view.earned),
});

const measuredView = ({ tasks, right, accuracy, interval: [low, high] }: Measured): WireMeasured => ({
  tasks,
  right,
  accuracy,
  interval: [low, high],
});

export const explanationView = (money: Money, view: Explanation): WireExplanation => ({
  rule: view.rule,
  findings: view.findings.map((each) => ({ ...each })),
  control: view.control === null ? null : { ...view.control, commitment: writeHash(view.control.commitment) },
  label: view.label === null ? null : labelView(view.label),
  record:
    view.record === null
      ? null
      : {
          answered: view.record.answered,
          right: view.record.right,
          answeredMin: view.record.answeredMin,
          accuracyMin: fromPpm(view.record.accuracyPpmMin),
        },
  model: view.model === null ? null : { ...view.model },
  panel: view.panel === null ? null : { ...view.panel },
  note: view.note,
  appeal:
    view.appeal === null
      ? null
      : { ...view.appeal, cost: view.appeal.cost === null ? null : money.write(view.appeal.cost) },
});

const labelView = ({ label, confidencePpm, decided, sequence }: NonNullable<Explanation["label"]>) => ({
  label,
  confidence: fromPpm(confidencePpm),
  decided,
  sequence,
});
