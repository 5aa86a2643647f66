import { useState } from "preact/hooks";
import type { Earnest } from "../../../../src/client/earnest.ts";
import type { ContributorRecord } from "../../../../src/contract/contributors.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import { numberText, t } from "../../i18n.ts";
import { Money } from "../../parts/money.tsx";
import { Loading, Problem } from "../../parts/problem.tsx";
import { shortKey } from "../../screens/work-header.tsx";
import { firstPages } from "../parts/first-pages.ts";
import { Glyph } from "../parts/glyph.tsx";
import { More } from "../parts/more.tsx";
import { Table } from "../parts/table.tsx";
import { percent } from "../units.ts";
import { useCalm } from "./follow.ts";
import { Person } from "./person.tsx";

interface PeopleProps {
  readonly client: Earnest;
  readonly market: Market;
  readonly beat: number;
}

/** Who works here, how good each is, and where each errs. */
export function PeopleTab({ client, market, beat }: PeopleProps) {
  const [shown, setShown] = useState<ContributorRecord | null>(null);
  const [pages, setPages] = useState(1);
  const { value, problem, reload } = useCalm(
    () => firstPages(client.markets.contributors(market.id, { limit: perPage }), pages),
    [market.id, pages],
    beat,
    2_000,
  );
  const items = value === null ? null : value.items.toSorted((a, b) => b.answers - a.answers);
  return (
    <section class="panel">
      <h2>{t("live.people")}</h2>
      {problem !== null && <Problem error={problem} onRetry={reload} />}
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
                {each.isBlocked && <span class="badge badge-refused">{t("live.blocked")}</span>}
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
      <More of={{ more: typeof value?.next === "string" ? () => setPages(pages + 1) : null, isBusy: false }} />
      {shown !== null && <Person client={client} market={market} person={shown} onClose={() => setShown(null)} />}
    </section>
  );
}

const perPage = 500;

const looks = {
  unproven: "badge-waiting",
  proven: "badge-paid",
  uninformative: "badge-refused",
  copying: "badge-refused",
} as const;

const ratio = (part: number, whole: number): string => (whole === 0 ? "—" : percent(part / whole));
