import { routes } from "../../../../src/contract/routes.ts";
import { transport } from "../../connection.ts";
import { t } from "../../i18n.ts";
import { later } from "../../widgets/later.tsx";
import { LoadedView } from "../parts/loaded-view.tsx";
import { useLoad } from "../parts/use-load.ts";

const map = later(async () => (await import("./map.tsx")).PlacesMap);

/** The map's code comes where there is something to draw. */
export function Places() {
  const places = useLoad(() => transport.call(routes.listPlaces), []);
  return (
    <section class="panel" id="places">
      <h2>{t("explore.places")}</h2>
      <LoadedView of={places} empty={{ text: t("explore.noPlaces"), is: ({ items }) => items.length === 0 }}>
        {({ items }) => <map.View cells={items} />}
      </LoadedView>
    </section>
  );
}
