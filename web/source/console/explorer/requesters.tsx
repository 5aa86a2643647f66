import { routes } from "../../../../src/contract/routes.ts";
import { transport } from "../../connection.ts";
import { numberText, t } from "../../i18n.ts";
import { Loading, Problem } from "../../parts/problem.tsx";
import { shortKey } from "../../screens/work-header.tsx";
import { percent } from "../create/quality.tsx";
import { Table } from "../parts/table.tsx";
import { useLoad } from "../parts/use-load.ts";

/** How those who ask treat those who answer. */
export function Requesters() {
  const { value, problem, reload } = useLoad(() => transport.call(routes.listRequesters), []);
  return (
    <section class="panel" id="requesters">
      <h2>{t("explore.requesters")}</h2>
      <p class="faint">{t("explore.requestersText")}</p>
      {problem !== null && <Problem error={problem} onRetry={reload} />}
      {value === null && problem === null && <Loading />}
      {value?.items.length === 0 && <p class="faint">{t("explore.noMarkets")}</p>}
      {value !== null && value.items.length > 0 && (
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
          {value.items.map(({ owner, markets, judged, rejected, appeals, appealsWon, contributors, blocks }) => (
            <tr key={owner}>
              <th scope="row">
                <code title={owner}>{shortKey(owner)}</code>
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
    </section>
  );
}

const shareOf = (part: number, whole: number): string =>
  whole === 0 ? "—" : `${percent(part / whole)} (${numberText(part)} / ${numberText(whole)})`;
