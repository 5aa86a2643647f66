import { linesOf } from "../../../../src/client/events.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import type { SlotReceipt } from "../../../../src/contract/receipts.ts";
import { resultMediaTypes } from "../../../../src/contract/results.ts";
import { routes } from "../../../../src/contract/routes.ts";
import { server, transport } from "../../connection.ts";
import { safeText } from "../../content/safe-text.ts";
import { numberText, t } from "../../i18n.ts";
import { remaining, sumOf } from "../../parts/amounts.ts";
import { Link } from "../../parts/link.tsx";
import { Money } from "../../parts/money.tsx";
import { OfToken } from "../../parts/tokens.tsx";
import { LoadedView } from "../parts/loaded-view.tsx";
import { More } from "../parts/more.tsx";
import { StatusBadge } from "../parts/status.tsx";
import { useLoad } from "../parts/use-load.ts";
import { type Page, usePages } from "../parts/use-pages.ts";
import { pathOfReceipt, pathOfRequester } from "../routes.ts";
import { Facts, Hash } from "./facts.tsx";

/** So many more at a time; all of them come in one file. */
const receiptsShown = 25;

/** One market, as anybody may know it: its money, its log, and the receipts that its numbers rest on. */
export function OneMarket({ id }: { readonly id: string }) {
  const found = useLoad(() => transport.call(routes.getMarket, { params: { market: id } }), [id]);
  return (
    <div class="wide">
      <header class="heading">
        <div class="heading-text">
          <h1 tabIndex={-1} dir="auto">
            {found.value === null ? t("explore.market") : safeText(found.value.title, 80)}
          </h1>
          <p class="faint">
            <Link to="/explorer">{t("explore.title")}</Link>
          </p>
        </div>
      </header>
      <LoadedView of={found}>
        {(market) => (
          <OfToken token={market.token}>
            <Books market={market} />
            <Log market={market} />
          </OfToken>
        )}
      </LoadedView>
      <Receipts key={id} market={id} />
    </div>
  );
}

/** Where each part of the deposits is: what is not named is set aside. */
function Books({ market: { id, owner, token, account, status, escrow } }: { readonly market: Market }) {
  const { deposited, earned, bonus, fee, free, refunded } = escrow;
  const amounts = [
    ["chain.deposited", deposited],
    ["explore.earned", earned],
    ["explore.bonus", bonus],
    ["explore.fees", fee],
    ["explore.setAside", remaining(deposited, sumOf([earned, bonus, fee, free, refunded]))],
    ["explore.escrow", free],
    ["chain.refunded", refunded],
  ] as const;
  return (
    <section class="panel" id="books">
      <header class="panel-header">
        <h2>{t("explore.market")}</h2>
        <StatusBadge status={status} />
      </header>
      <Facts
        rows={[
          [t("explore.market"), <Hash key="id" text={id} to={`/v1/markets/${id}`} />],
          [
            t("explore.requester"),
            <Link key="owner" to={pathOfRequester(owner)}>
              <Hash text={owner} />
            </Link>,
          ],
          [t("explore.mint"), <Hash key="mint" text={token.mint} />],
          [t("explore.account"), <Hash key="account" text={account} />],
          ...amounts.map(([name, amount]) => [t(name), <Money key={name} amount={amount} />] as const),
        ]}
      />
    </section>
  );
}

const Log = ({ market: { id, lanes, taskCount, answers, specHash } }: { readonly market: Market }) => (
  <section class="panel" id="log">
    <h2>{t("explore.log")}</h2>
    <Facts
      rows={[
        [t("live.tasks"), numberText(taskCount)],
        [t("live.answers"), numberText(answers)],
        [t("explore.spec"), <Hash key="spec" text={specHash} />],
        ...lanes.map(
          ({ lane, sequence, head }) =>
            [
              t("explore.entries", { count: numberText(sequence) }),
              <Hash key={lane} text={head} to={`/v1/markets/${id}/log?lane=${lane}`} />,
            ] as const,
        ),
      ]}
    />
  </section>
);

function Receipts({ market }: { readonly market: string }) {
  const pages = usePages((after) => receiptsBehind(market, after));
  return (
    <section class="panel" id="receipts">
      <h2>{t("explore.receipts")}</h2>
      <LoadedView of={pages} empty={{ text: t("explore.noReceipts"), is: (slots) => slots.length === 0 }}>
        {(slots) => (
          <>
            <p class="faint">{t("explore.receiptsText")}</p>
            <ul class="chips">
              {slots.map((slot) => (
                <li key={slot}>
                  <Link to={pathOfReceipt(market, slot)}>
                    <code>{slot}</code>
                  </Link>
                </li>
              ))}
            </ul>
            <More of={pages} />
            <p>
              <a href={`/v1/markets/${market}/receipts`} download={`${market}.receipts.jsonl`}>
                {t("explore.allReceipts")}
              </a>
            </p>
          </>
        )}
      </LoadedView>
    </section>
  );
}

/** The stream is left as soon as there is enough of it: at the first that the page has no room for. */
async function receiptsBehind(market: string, after: string | null): Promise<Page<string>> {
  const response = await transport.send(routes.listSlotReceipts, {
    params: { market },
    query: after === null ? {} : { after },
    accept: resultMediaTypes.jsonl,
  });
  const slots: string[] = [];
  for await (const line of linesOf(response, server)) {
    if (slots.length === receiptsShown) return { items: slots, next: slots.at(-1) ?? null };
    slots.push((JSON.parse(line) as SlotReceipt).slot);
  }
  return { items: slots, next: null };
}
