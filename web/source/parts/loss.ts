import { me } from "../connection.ts";
import { amountText, t } from "../i18n.ts";
import { keptWallet } from "../keys/wallet.ts";
import { useStore } from "../store.ts";
import { isZero } from "./amounts.ts";
import { homeName } from "./tokens.tsx";

/** What would be gone with the key that is in this browser; null where nothing would. */
export function useLoss(): string | null {
  const kept = useStore(keptWallet);
  const account = useStore(me);
  if (kept === null || kept.app !== undefined || kept.saved !== undefined) return null;
  if (account === null) return t("restore.lossUnknown");
  const { released, held } = account.balance;
  if (isZero(released) && isZero(held)) return null;
  return t("restore.loss", { amount: amountText(released), token: homeName() });
}
