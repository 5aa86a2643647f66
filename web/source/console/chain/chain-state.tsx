import { EarnestConnectionError } from "../../../../src/client/errors.ts";
import { isEarnestError } from "../../../../src/core/errors.ts";
import { t } from "../../i18n.ts";
import { Loading, Problem } from "../../parts/problem.tsx";
import { WithCode } from "../parts/with-code.tsx";
import type { UsedChain } from "./use-chain.ts";

/** Why there is nothing of the chain's to see yet, and what can be done about it; nothing once it was read. */
export function ChainState({ chain, ask }: UsedChain) {
  switch (chain.state) {
    case "read":
      return null;
    case "asking":
      return <Loading />;
    case "unnamed":
      return <Aside text={t("chain.unnamed")} />;
    case "elsewhere":
      return <Aside text={t("chain.elsewhere", { host: chain.host })} />;
    case "unasked":
      return (
        <>
          <p class="faint">{t("chain.unasked", { host: chain.host })}</p>
          <button type="button" class="button" onClick={ask}>
            {t("chain.ask", { host: chain.host })}
          </button>
        </>
      );
    case "failed":
      return <Failed host={chain.host} error={chain.error} onRetry={ask} />;
  }
}

const Aside = ({ text }: { readonly text: string }) => (
  <p class="faint">
    <WithCode text={text} />
  </p>
);

interface FailedProps {
  readonly host: string;
  readonly error: unknown;
  readonly onRetry: () => void;
}

function Failed({ host, error, onRetry }: FailedProps) {
  if (error instanceof EarnestConnectionError || !isEarnestError(error))
    return <Problem error={error} onRetry={onRetry} />;
  const { code } = error;
  const key =
    code === "CHAIN_UNAVAILABLE" ? "chain.away" : code === "CLUSTER_MISMATCH" ? "chain.otherCluster" : "chain.notThere";
  return (
    <section class="notice notice-problem" role="alert">
      <p>{t(key, { host })}</p>
      <p class="faint">
        <span lang="en">{error.message}</span> <code>{code}</code>
      </p>
      <button type="button" class="button" onClick={onRetry}>
        {t("common.retry")}
      </button>
    </section>
  );
}
