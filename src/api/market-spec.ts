import type { Agreement } from "../contract/answers.ts";
import type { NewMarketFilled } from "../contract/markets.ts";
import type { Policy as WirePolicy } from "../contract/policy.ts";
import type { NewTaskFilled } from "../contract/tasks.ts";
import type { OwnTerms } from "../contract/terms.ts";
import { amount, feeRoundedUp } from "../core/amount.ts";
import type { Bytes32 } from "../core/bytes.ts";
import { earnestError, isEarnestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { NewMarket, NewTask } from "../engine/types.ts";
import { compositionPath, newVerification, pointerInto } from "../market/composition.ts";
import type { Guide } from "../market/guide.ts";
import type { Known } from "../market/known.ts";
import {
  type AgreementTerms,
  defaultPolicy,
  type MarketSpec,
  type Policy,
  parseSpec,
  settleMsMax,
  specToJson,
} from "../market/spec.ts";
import { requireShallow } from "./json-body.ts";
import { type Money, toPpm, writeKey } from "./values.ts";

/** Appeals that the default budget can pay in full. */
const appealsByDefault = 3n;

/** A requester's description as the specification that the log gets, with everything it leaves open filled in. */
export function marketOf(money: Money, feeBasisPoints: number, owner: Bytes32, wanted: NewMarketFilled): NewMarket {
  return {
    spec: specOf(money, feeBasisPoints, wanted),
    refundTo: wanted.refundTo ?? writeKey(owner),
    standing: false,
  };
}

function specOf(money: Money, feeBasisPoints: number, wanted: NewMarketFilled): MarketSpec {
  const reward = money.read(wanted.reward);
  const optional = (text: string | undefined, otherwise: bigint) =>
    text === undefined ? amount(otherwise) : money.read(text);
  const rewardMax = optional(wanted.rewardMax, reward);
  const panel = BigInt(wanted.appeal.panel);
  const panelPrice = amount((rewardMax + feeRoundedUp(rewardMax, feeBasisPoints)) * panel);
  const spec: MarketSpec = {
    version: 1,
    title: wanted.title,
    kind: wanted.kind,
    terms: {
      answer: wanted.answer as unknown as MarketSpec["terms"]["answer"],
      agreement: agreementOf(wanted.agreement),
      reward,
      overlap: { min: wanted.overlap.min, max: wanted.overlap.max, targetPpm: toPpm(wanted.overlap.target) },
      leaseMs: wanted.leaseSeconds * 1_000,
      deadlineMs: wanted.deadlineMs,
      eligibility: wanted.eligibility,
      ...(wanted.known !== null && { known: wanted.known as Known }),
    },
    rewardMin: optional(wanted.rewardMin, reward),
    rewardMax,
    feeBasisPoints,
    policy: policyOf(wanted.policy),
    controls: {
      answeredMin: wanted.controls.answeredMin,
      accuracyPpmMin: toPpm(wanted.controls.accuracyMin),
    },
    review: wanted.review === null ? null : { windowMs: wanted.review.windowSeconds * 1_000 },
    appeal: {
      windowMs: wanted.appeal.windowSeconds * 1_000,
      panel: wanted.appeal.panel,
      budget: optional(wanted.appeal.budget, panelPrice * appealsByDefault),
      cost: optional(wanted.appeal.cost, rewardMax * panel),
    },
    newcomer:
      wanted.newcomer === null
        ? null
        : { answers: wanted.newcomer.answers, budget: money.read(wanted.newcomer.budget) },
    refundDelayMs: (wanted.refundDelaySeconds ?? 0) * 1_000,
    voidMax: wanted.voidMax,
    ...(wanted.mint !== undefined && { mint: wanted.mint }),
    ...guideOf(wanted),
    ...verificationOf(wanted),
  };
  const least = settleMsMax(spec, spec.terms.leaseMs);
  const refundDelayMs = wanted.refundDelaySeconds === undefined ? least : spec.refundDelayMs;
  return withPointer(() => rewardsInTokens(money, () => parseSpec(specToJson({ ...spec, refundDelayMs }))));
}

/** What is wrong in a composition, by a JSON pointer into the request: `/verification/all/1/match/tolerance`. */
function withPointer<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isEarnestError(error, "MALFORMED_SPEC") || !error.context.path.startsWith(compositionPath)) throw error;
    const { path, problem } = error.context;
    const context = {
      path: pointerInto("verification", path),
      problem: problem.replaceAll(compositionPath, "verification"),
    };
    throw earnestError("MALFORMED_SPEC", context, { cause: error });
  }
}

