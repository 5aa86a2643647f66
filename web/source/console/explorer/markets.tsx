import type { Market } from "../../../../src/contract/markets.ts";
import { routes } from "../../../../src/contract/routes.ts";
import { transport } from "../../connection.ts";
import { safeText } from "../../content/safe-text.ts";
import { numberText, t } from "../../i18n.ts";
import { Link } from "../../parts/link.tsx";
import { Money } from "../../parts/money.tsx";
import { OfToken } from "../../parts/tokens.tsx";
import { shortKey } from "../../screens/work-header.tsx";
import { LoadedView } from "../parts/loaded-view.tsx";
import { More } from "../parts/more.tsx";
import { StatusBadge } from "../parts/status.tsx";
import { Table } from "../parts/table.tsx";
import { usePages } from "../parts/use-pages.ts";
import { pathOfOneMarket, pathOfRequester } from "../routes.ts";
import { percent } from "../units.ts";

const shownOnce = 25;

interface MarketsProps {
  /** Whose; everybody's where left out. */
  readonly owner?: string;
}

/** Markets, the newest first. */
export function Markets({ owner }: MarketsProps) {
  const pages = usePages((after) =>
    transport.call(routes.listMarkets, { query: { owner, limit: shownOnce, ...(after !== null && { after }) } }),
  );
  return (
    <section class="panel" id="markets">
      <h2>{t("explore.markets")}</h2>
      <LoadedView of={pages} empty={{ text: t("explore.noMarkets"), is: (items) => items.length === 0 }}>
        {(items) => (
          <Table
            label={t("explore.markets")}
            heads={[
              t("explore.market"),
              ...(owner === undefined ? [t("explore.requester")] : []),
              t("live.answers"),
              t("explore.rejections"),
              t("explore.earned"),
              t("explore.escrow"),
            ]}
          >
            {items.map((market) => (
              <OfToken key={market.id} token={market.token}>
                <Row market={market} isOwnerTold={owner === undefined} />
              </OfToken>
            ))}
          </Table>
        )}
      </LoadedView>
      <More of={pages} />
    </section>
  );
}

interface RowProps {
  readonly market: Market;
  readonly isOwnerTold: boolean;
}

const Row = ({ market: { id, title, owner, answers, rejected, escrow, status }, isOwnerTold }: RowProps) => (
  <tr>
    <th scope="row">
      <Link to={pathOfOneMarket(id)} dir="auto">
        {safeText(title, 80)}
      </Link>{" "}
      <StatusBadge status={status} />
    </th>
    {isOwnerTold && (
      <td>
        <Link to={pathOfRequester(owner)}>
          <code title={owner}>{shortKey(owner)}</code>
        </Link>
      </td>
    )}
    <td>{numberText(answers)}</td>
    <td>{rejected === null ? "—" : percent(rejected)}</td>
    <td>
      <Money amount={escrow.earned} />
    </td>
    <td>
      <Money amount={escrow.free} />
    </td>
  </tr>
);
