import { useState } from "preact/hooks";
import type { Earnest } from "../../../../src/client/earnest.ts";
import type { ContributorRecord } from "../../../../src/contract/contributors.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import { watched } from "../../connection.ts";
import { numberText, t } from "../../i18n.ts";
import { Problem } from "../../parts/problem.tsx";
import { Sheet } from "../../parts/sheet.tsx";
import { useTask } from "../../parts/task.ts";
import { shortKey } from "../../screens/work-header.tsx";
import { saidOf } from "../../widgets/said.ts";
import { percent } from "../create/quality.tsx";
import { AmountField, isAmount, NoteField } from "../parts/fields.tsx";
import { Scroll } from "../parts/scroll.tsx";

interface PersonProps {
  readonly client: Earnest;
  readonly market: Market;
  readonly person: ContributorRecord;
  readonly onClose: () => void;
}

/** One contributor: the error matrix, a bonus with a word of thanks, a message, and the end of the work. */
export function Person({ client, market: { id }, person, onClose }: PersonProps) {
  const { contributor, isBlocked } = person;
  return (
    <Sheet title={shortKey(contributor)} onClose={onClose}>
      <code class="hash">{contributor}</code>
      <Matrix person={person} />
      <Act
        title={t("live.bonus")}
        act={t("live.payBonus")}
        done={t("live.bonusPaid")}
        hasAmount={true}
        run={(note, amount) => client.markets.payBonus(id, { contributor, amount, note })}
      />
      <Act
        title={t("live.message")}
        act={t("live.send")}
        done={t("live.sent")}
        run={(note) => client.markets.tell(id, contributor, note)}
      />
      {isBlocked ? (
        <Act
          title={t("live.blocked")}
          act={t("live.unblock")}
          done={t("live.unblock")}
          hasNote={false}
          run={() => client.markets.block(id, { contributor, isBlocked: false })}
        />
      ) : (
        <Act
          title={t("live.block")}
          text={t("live.blockText")}
          act={t("live.block")}
          done={t("live.blocked")}
          look="button-danger"
          run={(note) => client.markets.block(id, { contributor, note })}
        />
      )}
    </Sheet>
  );
}

interface ActProps {
  readonly title: string;
  readonly text?: string;
  readonly act: string;
  /** What is said when it is done. */
  readonly done: string;
  readonly look?: string;
  readonly hasAmount?: boolean;
  readonly hasNote?: boolean;
  readonly run: (note: string, amount: string) => Promise<void>;
}

/** One thing that a requester does about a contributor, in words that the contributor reads. */
function Act({ title, text, act, done, look = "", hasAmount = false, hasNote = true, run }: ActProps) {
  const [amount, setAmount] = useState("");
  const [note, setNote] = useState("");
  const [isDone, setDone] = useState(false);
  const task = useTask();
  const isReady = hasAmount ? isAmount(amount) : !hasNote || note.trim() !== "";
  return (
    <form
      class="form act"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady) return;
        task.run(async () => {
          await watched(run(note, amount));
          setDone(true);
          setAmount("");
          setNote("");
        });
      }}
    >
      <h3>{title}</h3>
      {text !== undefined && <p class="faint">{text}</p>}
      {hasAmount && <AmountField value={amount} onInput={setAmount} />}
      {hasNote && <NoteField value={note} onInput={setNote} />}
      {task.problem !== null && <Problem error={task.problem} />}
      {isDone && <p role="status">{done}</p>}
      <button type="submit" class={`button ${look}`} disabled={!isReady || task.isBusy}>
        {act}
      </button>
    </form>
  );
}

/** How often this contributor says what where something is true. */
function Matrix({ person: { errors } }: { readonly person: ContributorRecord }) {
  if (errors === null || errors.length === 0) return <p class="faint">{t("live.noMatrix")}</p>;
  const truths = [...new Set(errors.map(({ truth }) => saidOf(truth)))];
  const answers = [...new Set(errors.map(({ answer }) => saidOf(answer)))];
  const cell = (truth: string, answer: string) =>
    errors.find((each) => saidOf(each.truth) === truth && saidOf(each.answer) === answer);
  return (
    <Scroll label={t("live.matrix")}>
      <table class="table matrix">
        <caption>{t("live.matrix")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("live.truth")}</th>
            {answers.map((answer) => (
              <th key={answer} scope="col" dir="auto">
                {answer}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {truths.map((truth) => (
            <tr key={truth}>
              <th scope="row" dir="auto">
                {truth}
              </th>
              {answers.map((answer) => {
                const found = cell(truth, answer);
                const look = found === undefined ? "" : answer === truth ? "cell-right" : "cell-wrong";
                return (
                  <td key={answer} class={found !== undefined && found.probability >= 0.05 ? look : ""}>
                    {found === undefined ? "—" : percent(found.probability)}
                    {found !== undefined && <span class="faint"> {numberText(found.answers)}</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
