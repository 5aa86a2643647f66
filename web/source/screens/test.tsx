import { useEffect, useRef, useState } from "preact/hooks";
import type { AnswerSchema } from "../../../src/contract/answers.ts";
import type { Score, Test as TestView } from "../../../src/contract/qualifying.ts";
import { routes } from "../../../src/contract/routes.ts";
import { enter, transport, watched } from "../connection.ts";
import { safeText } from "../content/safe-text.ts";
import { remove } from "../database.ts";
import { numberText, t, timeText } from "../i18n.ts";
import { Icon } from "../parts/icons.tsx";
import { Link } from "../parts/link.tsx";
import { Loading, Problem } from "../parts/problem.tsx";
import { start } from "../trouble.ts";
import type { Draft } from "../widgets/draft.ts";
import { useDraft } from "../work/drafts.ts";
import { useHotkeys } from "../work/hotkeys.ts";
import { TaskView } from "./work-task.tsx";

interface TestProps {
  readonly market: string;
  readonly name: string;
}

/** A market's qualification test, taken in the page. It counts when it is handed in, and not before. */
export function Test({ market, name }: TestProps) {
  const [test, setTest] = useState<TestView | null>(null);
  const [score, setScore] = useState<Score | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const load = (): void => {
    setProblem(null);
    watched(transport.call(routes.getTest, { params: { market, name } })).then(setTest, setProblem);
  };
  useEffect(load, [market, name]);
  if (score !== null && test !== null) return <Outcome market={market} test={test} score={score} />;
  if (problem !== null) {
    return (
      <div class="work">
        <h1 tabIndex={-1}>{t("test.title", { name: safeText(name, 64) })}</h1>
        <Problem error={problem} onRetry={load} />
      </div>
    );
  }
  return test === null ? <Loading /> : <Questions market={market} test={test} onScore={setScore} />;
}

interface QuestionsProps {
  readonly market: string;
  readonly test: TestView;
  readonly onScore: (score: Score) => void;
}

function Questions({ market, test, onScore }: QuestionsProps) {
  const { name, questions, passingShare, validDays } = test;
  const key = `test/${market}/${name}`;
  const [draft, setDraft] = useDraft(key);
  const answers = questions.map(({ choices }, i) => {
    const answer = Array.isArray(draft) ? (draft as Draft[])[i] : undefined;
    return choices.find((each) => each === answer);
  });
  const [at, setAt] = useState(0);
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const question = questions[at];
  const isLast = at === questions.length - 1;
  const isReady = isLast ? answers.every((each) => each !== undefined) : answers[at] !== undefined;
  const article = useRef<HTMLElement>(null);
  const schema: AnswerSchema = { type: "choice", choices: question?.choices ?? [] };

  const choose = (answer: Draft): void =>
    setDraft(answers.map((each, i) => (i === at ? ((answer ?? null) as string | null) : (each ?? null))));
  const turn = (to: number): void => {
    setAt(to);
    requestAnimationFrame(() => article.current?.querySelector<HTMLElement>("h1")?.focus());
  };
  const handIn = async (): Promise<void> => {
    setSending(true);
    setProblem(null);
    try {
      onScore(await watched((await enter()).takeTest(market, name, answers as string[])));
      await remove("drafts", key);
    } catch (error) {
      setProblem(error);
    } finally {
      setSending(false);
    }
  };
  const forth = (): void => {
    if (!isReady || isSending) return;
    if (isLast) start(handIn());
    else turn(at + 1);
  };
  useHotkeys({ schema, draft: answers[at], onChange: choose, onSend: forth });
  if (question === undefined) return null;
  return (
    <div class="work">
      <header class="test-header">
        <p class="work-market">{t("test.title", { name: safeText(name, 64) })}</p>
        <p class="faint">
          {t("test.rules", { count: questions.length, share: numberText(passingShare * 100), days: validDays })}
        </p>
        <progress
          max={questions.length}
          value={answers.filter((each) => each !== undefined).length}
          aria-label={t("test.of", { number: at + 1, count: questions.length })}
        />
        <p>{t("test.of", { number: at + 1, count: questions.length })}</p>
      </header>
      {problem !== null && <Problem error={problem} onRetry={() => start(handIn())} />}
      <section class="paper" key={at} ref={article}>
        <TaskView content={question.content} schema={schema} draft={answers[at]} onChange={choose} />
      </section>
      <div class="actions">
        {at > 0 && (
          <button type="button" class="button" onClick={() => turn(at - 1)} title={t("test.back")}>
            <Icon name="undo" isTurned />
            <span class="button-word">{t("test.back")}</span>
          </button>
        )}
        <button type="button" class="button button-main" disabled={!isReady || isSending} onClick={forth}>
          {t(isSending ? "landing.sending" : isLast ? "test.handIn" : "test.next")}
        </button>
      </div>
    </div>
  );
}

interface OutcomeProps {
  readonly market: string;
  readonly test: TestView;
  readonly score: Score;
}

function Outcome({ market, test, score }: OutcomeProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const share = numberText(score.score * 100);
  const [needed, time] = [numberText(test.passingShare * 100), timeText(score.expiresAtMs)];
  return (
    <section class="paper notice" aria-live="polite">
      <p class={`badge badge-${score.passed ? "paid" : "refused"}`}>
        <Icon name={score.passed ? "check" : "cross"} />
        {t(score.passed ? "test.passed" : "test.failed")}
      </p>
      <h1 ref={heading} tabIndex={-1}>
        {t("test.score", { share })}
      </h1>
      <p>{score.passed ? t("test.stands", { time }) : t("test.again", { needed, time })}</p>
      {/* A market may ask for less than its test calls passed. */}
      <Link to={score.passed ? `/desk/${market}` : "/find"} class="button">
        {t(score.passed ? "nav.work" : "nav.find")}
      </Link>
    </section>
  );
}
