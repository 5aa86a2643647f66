import { useState } from "preact/hooks";
import type { ItemDetail, ItemSlot } from "../../../../src/contract/items.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import { watched } from "../../connection.ts";
import { ContentView } from "../../content/content-view.tsx";
import { shownOf } from "../../content/parts.ts";
import { safeText } from "../../content/safe-text.ts";
import { numberText, t, timeText } from "../../i18n.ts";
import { Link } from "../../parts/link.tsx";
import { Money } from "../../parts/money.tsx";
import { Loading, Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import { OfToken } from "../../parts/tokens.tsx";
import { VerdictBadge } from "../../parts/verdict.tsx";
import { shortKey } from "../../screens/work-header.tsx";
import { saidOf } from "../../widgets/said.ts";
import type { Account } from "../account.ts";
import { NoteField } from "../parts/fields.tsx";
import { Glyph } from "../parts/glyph.tsx";
import { useLoad } from "../parts/use-load.ts";
import { pathOfItem, pathOfMarket } from "../routes.ts";
import { percent } from "../units.ts";

interface ItemProps {
  readonly account: Account;
  readonly market: string;
  readonly task: number;
}

/** One task with all its answers: what was said, what was found, how much each counts, and why it was decided so. */
export function ItemScreen({ account: { client }, market, task }: ItemProps) {
  const { value, problem, reload } = useLoad(
    async () => await Promise.all([client.markets.get(market), client.markets.item(market, task)]),
    [market, task],
  );
  return (
    <div class="wide">
      <p>
        <Link to={pathOfMarket(market, "items")}>{t("live.items")}</Link>
      </p>
      {value === null && (
        <h1 class="hidden" tabIndex={-1}>
          {t("live.item")}
        </h1>
      )}
      {problem !== null && <Problem error={problem} onRetry={reload} />}
      {value === null && problem === null && <Loading />}
      {value !== null && (
        <OfToken token={value[0].token}>
          <Detail
            market={value[0]}
            item={value[1]}
            onReview={async (slot, accepted, note) => {
              await watched(client.markets.review(market, slot, { accepted, note }));
              reload();
            }}
          />
        </OfToken>
      )}
    </div>
  );
}

interface DetailProps {
  readonly market: Market;
  readonly item: ItemDetail;
  readonly onReview: (slot: string, accepted: boolean, note: string) => Promise<void>;
}

function Detail({ market, item, onReview }: DetailProps) {
  const shown = shownOf(item.content, market.template.parameters);
  return (
    <>
      <header class="heading">
        <h1 tabIndex={-1} dir="auto">
          {safeText(item.id, 120)}
        </h1>
        <div class="buttons">
          {item.task > 0 && (
            <Link to={pathOfItem(market.id, item.task - 1)} class="button">
              {t("create.before")}
            </Link>
          )}
          {item.task + 1 < market.taskCount && (
            <Link to={pathOfItem(market.id, item.task + 1)} class="button">
              {t("create.after")}
            </Link>
          )}
        </div>
      </header>
      <div class="item">
        <section class="panel">
          {shown.question !== null && (
            <p class="card-title" dir="auto">
              {safeText(shown.question, 2_000)}
            </p>
          )}
          <ContentView parts={shown.parts} />
        </section>
        <section class="panel">
          <h2>{t("live.label")}</h2>
          <Settled item={item} />
          <h2>{t("live.answers")}</h2>
          {item.slots.length === 0 && <p class="faint">{t("live.noAnswers")}</p>}
          <ul class="slots">
            {item.slots.map((slot) => (
              <li key={slot.slot}>
                <SlotView slot={slot} onReview={(accepted, note) => onReview(slot.slot, accepted, note)} />
              </li>
            ))}
          </ul>
        </section>
      </div>
    </>
  );
}

function Settled({ item: { label, confidence, decided, control, known } }: { readonly item: ItemDetail }) {
  if (control) {
    return (
      <>
        <p class="item-label" dir="auto">
          {saidOf(known)}
        </p>
        <p class="faint">{t("live.controlText")}</p>
      </>
    );
  }
  if (decided === null || confidence === null) return <p class="faint">{t("live.unsettled")}</p>;
  return (
    <>
      <p class="item-label" dir="auto">
        {saidOf(label)} <span class={`badge ${decided ? "badge-paid" : "badge-waiting"}`}>{percent(confidence)}</span>
      </p>
      <p class="faint">{t(decided ? "live.settledText" : "live.disputedText")}</p>
    </>
  );
}

interface SlotProps {
  readonly slot: ItemSlot;
  readonly onReview: (accepted: boolean, note: string) => Promise<void>;
}

function SlotView({ slot, onReview }: SlotProps) {
  const { contributor, automated, state, answer, reward, decidedAtMs, weight, explanation } = slot;
  return (
    <article class="slot">
      <header class="slot-header">
        <span class="person">
          <Glyph name={automated ? "machine" : "person"} />
          <span class="hidden">{t(automated ? "live.machine" : "live.human")}</span>
          <code>{shortKey(contributor)}</code>
        </span>
        <VerdictBadge state={state} />
        {state === "accepted" && <Money amount={reward} />}
      </header>
      <p class="slot-answer" dir="auto">
        {answer === null ? <span class="faint">{t("live.closedAnswer")}</span> : saidOf(answer)}
      </p>
      <dl class="facts">
        <dt>{t("live.weight")}</dt>
        <dd>
          {weight.accuracy === null ? t("live.noModel") : t("live.heardAs", { share: percent(weight.accuracy) })}{" "}
          {weight.standing !== null && <span class="badge">{t(`standing.${weight.standing}`)}</span>}
        </dd>
        <dt>{t("live.controls")}</dt>
        <dd>
          {numberText(weight.controls.right)} / {numberText(weight.controls.answered)}
        </dd>
        {explanation !== null && (
          <>
            <dt>{t("live.told")}</dt>
            <dd>
              {explanation.rule}
              {explanation.findings.map((found) => (
                <span key={found.code} class="finding">
                  <code>{found.code}</code> {found.what}
                </span>
              ))}
              {explanation.note !== null && explanation.note !== "" && <q>{safeText(explanation.note, 500)}</q>}
            </dd>
          </>
        )}
        {decidedAtMs !== null && (
          <>
            <dt>{t("live.decidedAt")}</dt>
            <dd>
              <time dateTime={new Date(decidedAtMs).toISOString()}>{timeText(decidedAtMs)}</time>
            </dd>
          </>
        )}
      </dl>
      {state === "review" && <Review onReview={onReview} />}
    </article>
  );
}

function Review({ onReview }: { readonly onReview: SlotProps["onReview"] }) {
  const [note, setNote] = useState("");
  const task = useTask();
  return (
    <div class="choice form">
      <NoteField value={note} onInput={setNote} />
      {task.problem !== null && <Problem error={task.problem} />}
      <div class="buttons">
        <button
          type="button"
          class="button"
          disabled={task.isBusy}
          onClick={() => task.run(() => onReview(true, note))}
        >
          {t("live.accept")}
        </button>
        <button
          type="button"
          class="button button-danger"
          disabled={task.isBusy || note.trim() === ""}
          onClick={() => task.run(() => onReview(false, note))}
        >
          {t("live.reject")}
        </button>
      </div>
    </div>
  );
}
