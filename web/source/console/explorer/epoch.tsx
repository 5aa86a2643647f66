import { sha256 } from "../../../../src/client/sha256.ts";
import type { Commit } from "../../../../src/contract/commits.ts";
import type { Network } from "../../../../src/contract/network.ts";
import { routes } from "../../../../src/contract/routes.ts";
import type { Token } from "../../../../src/contract/tokens.ts";
import { formatAmount } from "../../../../src/core/amount.ts";
import { equalBytes, fromBase64, toBase58, toHex, zero32 } from "../../../../src/core/bytes.ts";
import { type CommitMessage, decodeCommit } from "../../../../src/core/commit/commit-message.ts";
import { network, transport } from "../../connection.ts";
import { numberText, t, timeText } from "../../i18n.ts";
import { Link } from "../../parts/link.tsx";
import { Money } from "../../parts/money.tsx";
import { OfToken } from "../../parts/tokens.tsx";
import { LoadedView } from "../parts/loaded-view.tsx";
import { useLoad } from "../parts/use-load.ts";
import { pathOfEpoch } from "../routes.ts";
import { Attestors } from "./attestors.tsx";
import { Facts, Hash } from "./facts.tsx";

interface Found {
  readonly commit: Commit;
  readonly message: CommitMessage;
  /** As the pool of the message has it; the home pool's where the network no longer names that one. */
  readonly network: Network;
  readonly token: Pick<Token, "mint" | "symbol" | "decimals">;
  readonly isWhole: boolean;
}

/** What was committed once: the message as it was signed, read and hashed in this page, and who signed it. */
export function Epoch({ digest }: { readonly digest: string }) {
  const found = useLoad(() => read(digest), [digest]);
  return (
    <div class="wide">
      <header class="heading">
        <div class="heading-text">
          <h1 tabIndex={-1}>
            {t("explore.epoch")} {found.value?.commit.epoch}
          </h1>
          <p class="faint">
            <Link to="/explorer">{t("explore.title")}</Link>
          </p>
        </div>
      </header>
      <LoadedView of={found}>
        {(value) => (
          <OfToken token={value.token}>
            <Message {...value} />
            <section class="panel" id="attestors">
              <Attestors network={value.network} commits={[value.commit]} />
            </section>
          </OfToken>
        )}
      </LoadedView>
    </div>
  );
}

async function read(digest: string): Promise<Found> {
  const [known, commit] = await Promise.all([network(), transport.call(routes.getCommit, { params: { digest } })]);
  const bytes = fromBase64(commit.message);
  const message = decodeCommit(bytes);
  const pool = toBase58(message.context.pool);
  const token = known.tokens.find((each) => each.pool === pool) ?? { ...known, symbol: null };
  return { commit, message, network: { ...known, pool }, token, isWhole: toHex(sha256(bytes)) === digest };
}

function Message({ commit: { digest, state, leafFile, committedAtMs }, message, token, isWhole }: Found) {
  const { body, context } = message;
  const before = toHex(context.previousDigest);
  const asOfMs = Number(body.asOf) * 1_000;
  return (
    <section class="panel" id="message">
      <header class="panel-header">
        <h2>{t("explore.message")}</h2>
        <span class={`badge badge-${isWhole ? "paid" : "refused"}`}>
          {t(isWhole ? "explore.whole" : "explore.altered")}
        </span>
      </header>
      <Facts
        rows={[
          [t("explore.state"), t(`commit.${state}`)],
          [t("explore.committed"), committedAtMs === null ? "—" : timeText(committedAtMs)],
          [t("explore.asOf"), timeText(asOfMs)],
          [t("explore.digest"), <Hash key="digest" text={digest} to={`/v1/commits/${digest}`} />],
          [
            t("explore.previous"),
            equalBytes(context.previousDigest, zero32) ? (
              "—"
            ) : (
              <Link key="before" to={pathOfEpoch(before)}>
                <Hash text={before} />
              </Link>
            ),
          ],
          [t("explore.allocated"), <Money key="allocated" amount={formatAmount(body.allocated, token.decimals)} />],
          [t("explore.payoutRoot"), <Hash key="payouts" text={toHex(body.payoutRoot)} />],
          [t("explore.paidPeople"), numberText(Number(body.leafCount))],
          [t("explore.marketRoot"), <Hash key="markets" text={toHex(body.marketRoot)} />],
          [t("explore.logRoot"), <Hash key="logs" text={toHex(body.logRoot)} />],
          [
            t("explore.leafFile"),
            <Hash
              key="leaves"
              text={toHex(body.leafFileHash)}
              {...(leafFile && { to: `/v1/commits/${digest}/leaves`, download: `${digest}.leaves` })}
            />,
          ],
        ]}
      />
    </section>
  );
}
