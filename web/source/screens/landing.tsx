import { useEffect, useState } from "preact/hooks";
import { enter } from "../connection.ts";
import { t } from "../i18n.ts";
import { Icon } from "../parts/icons.tsx";
import { Link } from "../parts/link.tsx";
import { Money } from "../parts/money.tsx";
import { Loading, Problem } from "../parts/problem.tsx";
import { OfToken } from "../parts/tokens.tsx";
import { useStore } from "../store.ts";
import { type Draft, isComplete } from "../widgets/draft.ts";
import { answerFirst, type FirstTask, firstTask } from "../work/first-task.ts";
import { useHotkeys } from "../work/hotkeys.ts";
import { outcomes } from "../work/outcomes.ts";
import { Slip } from "./slip.tsx";
import { TaskView } from "./work-task.tsx";

/** The first thing a visitor sees is work that pays. Nothing is asked of them before. */
export function Landing() {
  const [first, setFirst] = useState<FirstTask | "none" | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [draft, setDraft] = useState<Draft>(undefined);
  const [slot, setSlot] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);
  const outcome = useStore(outcomes).get(slot ?? "");

  const load = (): void => {
    setProblem(null);
    firstTask().then((found) => setFirst(found ?? "none"), setProblem);
  };
  useEffect(load, []);

  const choose = (chosen: Draft): void => {
    setDraft(chosen);
    // The key and the session are made while the visitor looks at what they chose.
    if (draft === undefined) enter().catch(() => undefined);
  };
  const isReady = typeof first === "object" && first !== null && isComplete(first.task.terms.answer, draft);
  const send = async (): Promise<void> => {
    if (!isReady || isSending || draft === undefined) return;
    setSending(true);
    setProblem(null);
    try {
      setSlot(await answerFirst(first, draft));
    } catch (error) {
      setProblem(error);
    } finally {
      setSending(false);
    }
  };
  const schema = typeof first === "object" && first !== null ? first.task.terms.answer : null;
  useHotkeys({ schema: outcome === undefined ? schema : null, draft, onChange: choose, onSend: () => void send() });

  const isTask = typeof first === "object" && first !== null;
  if (outcome !== undefined) return <Slip outcome={outcome} />;
  return (
    <div class="landing">
      <header class="landing-header">
        {/* With a task here, its question is the heading. */}
        {isTask ? (
          <p class="landing-title">{t("landing.title")}</p>
        ) : (
          <h1 class="landing-title" tabIndex={-1}>
            {t("landing.title")}
          </h1>
        )}
        <p class="landing-promise">{t("landing.promise")}</p>
      </header>
      {problem !== null && <Problem error={problem} onRetry={first === null ? load : () => void send()} />}
      {first === null && problem === null && <Loading />}
      {first === "none" && <NoTask />}
      {typeof first === "object" && first !== null && (
        <>
          <section class="paper">
            <p class="paper-pay">
              {t("landing.pays")}{" "}
              <OfToken token={first.work.token}>
                <Money amount={first.task.terms.reward} />
              </OfToken>
            </p>
            <TaskView
              content={first.task.content}
              parameters={first.work.template.parameters}
              schema={first.task.terms.answer}
              draft={draft}
              onChange={choose}
            />
          </section>
          <div class="actions">
            <button
              type="button"
              class="button button-main"
              disabled={!isReady || isSending}
              onClick={() => void send()}
            >
              {t(isSending ? "landing.sending" : "landing.send")}
              <Icon name="arrow" isTurned />
            </button>
          </div>
          <p class="faint landing-key">{t("landing.key")}</p>
        </>
      )}
    </div>
  );
}

function NoTask() {
  return (
    <section class="notice">
      <p>{t("landing.none")}</p>
      <Link to="/find" class="button">
        {t("nav.find")}
      </Link>
    </section>
  );
}
