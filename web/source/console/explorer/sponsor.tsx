import type { Sponsorship } from "../../../../src/contract/reputation-routes.ts";
import { routes } from "../../../../src/contract/routes.ts";
import { transport } from "../../connection.ts";
import { numberText, t } from "../../i18n.ts";
import { LoadedView } from "../parts/loaded-view.tsx";
import { Meter } from "../parts/meter.tsx";
import { useLoad } from "../parts/use-load.ts";

/** What the operator pays for others, and how much of it is left. */
export function Sponsor() {
  const sponsorship = useLoad(() => transport.call(routes.getSponsorship), []);
  return (
    <section class="panel" id="sponsor">
      <h2>{t("explore.sponsor")}</h2>
      <p class="faint">{t("explore.sponsorText")}</p>
      <LoadedView of={sponsorship}>{(found) => <Spent {...found} />}</LoadedView>
    </section>
  );
}

const lamportsPerSol = 1e9;

function Spent({ lamports, lamportsMax, today, perDayMax }: Sponsorship) {
  const sol = (text: string): string => numberText(Number(text) / lamportsPerSol, 4);
  return (
    <>
      <Meter label={t("explore.sponsor")} value={Number(lamports)} max={Number(lamportsMax)} />
      <p>{t("explore.spentSol", { spent: sol(lamports), max: sol(lamportsMax) })}</p>
      <p class="faint">{t("explore.todayAccounts", { today: numberText(today), max: numberText(perDayMax) })}</p>
    </>
  );
}
