import { useState } from "preact/hooks";
import { isPicture } from "../../content/parts.ts";
import { numberText, t } from "../../i18n.ts";
import type { WidgetProps } from "../draft.ts";
import { colourOf, LabelBar } from "../label-bar.tsx";
import { MarkFoot, MarkList } from "../mark-list.tsx";
import { optionText } from "../options.tsx";
import type { Vertex } from "../rows.ts";
import { useSteps } from "../steps.ts";
import { useWidgetKeys } from "../widget-keys.ts";
import { HeldTools } from "./held-tools.tsx";
import {
  arrow,
  type Change,
  drag,
  emptyHand,
  erase,
  finish,
  type Hand,
  heldAt,
  heldMark,
  hold,
  isBuilding,
  isFull,
  isPlacing,
  letGo,
  marksMaxOf,
  nextVertex,
  pick,
  pull,
  remove,
  replace,
  shownMarks,
  space,
  type Table,
  tap,
} from "./marking.ts";
import { frameOf, isPolygon, type Mark, marksOf } from "./marks.ts";
import { Overlay } from "./overlay.tsx";
import { Stage } from "./stage.tsx";

/**
 * Boxes and areas on a picture. By dragging, or by setting corners one after the other: with taps, or with arrow keys
 * and Space. What is in hand can be moved, pulled at its corners, given another label, or measured in numbers.
 */
export function Shapes(props: WidgetProps) {
  const { schema, labels: names, draft, onChange, question, subject } = props;
  const labels = schema.labels ?? [];
  const steps = useSteps(draft, onChange);
  const [hand, setHand] = useState<Hand>(emptyHand);
  const [label, setLabel] = useState(labels[0] ?? "");
  const table: Table = { schema, marks: marksOf(schema, draft), label, hand };
  const said = saidOf(table, names);
  const { marks } = table;
  const [at, mark] = [heldAt(table), heldMark(table)];
  const change = ({ marks: next, hand: changed }: Change): void => {
    if (changed !== undefined) setHand({ ...hand, ...changed });
    if (next !== undefined) steps.change(next.length === 0 ? undefined : (next as never));
  };
  const take = (which: number): void => {
    setLabel(marks[which]?.label ?? label);
    change(hold(which));
  };
  const pickLabel = (name: string): void => {
    setLabel(name);
    if (mark !== undefined) change(replace(table, { ...mark, label: name }));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const moved = arrow(table, event);
    if (moved !== null) change(moved);
    else if (event.key === " ") change(space(table));
    else if (event.key.toLowerCase() === "v" && !event.ctrlKey) change(nextVertex(table));
    else return;
    event.preventDefault();
  };
  useWidgetKeys((event) => {
    if (steps.takes(event)) return true;
    const { key, ctrlKey } = event;
    const name = /^[1-9]$/.test(key) && !ctrlKey ? labels[Number(key) - 1] : undefined;
    if (name !== undefined) pickLabel(name);
    else if (key === "Enter" && !ctrlKey && isBuilding(table)) change(finish(table));
    else if (key === "Escape") change(finish(table));
    else if ((key === "Delete" || key === "Backspace") && at !== null) change(erase(table));
    else return false;
    return true;
  });

  if (subject === null || !isPicture(subject)) return <p class="notice">{t("content.broken")}</p>;
  const frame = frameOf(schema);
  const isAreas = schema.type === "polygons";
  return (
    <fieldset class="shapes">
      <legend class="hidden">{question}</legend>
      <p class="faint" id="shapes-how">
        {t(isAreas ? "shapes.howAreas" : "shapes.howBoxes")}{" "}
        <span class="by-keyboard">{t(isAreas ? "shapes.keysAreas" : "shapes.keysBoxes")}</span>
      </p>
      <LabelBar labels={labels} names={names} current={mark?.label ?? label} onPick={pickLabel} />
      <Stage
        part={subject}
        frame={frame}
        onTap={(place, reach) => change(tap(table, place, reach))}
        onDrag={(from, to, isDone) => change(drag(table, from, to, isDone))}
        onKeyDown={onKeyDown}
      >
        <Overlay
          frame={frame}
          marks={shownMarks(table)}
          colourOf={(each) => colourOf(labels, each.label)}
          nameOf={(each) => optionText(names, each.label)}
          held={at}
          picked={hand.picked}
          cursor={isPlacing(table) ? hand.cursor : null}
          corner={hand.corner}
          onPull={(grip, by, isDone) => change(pull(table, grip, by, isDone))}
          onPick={(vertex) => change(pick(table, vertex))}
        />
      </Stage>
      {mark !== undefined && <HeldTools table={table} mark={mark} onChange={change} />}
      <MarkList
        rows={marks.map((each, i) => ({
          key: String(i),
          colour: colourOf(labels, each.label),
          name: optionText(names, each.label),
          detail: detailOf(schema, each),
          isHeld: i === at,
          onHold: () => (i === at ? change(letGo) : take(i)),
          onRemove: () => change(remove(table, i)),
        }))}
      />
      <MarkFoot
        isNone={Array.isArray(draft) && draft.length === 0}
        isSome={marks.length > 0}
        onNone={(isNone) => steps.change(isNone ? [] : undefined)}
        steps={steps}
      />
      {isFull(table) && <p class="faint">{t("marks.full", { count: marksMaxOf(schema) })}</p>}
      <p class="hidden" role="status">
        {said}
      </p>
    </fieldset>
  );
}

type Schema = WidgetProps["schema"];

/** In pixels where the task counts in pixels, else in hundredths of the picture. */
const measured = (schema: Schema, value: number, side: number): string =>
  schema.frame ? numberText(value) : numberText((value / side) * 100, 1);

function detailOf(schema: Schema, mark: Mark): string {
  if (isPolygon(mark)) return t("shapes.corners", { count: mark.points.length });
  const { width, height } = frameOf(schema);
  const unit = schema.frame ? "px" : "%";
  return `${measured(schema, mark.width, width)} × ${measured(schema, mark.height, height)} ${unit}`;
}

function placeSaid(schema: Schema, [x, y]: Vertex): string {
  const { width, height } = frameOf(schema);
  return t("shapes.place", { x: measured(schema, x, width), y: measured(schema, y, height) });
}

/** What has just become true, for whoever does not see it. */
function saidOf(table: Table, names: WidgetProps["labels"]): string {
  const { schema, hand } = table;
  const mark = heldMark(table);
  if (hand.corner !== null) return `${t("shapes.corner")} ${placeSaid(schema, hand.cursor ?? hand.corner)}`;
  if (mark === undefined || (isBuilding(table) && hand.cursor !== null))
    return hand.cursor === null ? "" : placeSaid(schema, hand.cursor);
  const called = `${optionText(names, mark.label)}: ${detailOf(schema, mark)}.`;
  if (!isPolygon(mark)) return `${called} ${placeSaid(schema, [mark.x, mark.y])}`;
  const vertex = hand.picked === null ? undefined : mark.points[hand.picked];
  if (hand.picked === null || vertex === undefined) return called;
  return `${t("shapes.vertex", { number: hand.picked + 1 })} ${placeSaid(schema, vertex)}`;
}