function verificationOf({ verification }: NewMarketFilled): Pick<MarketSpec, "verification"> {
  if (verification === null) return {};
  requireShallow(verification, "body.verification");
  return withPointer(() => ({ verification: newVerification(verification) }));
}

/** What was given: a specification has no empty parts. */
function guideOf({ guide, examples, template }: NewMarketFilled): Guide {
  for (const [i, { content, answer }] of examples.entries()) {
    requireShallow(content, `body.examples[${i}].content`);
    requireShallow(answer, `body.examples[${i}].answer`);
  }
  if (template !== undefined) requireShallow(template.parameters, "body.template.parameters");
  return {
    ...(guide !== undefined && { guide }),
    ...(examples.length > 0 && { examples }),
    ...(template !== undefined && { template }),
  };
}

/** The specification counts base units; what people read of its refusals is in tokens. */
export function rewardsInTokens<T>(money: Money, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isEarnestError(error, "REWARD_MISMATCH")) throw error;
    const { reward, rewardMin, rewardMax } = error.context;
    const show = (text: string): string => money.write(BigInt(text));
    const context = { reward: show(reward), rewardMin: show(rewardMin), rewardMax: show(rewardMax) };
    throw earnestError("REWARD_MISMATCH", context, { cause: error });
  }
}

/** @throws MALFORMED_REQUEST where the content is nested too deeply; the engine checks terms and control. */
export function taskOf(money: Money, wanted: NewTaskFilled): NewTask {
  requireShallow(wanted.content, `content of task "${wanted.id}"`);
  return {
    externalId: wanted.id,
    content: wanted.content,
    terms: wanted.terms === undefined ? null : termsJson(money, wanted.terms),
    control: wanted.control ?? null,
  };
}

function policyOf(wanted: WirePolicy | null): Policy | null {
  if (wanted === null) return null;
  const { holdSeconds, ...given } = wanted;
  // JSON has no undefined: what is there was given.
  return {
    ...defaultPolicy,
    ...(given as Partial<Policy>),
    ...(holdSeconds !== undefined && { holdMs: holdSeconds * 1_000 }),
  };
}

const agreementOf = (wanted: Agreement | null): AgreementTerms | null =>
  wanted === null ? null : { matchPpmMin: toPpm(wanted.match), overlapPpmMin: toPpm(wanted.overlap) };

/** Only what was given, in base units, milliseconds and parts per million. */
function termsJson(money: Money, terms: OwnTerms): Json | null {
  const { answer, agreement, reward, overlap, leaseSeconds, deadlineMs, eligibility, known } = terms;
  const changed: Record<string, Json> = {
    ...(answer !== undefined && { answer: answer as Json }),
    ...(agreement !== undefined && { agreement: agreementOf(agreement) as Json }),
    ...(reward !== undefined && { reward: `${money.read(reward)}` }),
    ...(overlap !== undefined && {
      overlap: { min: overlap.min, max: overlap.max, targetPpm: toPpm(overlap.target) },
    }),
    ...(leaseSeconds !== undefined && { leaseMs: leaseSeconds * 1_000 }),
    ...(deadlineMs !== undefined && { deadlineMs }),
    ...(eligibility !== undefined && { eligibility }),
    ...(known !== undefined && { known: known as Json }),
  };
  return Object.keys(changed).length === 0 ? null : changed;
}
