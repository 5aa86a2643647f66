import type { Explanation as WireExplanation } from "../contract/explanations.ts";
import type { Explanation } from "../engine/insight/insight.ts";
import { fromPpm, type Money, writeHash } from "./values.ts";

/** Why a verdict is what it is, as it looks on the wire. */
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
