import { useState } from "preact/hooks";
import type { Earnest } from "../../../../src/client/earnest.ts";
import type { ContributorRecord } from "../../../../src/contract/contributors.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import { watched } from "../../connection.ts";
import { numberText, t } from "../../i18n.ts";
import { isAmount } from "../../parts/amounts.ts";
import { Problem } from "../../parts/problem.tsx";
import { Sheet } from "../../parts/sheet.tsx";
import { useTask } from "../../parts/task.ts";
import { shortKey } from "../../screens/work-header.tsx";
import { saidOf } from "../../widgets/said.ts";
import { AmountField, NoteField } from "../parts/fields.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { percent } from "../units.ts";

interface PersonProps {
  readonly client: Earnest;
  readonly market: Market;
  readonly person: ContributorRecord;
  readonly onClose: () => void;
}

/** One contributor: the error matrix, a bonus with a word of thanks, a message, and the end of the work. */
export function Person({ client, market: { id, token }, person, onClose }: PersonProps) {
  const { contributor } = person;
  return (
    <Sheet title={shortKey(contributor)} onClose={onClose}>
      <code class="hash">{contributor}</code>
      <Matrix person={person} />
      {actsFor(client, id, person).map((act) => (
        <ActForm key={act.title} act={act} decimals={token.decimals} />
      ))}
    </Sheet>
  );
}

const fields = {
  amount: { View: AmountField, isGood: isAmount },
  note: { View: NoteField, isGood: (text: string, _decimals: number) => text.trim() !== "" },
} as const;
type Field = keyof typeof fields;

/** One thing that a requester does about a contributor. */
interface Act {
  readonly title: string;
  readonly text?: string;
  readonly button: string;
  readonly look?: string;
  /** What is said when it is done. */
  readonly done: string;
  /** What is to be filled in, in this order. */
  readonly asks: readonly Field[];
  /** Of these, what may be left out. */
  readonly mayLack?: readonly Field[];
  readonly run: (said: Readonly<Record<Field, string>>) => Promise<void>;
}

function actsFor({ markets }: Earnest, market: string, { contributor, isBlocked }: ContributorRecord): readonly Act[] {
  return [
    {
      title: t("live.bonus"),
      button: t("live.payBonus"),
      done: t("live.bonusPaid"),
      asks: ["amount", "note"],
      mayLack: ["note"],
      run: ({ amount, note }) => markets.payBonus(market, { contributor, amount, note }),
    },
    {
      title: t("live.message"),
      button: t("live.send"),
      done: t("live.sent"),
      asks: ["note"],
      run: ({ note }) => markets.tell(market, contributor, note),
    },
    isBlocked
      ? {
          title: t("live.blocked"),
          button: t("live.unblock"),
          done: t("live.unblock"),
          asks: [],
          run: () => markets.block(market, { contributor, isBlocked: false }),
        }
      : {
          title: t("live.block"),
          text: t("live.blockText"),
          button: t("live.block"),
          look: "button-danger",
          done: t("live.blocked"),
          asks: ["note"],
          run: ({ note }) => markets.block(market, { contributor, note }),
        },
  ];
}

const nothingSaid: Readonly<Record<Field, string>> = { amount: "", note: "" };

interface ActFormProps {
  readonly act: Act;
  readonly decimals: number;
}

function ActForm({ act, decimals }: ActFormProps) {
  const { title, text, button, look = "", done, asks, mayLack = [], run } = act;
  const [said, setSaid] = useState(nothingSaid);
  const [isDone, setDone] = useState(false);
  const task = useTask();
  const isReady = asks.every(
    (field) => (said[field] === "" && mayLack.includes(field)) || fields[field].isGood(said[field], decimals),
  );
  return (
    <form
      class="form act"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady) return;
        task.run(async () => {
          await watched(run(said));
          setDone(true);
          setSaid(nothingSaid);
        });
      }}
    >
      <h3>{title}</h3>
      {text !== undefined && <p class="faint">{text}</p>}
      {asks.map((field) => {
        const { View } = fields[field];
        return (
          <View key={field} value={said[field]} onInput={(value) => setSaid((now) => ({ ...now, [field]: value }))} />
        );
      })}
      {task.problem !== null && <Problem error={task.problem} />}
      {isDone && <p role="status">{done}</p>}
      <button type="submit" class={`button ${look}`} disabled={!isReady || task.isBusy}>
        {button}
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
