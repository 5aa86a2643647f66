import { useState } from "preact/hooks";
import { routes } from "../../../../src/contract/routes.ts";
import { transport } from "../../connection.ts";
import { numberText, t } from "../../i18n.ts";
import { Link } from "../../parts/link.tsx";
import { shortKey } from "../../screens/work-header.tsx";
import { LoadedView } from "../parts/loaded-view.tsx";
import { More } from "../parts/more.tsx";
import { Table } from "../parts/table.tsx";
import { useLoad } from "../parts/use-load.ts";
import { pathOfRequester } from "../routes.ts";
import { percent } from "../units.ts";

const shownOnce = 25;

/** How those who ask treat those who answer. */
export function Requesters() {
  // Those in whose markets most is judged, a hundred at most: they come at once, and are shown as they are asked for.
  const all = useLoad(() => transport.call(routes.listRequesters), []);
  const [shown, setShown] = useState(shownOnce);
  const isMore = (all.value?.items.length ?? 0) > shown;
  return (
    <section class="panel" id="requesters">
      <h2>{t("explore.requesters")}</h2>
      <p class="faint">{t("explore.requestersText")}</p>
      <LoadedView of={all} empty={{ text: t("explore.noMarkets"), is: ({ items }) => items.length === 0 }}>
        {({ items }) => (
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
            {items
              .slice(0, shown)
              .map(({ owner, markets, judged, rejected, appeals, appealsWon, contributors, blocks }) => (
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
                  <td>{shareOf(blocks, contributors)}</td>
                </tr>
              ))}
          </Table>
        )}
      </LoadedView>
      <More of={{ more: isMore ? () => setShown(shown + shownOnce) : null, isBusy: false }} />
    </section>
  );
}

const shareOf = (part: number, whole: number): string =>
  whole === 0 ? "—" : `${percent(part / whole)} (${numberText(part)} / ${numberText(whole)})`;
