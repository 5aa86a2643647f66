import { useState } from "preact/hooks";
import type { Network } from "../../../../src/contract/network.ts";
import { routes } from "../../../../src/contract/routes.ts";
import type { Token } from "../../../../src/contract/tokens.ts";
import { network, transport } from "../../connection.ts";
import { t } from "../../i18n.ts";
import { nameOfToken, OfToken } from "../../parts/tokens.tsx";
import { shortKey } from "../../screens/work-header.tsx";
import { ChainPanel } from "../chain/chain-panel.tsx";
import { useChain } from "../chain/use-chain.ts";
import { LoadedView } from "../parts/loaded-view.tsx";
import { useLoad } from "../parts/use-load.ts";
import { Attestors } from "./attestors.tsx";
import { CheckReceipt } from "./check-receipt.tsx";
import { Epochs } from "./epochs.tsx";
import { Markets } from "./markets.tsx";
import { NetworkPanel } from "./network.tsx";
import { Places } from "./places.tsx";
import { ReputationPanel } from "./reputation.tsx";
import { Requesters } from "./requesters.tsx";
import { Solvency, Totals } from "./solvency.tsx";
import { Sponsor } from "./sponsor.tsx";

/** The newest commits: what attestors agree on, and what the chain should have. */
const commitsShown = 30;

/**
 * What stands behind the numbers, for anybody: no account, nothing that only its operator could see. Each part is read
 * by itself, so that one that fails leaves the others.
 */
export function Explorer() {
  const known = useLoad(network, []);
  const [mint, setMint] = useState<string | null>(null);
  return (
    <div class="wide">
      <header class="heading">
        <div class="heading-text">
          <h1 tabIndex={-1}>{t("explore.title")}</h1>
          <p class="faint">{t("explore.text")}</p>
        </div>
      </header>
      <LoadedView of={known}>
        {(found) => {
          const token = found.tokens.find((each) => each.mint === mint) ?? found.tokens[0];
          return (
            <>
              {found.tokens.length > 1 && token !== undefined && (
                <Tokens network={found} shown={token} onShow={setMint} />
              )}
              {token !== undefined && (
                <OfToken key={token.mint} token={token}>
                  <Pool network={{ ...found, ...ofPool(token) }} />
                </OfToken>
              )}
            </>
          );
        }}
      </LoadedView>
      <CheckReceipt />
      <Sponsor />
      <Markets />
      <Requesters />
      <ReputationPanel />
      <Places />
    </div>
  );
}

/** The network as one of its tokens has it. */
const ofPool = ({ mint, decimals, canFreeze, pool, vault }: Token) => ({ mint, decimals, canFreeze, pool, vault });

interface TokensProps {
  readonly network: Network;
  readonly shown: Token;
  readonly onShow: (mint: string) => void;
}

/** Each token has a pool of its own: amounts of several add up to nothing. */
const Tokens = ({ network: known, shown, onShow }: TokensProps) => (
  <label class="field" id="tokens">
    <span>{t("explore.pool")}</span>
    <select value={shown.mint} onChange={({ currentTarget }) => onShow(currentTarget.value)}>
      {known.tokens.map((token) => (
        <option key={token.mint} value={token.mint}>
          {nameOfToken(token, known)} · {shortKey(token.mint)}
        </option>
      ))}
    </select>
  </label>
);

/** One pool: its money, what the chain says of it, and who signs for it. */
function Pool({ network: known }: { readonly network: Network }) {
  const { mint } = known;
  const used = useChain(async () => known);
  const money = useLoad(
    () =>
      Promise.all([
        transport.call(routes.getTotals, { query: { mint } }),
        transport.call(routes.getSolvency, { query: { mint } }),
      ]),
    [],
  );
  const commits = useLoad(() => transport.call(routes.listCommits, { query: { mint, limit: commitsShown } }), []);
  return (
    <>
      <LoadedView of={money}>
        {([totals, solvency]) => (
          <>
            <Totals totals={totals} />
            <Solvency solvency={solvency} totals={totals} chain={used.chain} />
          </>
        )}
      </LoadedView>
      <ChainPanel used={used} commits={commits.value?.items ?? null} />
      <section class="panel" id="attestors">
        {commits.value === null && <h2>{t("explore.attestors")}</h2>}
        <LoadedView of={commits}>{({ items }) => <Attestors network={known} commits={items} />}</LoadedView>
      </section>
      <Epochs mint={mint} />
      <NetworkPanel network={known} />
    </>
  );
}
