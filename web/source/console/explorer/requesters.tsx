import { routes } from "../../../../src/contract/routes.ts";
import { countedMax } from "../../../../src/core/reputation.ts";
import { transport } from "../../connection.ts";
import { numberText, t } from "../../i18n.ts";
import { Link } from "../../parts/link.tsx";
import { shortKey } from "../../screens/work-header.tsx";
import { LoadedView } from "../parts/loaded-view.tsx";
import { More } from "../parts/more.tsx";
import { Table } from "../parts/table.tsx";
import { usePages } from "../parts/use-pages.ts";
import { pathOfRequester } from "../routes.ts";
import { percent } from "../units.ts";

const shownOnce = 25;

/** How those who ask treat those who answer. */
export function Requesters() {
  const pages = usePages((after) =>
    transport.call(routes.listRequesters, { query: { limit: shownOnce, ...(after !== null && { after }) } }),
  );
  return (
    <section class="panel" id="requesters">
      <h2>{t("explore.requesters")}</h2>
      <p class="faint">{t("explore.requestersText")}</p>
      <LoadedView of={pages} empty={{ text: t("explore.noMarkets"), is: (items) => items.length === 0 }}>
        {(items) => (
          <Table
            label={t("explore.requesters")}
            heads={[
              t("explore.requester"),
              t("explore.markets"),
              t("explore.verdicts"),
              t("live.rejected"),
              t("explore.appeals"),
              t("explore.blocks"),
            ]}
          >
            {items.map(({ owner, markets, judged, rejected, appeals, appealsWon, contributors, blocks }) => (
              <tr key={owner}>
                <th scope="row">
                  <Link to={pathOfRequester(owner)}>
                    <code title={owner}>{shortKey(owner)}</code>
                  </Link>
                </th>
                <td>{numberText(markets)}</td>
                <td>{numberText(judged)}</td>
                <td>{shareOf(rejected, judged)}</td>
                <td>{shareOf(appealsWon, appeals)}</td>
                {/* Where contributors are no longer counted, there is no share of them. */}
                <td>{contributors < countedMax ? shareOf(blocks, contributors) : numberText(blocks)}</td>
              </tr>
            ))}
          </Table>
        )}
      </LoadedView>
      <More of={pages} />
    </section>
  );
}

const shareOf = (part: number, whole: number): string =>
  whole === 0 ? "—" : `${percent(part / whole)} (${numberText(part)} / ${numberText(whole)})`;
