import { useState } from "preact/hooks";
import type { SignedReputation } from "../../../../src/contract/reputation-routes.ts";
import { routes } from "../../../../src/contract/routes.ts";
import { bytes32, fromBase58, fromBase64 } from "../../../../src/core/bytes.ts";
import { reputationStatement } from "../../../../src/core/reputation.ts";
import { transport, watched } from "../../connection.ts";
import { numberText, t, timeText } from "../../i18n.ts";
import { verify } from "../../keys/wallet.ts";
import { saveAs } from "../../parts/download.ts";
import { Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import { shortKey } from "../../screens/work-header.tsx";

interface Shown {
  readonly signed: SignedReputation;
  readonly isGenuine: boolean;
}

/** What a network says of a contributor, this one or another: the signature is checked in this page. */
export function ReputationPanel() {
  const [typed, setTyped] = useState("");
  const [shown, setShown] = useState<Shown | null>(null);
  const task = useTask();
  const look = async (): Promise<void> => {
    const text = typed.trim();
    const signed = text.startsWith("{")
      ? (JSON.parse(text) as SignedReputation)
      : await watched(transport.call(routes.getReputation, { params: { contributor: text } }));
    setShown({ signed, isGenuine: await isSigned(signed) });
  };
  return (
    <section class="panel" id="reputation">
      <h2>{t("explore.reputation")}</h2>
      <p class="faint">{t("explore.reputationText")}</p>
      <form
        class="field-line"
        onSubmit={(event) => {
          event.preventDefault();
          setShown(null);
          task.run(look);
        }}
      >
        <input
          class="input input-address"
          dir="ltr"
          spellcheck={false}
          aria-label={t("explore.reputationOf")}
          placeholder={t("explore.reputationOf")}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <button type="submit" class="button" disabled={task.isBusy || typed.trim() === ""}>
          {t("explore.check")}
        </button>
      </form>
      {task.problem !== null && <Problem error={task.problem} />}
      {shown !== null && <Statement {...shown} />}
    </section>
  );
}

async function isSigned({ reputation, signer, signature }: SignedReputation): Promise<boolean> {
  const key = bytes32(fromBase58(signer));
  return await verify(key, reputationStatement(reputation), fromBase64(signature));
}

function Statement({ signed, isGenuine }: Shown) {
  const { reputation, signer } = signed;
  const { contributor, markets, accepted, rejected, asOfMs } = reputation;
  return (
    <>
      <p>
        <span class={`badge ${isGenuine ? "badge-paid" : "badge-refused"}`}>
          {isGenuine ? t("explore.genuine", { signer: shortKey(signer) }) : t("explore.forged")}
        </span>
      </p>
      <dl class="facts">
        <dt>{t("live.contributor")}</dt>
        <dd>
          <code class="hash">{contributor}</code>
        </dd>
        <dt>{t("explore.markets")}</dt>
        <dd>{numberText(markets)}</dd>
        <dt>{t("chart.accepted")}</dt>
        <dd>{numberText(accepted)}</dd>
        <dt>{t("live.rejected")}</dt>
        <dd>{numberText(rejected)}</dd>
        <dt>{t("dev.time")}</dt>
        <dd>
          <time dateTime={new Date(asOfMs).toISOString()}>{timeText(asOfMs)}</time>
        </dd>
      </dl>
      {isGenuine && (
        <button
          type="button"
          class="button"
          onClick={() =>
            saveAs(`reputation-${contributor.slice(0, 8)}.json`, JSON.stringify(signed), "application/json")
          }
        >
          {t("explore.saveStatement")}
        </button>
      )}
    </>
  );
}
