import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { EarnestConnectionError, isApiError } from "../../../src/client/errors.ts";
import { serverNow, watched } from "../connection.ts";
import { write } from "../database.ts";
import { t } from "../i18n.ts";
import { Icon } from "../parts/icons.tsx";
import { Link } from "../parts/link.tsx";
import { Loading, Problem } from "../parts/problem.tsx";
import { OfMint } from "../parts/tokens.tsx";
import { go } from "../router.ts";
import { useStore } from "../store.ts";
import { start } from "../trouble.ts";
import { bodyOf, type Draft, isComplete, isKnownType } from "../widgets/draft.ts";
import type { FieldProps } from "../widgets/field/field.tsx";
import { askedBeside, fieldEvidence, isAsked, isFieldWhole, withEvidence } from "../widgets/field/field-draft.ts";
import { fieldNeedsOf } from "../widgets/field/needs.ts";
import { later } from "../widgets/later.tsx";
import { wayOf } from "../widgets/way.ts";
import { prepareWidget } from "../widgets/widget.tsx";
import { Desk, draftKeys, type InHand, keptInHand } from "../work/desk.ts";
import { useDraft } from "../work/drafts.ts";
import { useHotkeys } from "../work/hotkeys.ts";
import { guideOf } from "../work/market-guide.ts";
import { openWork } from "../work/open-work.ts";
import { GuideSheet } from "./guide.tsx";
import { KeysSheet } from "./keys.tsx";
import { Lacking } from "./lacking.tsx";
import { WorkHeader } from "./work-header.tsx";
import { TaskView } from "./work-task.tsx";

/** Work in a market; without one, in the best paid that this contributor may work in. */
export function Work({ market }: { readonly market: string | null }) {
  return market === null ? <AnyWork /> : <DeskView key={market} market={market} />;
}

function AnyWork() {
  const [problem, setProblem] = useState<unknown>(null);
  const [isNone, setNone] = useState(false);
  const look = (): void => {
    setProblem(null);
    bestMarket().then((best) => {
      if (best === null) setNone(true);
      else go(`/desk/${best}`, "replace");
    }, setProblem);
  };
  useEffect(look, []);
  useEffect(() => {
    if (!isNone) return;
    const timer = setInterval(look, lookAgainMs);
    return () => clearInterval(timer);
  }, [isNone]);
  return (
    <div class="column">
      <h1 tabIndex={-1}>{t("nav.work")}</h1>
      {problem !== null && <Problem error={problem} onRetry={look} />}
      {problem === null && isNone && (
        <section class="notice">
          <p>{t("find.none")}</p>
          <p class="faint">{t("work.emptyText")}</p>
        </section>
      )}
      {problem === null && !isNone && <Loading />}
    </div>
  );
}

const lookAgainMs = 15_000;

/** The best paid that there is; without a connection one of which tasks were taken before. */
async function bestMarket(): Promise<string | null> {
  try {
    const found = await watched(openWork());
    const best = found.find(({ qualifies, answer }) => qualifies !== false && isKnownType(answer));
    return best?.market ?? null;
  } catch (error) {
    const kept = error instanceof EarnestConnectionError ? (await keptInHand())[0] : undefined;
    if (kept === undefined) throw error;
    return kept.market;
  }
}

function DeskView({ market }: { readonly market: string }) {
  const desk = useMemo(() => new Desk(market), [market]);
  useEffect(() => {
    start(desk.open());
    return () => desk.close();
  }, [desk]);
  const state = useStore(desk.state);
  const [current] = state.inHand;
  useEffect(() => {
    // What the next tasks are answered with is fetched while this one is looked at.
    const { template } = guideOf(state.market);
    // It may be wanted where there is no connection.
    if (isAsked(fieldNeedsOf(state.market?.verification), null)) laterField.prepare().catch(() => undefined);
    for (const { offer } of state.inHand) {
      const { answer } = offer.task.terms;
      // Where that fails, the widget says so when it is wanted, and tries again.
      prepareWidget(wayOf(template, answer), answer).catch(() => undefined);
    }
  }, [state.inHand, state.market]);
  const [open, setOpen] = useState<"guide" | "keys" | null>(null);
  // The last answer may have been the last task: it can be taken back all the same.
  const last = useRef<Sent | null>(null);
  const undo = (): void => {
    if (last.current !== null) start(takeBack(desk, last.current));
  };
  const isRest = current === undefined;
  return (
    <div class="work">
      <OfMint mint={state.market?.token.mint}>
        <WorkHeader market={state.market} inHand={current ?? null} onGuide={() => setOpen("guide")} />
      </OfMint>
      {current !== undefined && (
        <CurrentTask
          desk={desk}
          current={current}
          onOpen={setOpen}
          onSent={(sent) => {
            last.current = sent;
          }}
          onUndo={undo}
        />
      )}
      {isRest && state.status === "loading" && <Loading />}
      {isRest && state.status === "empty" && <NothingToDo />}
      {isRest && state.status === "failed" && <Failed desk={desk} problem={state.problem} />}
      {isRest && state.undoable !== null && (
        <div class="actions">
          <UndoButton onUndo={undo} />
        </div>
      )}
      {open === "guide" && state.market !== null && <GuideSheet market={state.market} onClose={() => setOpen(null)} />}
      {open === "keys" && <KeysSheet onClose={() => setOpen(null)} />}
    </div>
  );
}

