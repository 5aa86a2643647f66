import { useEffect, useState } from "preact/hooks";
import type { Earnest } from "../../../../src/client/earnest.ts";
import type { Item } from "../../../../src/contract/items.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import { watched } from "../../connection.ts";
import { safeText } from "../../content/safe-text.ts";
import { numberText, t } from "../../i18n.ts";
import { Link } from "../../parts/link.tsx";
import { Loading, Problem } from "../../parts/problem.tsx";
import { saidOf } from "../../widgets/said.ts";
import { Table } from "../parts/table.tsx";
import { pathOfItem } from "../routes.ts";
import { percent } from "../units.ts";
import { isSure, takesControls } from "./controls.ts";
import { MakeControls, toggled } from "./make-controls.tsx";

interface ItemsProps {
  readonly client: Earnest;
  readonly market: Market;
  readonly beat: number;
}

const shownOnce = 50;
/** Each is looked at once more before it becomes a control task. */
const chosenMax = 20;

/** Tasks with what came of them; the disputed first, as these are the ones worth a look. */
export function ItemsTab({ client, market, beat }: ItemsProps) {
  const [isDisputed, setDisputed] = useState(false);
  const [items, setItems] = useState<readonly Item[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [isMaking, setMaking] = useState(false);
  const pages = client.markets.items(market.id, { limit: shownOnce, ...(isDisputed && { only: "disputed" as const }) });
  const read = (after: string | null): void => {
    watched(pages.page(after)).then(
      (page) => {
        setProblem(null);
        setItems((now) => [...(after === null ? [] : (now ?? [])), ...page.items]);
        setNext(page.next);
      },
      (error: unknown) => setProblem(error),
    );
  };
  useEffect(() => {
    setItems(null);
    read(null);
  }, [market.id, isDisputed]);
  // What is on the screen is read again while it is short: whoever has gone further down would lose their place.
  useEffect(() => {
    if (beat < 2 || (items?.length ?? 0) > shownOnce) return;
    const timer = setTimeout(() => read(null), 800);
    return () => clearTimeout(timer);
  }, [beat]);
  const mayChoose = takesControls(market) && items?.some((item) => isSure(market, item)) === true;
  return (
    <section class="panel">
      <header class="panel-header">
        <h2>{t("live.items")}</h2>
        <label class="switch">
          <input
            type="checkbox"
            checked={isDisputed}
            onChange={({ currentTarget }) => setDisputed(currentTarget.checked)}
          />
          <span>{t("live.disputedOnly")}</span>
        </label>
      </header>
      {problem !== null && <Problem error={problem} onRetry={() => read(null)} />}
      {items === null && problem === null && <Loading />}
      {items?.length === 0 && <p class="faint">{t(isDisputed ? "live.noDisputed" : "live.noItems")}</p>}
      {items !== null && items.length > 0 && (
        <Table
          label={t("live.items")}
          heads={[
            t("live.item"),
            t("live.label"),
            t("live.confidence"),
            t("live.answers"),
            ...(mayChoose ? [t("live.control")] : []),
          ]}
        >
          {items.map((item) => (
            <tr key={item.task}>
              <th scope="row">
                <Link to={pathOfItem(market.id, item.task)} dir="auto">
                  {safeText(item.id, 60)}
                </Link>
                {item.control && <span class="badge">{t("live.control")}</span>}
              </th>
              <td dir="auto">{item.decided === null ? "—" : saidOf(item.label)}</td>
              <td>
                {item.confidence === null ? "—" : percent(item.confidence)}
                {item.decided === false && <span class="badge badge-waiting">{t("live.disputed")}</span>}
              </td>
              <td>{numberText(item.answers)}</td>
              {mayChoose && (
                <td>
                  {isSure(market, item) && (
                    <label class="switch">
                      <input
                        type="checkbox"
                        checked={chosen.has(item.task)}
                        disabled={chosen.size >= chosenMax && !chosen.has(item.task)}
                        onChange={() => setChosen(toggled(chosen, item.task))}
                      />
                      <span class="hidden">{t("live.chooseControl", { id: safeText(item.id, 60) })}</span>
                    </label>
                  )}
                </td>
              )}
            </tr>
          ))}
        </Table>
      )}
      {mayChoose && <p class="faint">{t("live.controlsHint", { max: numberText(chosenMax) })}</p>}
      {chosen.size > 0 && (
        <button type="button" class="button" id="make-controls" onClick={() => setMaking(true)}>
          {t("live.makeControls")} ({numberText(chosen.size)})
        </button>
      )}
      {isMaking && (
        <MakeControls
          client={client}
          market={market}
          tasks={[...chosen].toSorted((a, b) => a - b)}
          onClose={() => setMaking(false)}
          onMade={() => {
            setMaking(false);
            setChosen(new Set());
          }}
        />
      )}
      {next !== null && (
        <button type="button" class="button" onClick={() => read(next)}>
          {t("earnings.more")}
        </button>
      )}
    </section>
  );
}
