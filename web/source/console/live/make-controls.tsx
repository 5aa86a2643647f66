import { useState } from "preact/hooks";
import type { Earnest } from "../../../../src/client/earnest.ts";
import { randomId } from "../../../../src/client/random-id.ts";
import type { ItemDetail } from "../../../../src/contract/items.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import type { Task } from "../../../../src/contract/tasks.ts";
import { watched } from "../../connection.ts";
import { ContentView } from "../../content/content-view.tsx";
import { shownOf } from "../../content/parts.ts";
import { safeText } from "../../content/safe-text.ts";
import { numberText, t } from "../../i18n.ts";
import { Problem } from "../../parts/problem.tsx";
import { Sheet } from "../../parts/sheet.tsx";
import { useTask } from "../../parts/task.ts";
import { saidOf } from "../../widgets/said.ts";
import { LoadedView } from "../parts/loaded-view.tsx";
import { useLoad } from "../parts/use-load.ts";
import { percent } from "../units.ts";
import { answeredBy, controlOf } from "./controls.ts";

interface MakeControlsProps {
  readonly client: Earnest;
  readonly market: Market;
  readonly tasks: readonly number[];
  readonly onClose: () => void;
  readonly onMade: () => void;
}

type Settled = readonly [item: ItemDetail, task: Task];

/** Settled tasks with what they settled on, to be looked at once more: what is left chosen becomes control tasks. */
export function MakeControls({ client, market, tasks, onClose, onMade }: MakeControlsProps) {
  const found = useLoad(
    () =>
      Promise.all(
        tasks.map(
          async (task): Promise<Settled> =>
            await Promise.all([client.markets.item(market.id, task), client.markets.task(market.id, task)]),
        ),
      ),
    [],
  );
  return (
    <Sheet title={t("live.makeControls")} onClose={onClose}>
      <p>{t("live.makeControlsText")}</p>
      <LoadedView of={found}>
        {(settled) => <Choice client={client} market={market} settled={settled} onMade={onMade} />}
      </LoadedView>
    </Sheet>
  );
}

interface ChoiceProps extends Pick<MakeControlsProps, "client" | "market" | "onMade"> {
  readonly settled: readonly Settled[];
}

function Choice({ client, market, settled, onMade }: ChoiceProps) {
  // What machines alone said is left out: their mistakes would become what people are measured by.
  const fit = settled.filter(([item]) => answeredBy(item).people > 0);
  const [confirmed, setConfirmed] = useState<ReadonlySet<number>>(new Set());
  const [key] = useState(randomId);
  const task = useTask();
  const chosen = fit.filter(([{ task: number }]) => confirmed.has(number));
  const make = async (): Promise<void> => {
    const controls = chosen.map(([item, each]) => controlOf(market, item, each));
    await watched(client.markets.addTasks(market.id, controls, { idempotencyKey: key }));
    onMade();
  };
  return (
    <>
      {fit.length < settled.length && (
        <p class="faint">{t("live.machinesOnly", { count: numberText(settled.length - fit.length) })}</p>
      )}
      <ul class="slots">
        {fit.map(([item, each]) => (
          <li key={item.task}>
            <Confirm
              market={market}
              item={item}
              task={each}
              isChosen={confirmed.has(item.task)}
              onToggle={() => setConfirmed(toggled(confirmed, item.task))}
            />
          </li>
        ))}
      </ul>
      {task.problem !== null && <Problem error={task.problem} />}
      <button
        type="button"
        class="button button-main"
        disabled={task.isBusy || chosen.length === 0}
        onClick={() => task.run(make)}
      >
        {t("live.makeSoMany", { count: numberText(chosen.length) })}
      </button>
    </>
  );
}

interface ConfirmProps {
  readonly market: Market;
  readonly item: ItemDetail;
  readonly task: Task;
  readonly isChosen: boolean;
  readonly onToggle: () => void;
}

function Confirm({ market, item, task, isChosen, onToggle }: ConfirmProps) {
  const { people, machines } = answeredBy(item);
  const shown = shownOf(task.content, market.template.parameters);
  return (
    <article class="slot">
      {shown.question !== null && <p dir="auto">{safeText(shown.question, 500)}</p>}
      <ContentView parts={shown.parts} />
      <p class="faint">
        {t("live.saidBy", { people: numberText(people), machines: numberText(machines) })}{" "}
        <span class="badge">{percent(item.confidence ?? 0)}</span>
      </p>
      <label class="switch">
        <input type="checkbox" checked={isChosen} onChange={onToggle} />
        <span dir="auto">{t("live.isRight", { label: saidOf(item.label), id: safeText(item.id, 60) })}</span>
      </label>
    </article>
  );
}

export function toggled<Value>(all: ReadonlySet<Value>, one: Value): ReadonlySet<Value> {
  const changed = new Set(all);
  if (!changed.delete(one)) changed.add(one);
  return changed;
}
