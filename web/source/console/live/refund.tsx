import { useEffect, useState } from "preact/hooks";
import type { Earnest } from "../../../../src/client/earnest.ts";
import type { Signer } from "../../../../src/client/keys.ts";
import type { Market } from "../../../../src/contract/markets.ts";
import { toBase58 } from "../../../../src/core/bytes.ts";
import { watched } from "../../connection.ts";
import { t, timeText } from "../../i18n.ts";
import { Money } from "../../parts/money.tsx";
import { Problem } from "../../parts/problem.tsx";
import { useTask } from "../../parts/task.ts";
import { shortKey } from "../../screens/work-header.tsx";
import { walletSigner } from "../account.ts";

/** This browser's wallet, where the market's refund goes to it; null where it goes to another. */
async function walletOf({ refundTo }: Market): Promise<Signer | null> {
  const wallet = await walletSigner().catch(() => null);
  return wallet !== null && toBase58(wallet.publicKey) === refundTo ? wallet : null;
}

/** Ends it for good; on chain as well where this browser's wallet may, so that the refund comes. */
export async function endMarket({ markets }: Earnest, market: Market): Promise<Market> {
  const wallet = await walletOf(market);
  return await (wallet === null ? markets.close(market.id) : markets.closeAndRefund(market.id, wallet));
}

type OnChain = "ended" | "open" | "elsewhere";

interface RefundProps {
  readonly client: Earnest;
  readonly market: Market;
  readonly onChange: (market: Market) => void;
}

/** Where what nobody earned goes, when, and what is still to be done for it. */
export function Refund({ client, market, onChange }: RefundProps) {
  const { id, status, closesAtMs, escrow, refundTo } = market;
  const [onChain, setOnChain] = useState<OnChain | null>(null);
  const task = useTask();
  useEffect(() => {
    // What is ended stays so.
    if (closesAtMs === null || onChain === "ended") return;
    const look = async (): Promise<OnChain> => {
      if (await client.markets.isEndedOnChain(id)) return "ended";
      return (await walletOf(market)) === null ? "elsewhere" : "open";
    };
    // Where nobody knows, nothing is said.
    watched(look()).then(setOnChain, () => setOnChain(null));
  }, [market]);
  if (closesAtMs === null) return null;
  const isOver = status === "closed";
  return (
    <section class="notice" id="refund">
      <p>
        {isOver ? t("live.refunded") : t("live.refundFrom", { time: timeText(closesAtMs) })}{" "}
        <Money amount={isOver ? escrow.refunded : escrow.free} />{" "}
        <code title={refundTo} dir="ltr">
          {shortKey(refundTo)}
        </code>
      </p>
      {onChain === "ended" && <p role="status">{t("live.refundAsked")}</p>}
      {onChain === "elsewhere" && <p>{t("live.refundElsewhere")}</p>}
      {onChain === "open" && (
        <button
          type="button"
          class="button"
          disabled={task.isBusy}
          onClick={() =>
            task.run(async () => {
              onChange(await watched(endMarket(client, market)));
              setOnChain("ended");
            })
          }
        >
          {t("live.refundGet")}
        </button>
      )}
      {task.problem !== null && <Problem error={task.problem} />}
    </section>
  );
}