function Failed({ desk, problem }: { readonly desk: Desk; readonly problem: unknown }) {
  if (isApiError(problem, "NOT_ELIGIBLE")) return <Lacking market={desk.id} />;
  return (
    <>
      <h1 tabIndex={-1}>{t("nav.work")}</h1>
      <Problem error={problem} onRetry={() => start(desk.open())} />
    </>
  );
}

interface CurrentProps {
  readonly desk: Desk;
  readonly current: InHand;
  readonly onOpen: (what: "guide" | "keys") => void;
  readonly onSent: (sent: Sent) => void;
  readonly onUndo: () => void;
}

function UndoButton({ onUndo }: Pick<CurrentProps, "onUndo">) {
  return (
    <button type="button" class="button" onClick={onUndo} title={`${t("work.undo")} (U)`}>
      <Icon name="undo" isTurned />
      <span class="button-word">{t("work.undo")}</span>
    </button>
  );
}

const laterField = later<FieldProps>(async () => (await import("../widgets/field/field.tsx")).Field);

function CurrentTask({ desk, current, onOpen, onSent, onUndo }: CurrentProps) {
  const state = useStore(desk.state);
  const [key, evidenceKey] = draftKeys(current);
  const [draft, setDraft] = useDraft(key);
  const [evidence, setEvidence] = useDraft(evidenceKey);
  const since = useRef({ key, ms: Date.now() });
  if (since.current.key !== key) since.current = { key, ms: Date.now() };
  const { offer } = current;
  const schema = offer.task.terms.answer;
  const guide = guideOf(state.market);
  const asked = useMemo(() => fieldNeedsOf(state.market?.verification), [state.market]);
  // A report's own photo has nothing of its camera in it.
  const way = wayOf(asked.picture === null ? guide.template : undefined, schema);
  const needs = useMemo(() => askedBeside(way, asked), [way, asked]);
  // What a task in the field has to bring along is known once its market is.
  const isKnown = state.market !== null || (offer.code === null && (offer.task.terms.known?.place ?? null) === null);
  const isReady = isKnown && isComplete(schema, draft, way, guide.parameters) && isFieldWhole(needs, evidence);
  const send = (): void => {
    if (!isReady || draft === undefined) return;
    onSent({ inHand: current, drafts: [draft, evidence] });
    const body = withEvidence(
      bodyOf(way, draft, guide.parameters),
      fieldEvidence(needs, evidence, offer.code, serverNow()),
    );
    start(desk.answer(body, Date.now() - since.current.ms));
  };
  const letters = {
    s: () => start(desk.skip()),
    u: onUndo,
    g: () => onOpen("guide"),
    "?": () => onOpen("keys"),
  };
  useHotkeys({ schema, draft, onChange: setDraft, onSend: send, letters });
  const skip = t(asked.track === null && asked.picture === null ? "work.skip" : "work.giveBack");
  return (
    <>
      <section class="paper" key={key}>
        <TaskView
          content={offer.task.content}
          parameters={guide.parameters}
          schema={schema}
          way={way}
          draft={draft}
          onChange={setDraft}
          beside={
            isAsked(needs, offer.code) && (
              <laterField.View needs={needs} offer={offer} draft={evidence} onChange={setEvidence} />
            )
          }
        />
      </section>
      <div class="actions">
        <button type="button" class="button" onClick={() => start(desk.skip())} title={`${skip} (S)`}>
          <Icon name="skip" isTurned />
          <span class="button-word">{skip}</span>
        </button>
        {state.undoable !== null && <UndoButton onUndo={onUndo} />}
        <button type="button" class="button button-main" disabled={!isReady} onClick={send}>
          {t("work.send")}
          <span class="key" aria-hidden="true">
            ↵
          </span>
        </button>
      </div>
    </>
  );
}

/** An answer that was just given, as it can be brought back. */
interface Sent {
  readonly inHand: InHand;
  readonly drafts: readonly [answer: Draft, evidence: Draft];
}

async function takeBack(desk: Desk, { inHand, drafts }: Sent): Promise<void> {
  for (const [i, key] of draftKeys(inHand).entries()) {
    if (drafts[i] !== undefined) await write("drafts", key, drafts[i]);
  }
  await desk.undo(inHand);
}

function NothingToDo() {
  return (
    <section class="notice" role="status">
      <h1>{t("work.emptyTitle")}</h1>
      <p>{t("work.emptyText")}</p>
      <Link to="/find" class="button">
        {t("work.elsewhere")}
      </Link>
    </section>
  );
}
