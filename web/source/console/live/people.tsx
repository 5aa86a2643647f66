import { useState } from "preact/hooks";
import type { Earnest } from "../../../../src/client/earnest.ts";
import type { ContributorRecord } from "../../../../src/contract/contributors.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import { watched } from "../../connection.ts";
import { numberText, t } from "../../i18n.ts";
import { Money } from "../../parts/money.tsx";
import { Loading, Problem } from "../../parts/problem.tsx";
import { Sheet } from "../../parts/sheet.tsx";
import { useTask } from "../../parts/task.ts";
import { shortKey } from "../../screens/work-header.tsx";
import { saidOf } from "../../widgets/said.ts";
import { percent } from "../create/quality.tsx";
import { AmountField, isAmount, NoteField } from "../parts/fields.tsx";
import { Glyph } from "../parts/glyph.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { Table } from "../parts/table.tsx";
import { useCalm } from "./follow.ts";

interface PeopleProps {
  readonly client: Earnest;
  readonly market: Market;
  readonly beat: number;
}

/** Who works here, how good each is, and where each errs. */
export function PeopleTab({ client, market, beat }: PeopleProps) {
  const [shown, setShown] = useState<ContributorRecord | null>(null);
  const { value, problem } = useCalm(
    () => client.markets.contributors(market.id, { limit: 500 }).page(null),
    [market.id],
    beat,
    2_000,
  );
  const items = value === null ? null : [...value.items].sort((a, b) => b.answers - a.answers);
  return (
    <section class="panel">
      <h2>{t("live.people")}</h2>
      {problem !== null && <Problem error={problem} />}
      {items === null && problem === null && <Loading />}
      {items?.length === 0 && <p class="faint">{t("live.noPeople")}</p>}
      {items !== null && items.length > 0 && (
        <Table
          label={t("live.people")}
          heads={[
            t("live.contributor"),
            t("live.answers"),
            t("live.controls"),
            t("live.agreement"),
            t("live.rejected"),
            t("live.earned"),
          ]}
        >
          {items.map((each) => (
            <tr key={each.contributor}>
              <th scope="row">
                <button type="button" class="button-text person" onClick={() => setShown(each)}>
                  <Glyph name={each.automated ? "machine" : "person"} />
                  <span class="hidden">{t(each.automated ? "live.machine" : "live.human")}</span>
                  <code>{shortKey(each.contributor)}</code>
                </button>
                {each.standing !== null && (
                  <span class={`badge ${looks[each.standing.standing]}`}>
                    {t(`standing.${each.standing.standing}`)}
                  </span>
                )}
              </th>
              <td>{numberText(each.answers)}</td>
              <td>{ratio(each.controls.right, each.controls.answered)}</td>
              <td>{ratio(each.agreement.agreed, each.agreement.judged)}</td>
              <td>{numberText(each.rejected)}</td>
              <td>
                <Money amount={each.earned} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {shown !== null && <Person client={client} market={market} person={shown} onClose={() => setShown(null)} />}
    </section>
  );
}

const looks = {
  unproven: "badge-waiting",
  proven: "badge-paid",
  uninformative: "badge-refused",
  copying: "badge-refused",
} as const;

const ratio = (part: number, whole: number): string => (whole === 0 ? "—" : percent(part / whole));

interface PersonProps {
  readonly client: Earnest;
  readonly market: Market;
  readonly person: ContributorRecord;
  readonly onClose: () => void;
}

/** One contributor: the error matrix, and a bonus with a word of thanks. */
function Person({ client, market, person, onClose }: PersonProps) {
  const [amount, setAmount] = useState("");
  const [note, setNote] = useState("");
  const [isPaid, setPaid] = useState(false);
  const task = useTask();
  return (
    <Sheet title={shortKey(person.contributor)} onClose={onClose}>
      <code class="hash">{person.contributor}</code>
      <Matrix person={person} />
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isAmount(amount)) return;
          task.run(async () => {
            await watched(client.markets.payBonus(market.id, { contributor: person.contributor, amount, note }));
            setPaid(true);
            setAmount("");
          });
        }}
      >
        <h3>{t("live.bonus")}</h3>
        <AmountField value={amount} onInput={setAmount} />
        <NoteField value={note} onInput={setNote} />
        {task.problem !== null && <Problem error={task.problem} />}
        {isPaid && <p role="status">{t("live.bonusPaid")}</p>}
        <button type="submit" class="button" disabled={!isAmount(amount) || task.isBusy}>
          {t("live.payBonus")}
        </button>
      </form>
    </Sheet>
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
