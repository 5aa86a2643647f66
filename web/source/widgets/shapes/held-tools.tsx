import { t } from "../../i18n.ts";
import {
  type Change,
  finish,
  heldAt,
  isBuilding,
  letGo,
  nextVertex,
  remove,
  removeVertex,
  replace,
  splitVertex,
  type Table,
  verticesMaxOf,
} from "./marking.ts";
import { frameOf, isOpen, isPolygon, type Mark } from "./marks.ts";
import { Measures } from "./measures.tsx";

interface HeldToolsProps {
  readonly table: Table;
  readonly mark: Mark;
  readonly onChange: (change: Change) => void;
}

/** What can be done with the mark in hand, without pointing at it. */
export function HeldTools({ table, mark, onChange }: HeldToolsProps) {
  const { schema, hand } = table;
  const at = heldAt(table);
  if (isBuilding(table)) {
    return (
      <div class="reach">
        <button type="button" class="button" disabled={isOpen(mark)} onClick={() => onChange(finish(table))}>
          {t("shapes.close")}
        </button>
        <button type="button" class="button-text" onClick={() => at !== null && onChange(remove(table, at))}>
          {t("marks.remove")}
        </button>
      </div>
    );
  }
  return (
    <div class="reach">
      <Measures
        mark={mark}
        picked={hand.picked}
        frame={frameOf(schema)}
        isInPixels={schema.frame !== null && schema.frame !== undefined}
        onSet={(next) => onChange(replace(table, next))}
      />
      {isPolygon(mark) && (
        <button type="button" class="button" onClick={() => onChange(nextVertex(table))}>
          {t("shapes.nextVertex")}
        </button>
      )}
      {isPolygon(mark) && hand.picked !== null && (
        <>
          <button
            type="button"
            class="button"
            disabled={mark.points.length >= verticesMaxOf(schema)}
            onClick={() => onChange(splitVertex(table))}
          >
            {t("shapes.addVertex")}
          </button>
          <button
            type="button"
            class="button"
            disabled={mark.points.length <= 3}
            onClick={() => onChange(removeVertex(table))}
          >
            {t("shapes.removeVertex")}
          </button>
        </>
      )}
      <button type="button" class="button-text" onClick={() => at !== null && onChange(remove(table, at))}>
        {t("marks.remove")}
      </button>
      <button type="button" class="button-text" onClick={() => onChange(letGo)}>
        {t("marks.letGo")}
      </button>
    </div>
  );
}
