import { routes } from "../../../../src/contract/routes.ts";
import { transport } from "../../connection.ts";
import { t } from "../../i18n.ts";
import { later } from "../../widgets/later.tsx";
import { LoadedView } from "../parts/loaded-view.tsx";
import { usePages } from "../parts/use-pages.ts";
import type { Cells } from "./merged-cells.ts";

const map = later(async () => (await import("./map.tsx")).PlacesMap);

/** Markets that are looked at for one page. */
const marketsOnce = 100;

/** The map's code comes where there is something to draw. */
export function Places() {
  const pages = usePages(async (after) => {
    const query = { limit: marketsOnce, ...(after !== null && { after }) };
    const { next, ...cells } = await transport.call(routes.listPlaces, { query });
    return { items: [cells], next };
  });
  const { more, isBusy } = pages;
  return (
    <section class="panel" id="places">
      <h2>{t("explore.places")}</h2>
      <LoadedView
        of={pages}
        empty={{ text: t(more === null ? "explore.noPlaces" : "explore.noPlacesYet"), is: isBare }}
      >
        {(read) => <map.View pages={read} />}
      </LoadedView>
      {more !== null && (
        <>
          <p class="faint">{t("explore.placesFurther")}</p>
          <button type="button" class="button" id="further-places" disabled={isBusy} onClick={more}>
            {t("explore.readFurther")}
          </button>
        </>
      )}
    </section>
  );
}

const isBare = (pages: readonly Cells[]): boolean => pages.every(({ items }) => items.length === 0);
