import { routes } from "../../../../src/contract/routes.ts";
import { transport } from "../../connection.ts";
import { t } from "../../i18n.ts";
import { Loading, Problem } from "../../parts/problem.tsx";
import { later } from "../../widgets/later.tsx";
import { useLoad } from "../parts/use-load.ts";

const map = later(async () => (await import("./map.tsx")).PlacesMap);

/** The map's code comes where there is something to draw. */
export function Places() {
  const { value, problem, reload } = useLoad(() => transport.call(routes.listPlaces), []);
  return (
    <section class="panel" id="places">
      <h2>{t("explore.places")}</h2>
      {problem !== null && <Problem error={problem} onRetry={reload} />}
      {value === null && problem === null && <Loading />}
      {value?.items.length === 0 && <p class="faint">{t("explore.noPlaces")}</p>}
      {value !== null && value.items.length > 0 && <map.View cells={value.items} />}
    </section>
  );
}
