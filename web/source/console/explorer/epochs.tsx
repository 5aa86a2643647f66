import { routes } from "../../../../src/contract/routes.ts";
import { transport } from "../../connection.ts";
import { numberText, t, timeText } from "../../i18n.ts";
import { Link } from "../../parts/link.tsx";
import { LoadedView } from "../parts/loaded-view.tsx";
import { More } from "../parts/more.tsx";
import { Table } from "../parts/table.tsx";
import { usePages } from "../parts/use-pages.ts";
import { pathOfEpoch } from "../routes.ts";

const shownOnce = 30;

/** What was committed of a token's pool, the newest first. */
export function Epochs({ mint }: { readonly mint: string }) {
  const pages = usePages((after) =>
    transport.call(routes.listCommits, { query: { mint, limit: shownOnce, ...(after !== null && { after }) } }),
  );
  return (
    <section class="panel" id="epochs">
      <h2>{t("explore.epochs")}</h2>
      <LoadedView of={pages} empty={{ text: t("explore.noEpochs"), is: (items) => items.length === 0 }}>
        {(commits) => (
          <Table
            label={t("explore.epochs")}
            heads={[
              t("explore.epoch"),
              t("explore.state"),
              t("explore.signatures"),
              t("explore.committed"),
              t("explore.digest"),
            ]}
          >
            {commits.map(({ epoch, state, signatures, committedAtMs, digest }) => (
              <tr key={digest}>
                <th scope="row">{epoch}</th>
                <td>{t(`commit.${state}`)}</td>
                <td>{numberText(signatures.length)}</td>
                <td>
                  {committedAtMs === null ? (
                    "—"
                  ) : (
                    <time dateTime={new Date(committedAtMs).toISOString()}>{timeText(committedAtMs)}</time>
                  )}
                </td>
                <td>
                  <Link to={pathOfEpoch(digest)}>
                    <code title={digest}>{digest.slice(0, 12)}…</code>
                  </Link>
                </td>
              </tr>
            ))}
          </Table>
        )}
      </LoadedView>
      <More of={pages} />
    </section>
  );
}
