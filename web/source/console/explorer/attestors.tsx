import type { Commit } from "../../../../src/contract/commits.ts";
import type { Network } from "../../../../src/contract/network.ts";
import { numberText, t, timeText } from "../../i18n.ts";
import { verify } from "../../keys/wallet.ts";
import { Link } from "../../parts/link.tsx";
import { shortKey } from "../../screens/work-header.tsx";
import { LoadedView } from "../parts/loaded-view.tsx";
import { Table } from "../parts/table.tsx";
import { useLoad } from "../parts/use-load.ts";
import { pathOfEpoch } from "../routes.ts";
import { type Attestation, attestationsOf } from "./attestations.ts";

interface AttestorsProps {
  readonly network: Network;
  readonly commits: readonly Commit[];
}

/** Who replays every verdict, what each signed last, and whether they agree: each signature is checked in this page. */
export function Attestors({ network, commits }: AttestorsProps) {
  const found = useLoad(() => attestationsOf(network, commits, verify), [commits]);
  const { threshold, keys } = network.attestors;
  return (
    <>
      <header class="panel-header">
        <h2>{t("explore.attestors")}</h2>
        {found.value !== null && <Agreement attestations={found.value} threshold={threshold} />}
      </header>
      <p class="faint">
        {t("explore.threshold", { threshold: numberText(threshold), count: numberText(keys.length) })}{" "}
        {t("explore.ownSignatures")}
      </p>
      <LoadedView of={found}>
        {(value) => (
          <Table
            label={t("explore.attestors")}
            heads={[t("explore.attestor"), t("explore.signed"), t("explore.lastSigned"), t("explore.refused")]}
          >
            {value.map((each) => (
              <Row key={each.key} attestation={each} commits={commits.length} />
            ))}
          </Table>
        )}
      </LoadedView>
    </>
  );
}

interface AgreementProps {
  readonly attestations: readonly Attestation[];
  readonly threshold: number;
}

/** They agree where nobody contradicts what as many signed as money waits for. */
function Agreement({ attestations, threshold }: AgreementProps) {
  const spoke = attestations.filter(({ last, refusals, forged }) => last !== null || refusals.length > 0 || forged > 0);
  if (spoke.length === 0) return null;
  const isOne = spoke.every(({ agrees, refusals, forged }) => agrees && refusals.length === 0 && forged === 0);
  const look = isOne ? (spoke.length >= threshold ? "paid" : "waiting") : "refused";
  return <span class={`badge badge-${look}`}>{t(isOne ? "explore.agree" : "explore.differ")}</span>;
}

interface RowProps {
  readonly attestation: Attestation;
  readonly commits: number;
}

function Row({ attestation: { key, signed, last, agrees, refusals, forged }, commits }: RowProps) {
  return (
    <tr>
      <th scope="row">
        <code title={key}>{shortKey(key)}</code>
      </th>
      <td>
        {numberText(signed.length)} / {numberText(commits)}
        {forged > 0 && <span class="badge badge-refused">{t("explore.notTheirs", { count: numberText(forged) })}</span>}
      </td>
      <td>
        {last === null ? (
          "—"
        ) : (
          <>
            {t("explore.epoch")} {`${last.epoch}`}{" "}
            <Link to={pathOfEpoch(last.digest)}>
              <code title={last.digest}>{last.digest.slice(0, 12)}…</code>
            </Link>{" "}
            <time class="faint" dateTime={new Date(last.asOfMs).toISOString()}>
              {timeText(last.asOfMs)}
            </time>{" "}
            {!agrees && <span class="badge badge-refused">{t("explore.differ")}</span>}
          </>
        )}
      </td>
      <td>{refusals.length === 0 ? "—" : refusals.map(({ epoch, code }) => `${epoch}: ${code}`).join(", ")}</td>
    </tr>
  );
}
